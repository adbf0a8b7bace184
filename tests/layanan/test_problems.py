"""The catalogue of problems: complete, spoken plainly, and safe to log."""

import string

import pytest

from layanan.problems import PROBLEMS, FormRefused, Refused
from layanan.tables import rows


def test_codes_are_unique():
    codes = [row["code"] for row in rows("problems")]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.code)
def test_every_problem_is_a_whole_sentence_in_both_languages_with_the_same_slots(problem):
    slots = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (problem.id, problem.en)]
    assert 400 <= problem.status <= 599
    assert problem.id.endswith((".", "?")) and problem.en.endswith((".", "?"))
    assert slots[1] <= slots[0]


def test_a_missing_slot_reads_as_an_ellipsis():
    assert Refused("text_too_long").sentence() == "Tulisan terlalu panjang. Paling banyak … huruf."


def test_an_unknown_code_fails_at_once():
    with pytest.raises(KeyError):
        Refused("no_such_problem")


def test_the_text_of_the_exception_is_codes_only():
    refused = FormRefused({"name": Refused("name_missing"), "nik": Refused("nik_length")})
    assert str(refused) == "name: name_missing, nik: nik_length"
    assert str(Refused("text_too_long", most=9)) == "text_too_long"
