"""The survey's index: exact ninths, the bands, and the trap of the printed weight."""

from decimal import Decimal

import pytest

from layanan.problems import Refused
from layanan.survei import added, index_of, index_of_totals, nothing, nrr, questions, read_answers, sample_size
from layanan.tables import rows
from tests.layanan.vectors import vectors


@pytest.mark.parametrize("case", vectors("skm_vectors"), ids=lambda case: case["case"])
def test_vectors(case):
    totals, respondents = [int(total) for total in case["totals_u1_u9"].split()], int(case["respondents"])
    exact = index_of_totals(totals, respondents)
    printed = index_of_totals(totals, respondents, weight=Decimal("0.11"))
    assert (exact.ikm, exact.grade) == (Decimal(case["ikm_exact_1_9"]), case["grade_exact"])
    assert (printed.ikm, printed.grade) == (Decimal(case["ikm_with_0_11"]), case["grade_with_0_11"])


def test_nine_questions_of_the_regulation_with_four_answers_each():
    assert [question.element for question in questions()] == [row["code"] for row in rows("skm_elements")]
    assert all(len(set(question.answers)) == 4 for question in questions())


def test_counts_add_up_and_give_the_same_index_as_their_totals():
    sheet = read_answers("444444444")
    counts = tuple(tuple(int(mark == given) for mark in range(1, 5)) for given in sheet)
    both = added(counts, counts)
    assert both[0] == (0, 0, 0, 2)
    assert (index_of(both).ikm, index_of(both).grade) == (Decimal("100.00"), "A")
    assert index_of(nothing()) is None


@pytest.mark.parametrize("text", ["", "44444444", "4444444445", "444444445", "44444444x", "٤44444444"])
def test_a_sheet_that_is_not_whole_is_refused(text):
    with pytest.raises(Refused, match="survey_incomplete"):
        read_answers(text)


@pytest.mark.parametrize(("population", "wanted"), [(0, 0), (7, 7), (10, 10), (11, 14), (100, 80), (10**7, 384)])
def test_how_many_should_answer_is_read_from_the_table_and_never_too_few(population, wanted):
    assert sample_size(population) == wanted


def test_the_mean_of_each_element_to_two_decimals():
    counts = ((0, 1, 0, 2), *nothing()[1:])
    assert nrr(counts)[0] == Decimal("3.33")
    assert nrr(nothing()) == ()
