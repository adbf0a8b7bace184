"""Which text may be stored: everything people write, nothing that breaks a database or deceives an eye."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import Refused
from layanan.text import clean, one_line


def _code(text: str, most: int = 100) -> str:
    with pytest.raises(Refused) as refused:
        clean(text, max_length=most, field="notes")
    assert text not in str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("text", ["Siti", "X", "👩‍🌾 Siti", "Ñandú", "سيتي أمينة", "\u200eSiti\u200f", "صفر"])
def test_names_of_this_world_stay_as_they_are(text):
    assert clean(text, max_length=100, field="name") == text


def test_line_ends_tabs_and_composition_become_one_form():
    assert clean("  a\r\nb\rc\td e\u0301 ", max_length=100, field="notes") == "a\nb\nc d é"


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\x85", "\ud800", "\u2028", "\u202e", "\u2066", "\u202a"])
def test_what_breaks_or_deceives_is_refused(sign):
    assert _code(f"Si{sign}ti") == "text_invalid"


@pytest.mark.parametrize("text", ["a" * 101, "a" * 10_000, "e\u0301" * 101])
def test_too_long_is_refused_with_the_limit(text):
    assert _code(text) == "text_too_long"


def test_letters_are_counted_after_composition():
    assert clean("e\u0301" * 100, max_length=100, field="name") == "é" * 100


def test_one_line_folds_blanks_and_refuses_a_second_line():
    assert one_line(" Siti \u00a0 Aminah\t", max_length=100, field="name") == "Siti Aminah"
    with pytest.raises(Refused) as refused:
        one_line("Siti\r\nAminah", max_length=100, field="name")
    assert refused.value.code == "text_line_break"


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_what_passes_is_stable_and_can_be_stored(text):
    try:
        kept = clean(text, max_length=50, field="notes")
    except Refused:
        return
    assert kept.encode("utf-8").decode("utf-8") == kept == clean(kept, max_length=50, field="notes")
    assert "\0" not in kept and len(kept) <= 50 and unicodedata.is_normalized("NFC", kept)
