"""The tracking code: every single slip and every swap of neighbours is caught."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import Refused
from layanan.tracking import ALPHABET, new_code, read_code, same_signs, spoken

codes = st.binary(min_size=7, max_size=16).map(new_code)


def _is_refused(text: str) -> bool:
    try:
        read_code(text)
    except Refused as refused:
        return refused.code == "code_invalid"
    return False


@pytest.mark.parametrize(
    "random_bytes, code", [(b"\0" * 7, "000000000000"), (b"\xff" * 7, "ZZZZZZZZZZZ5"), (b"Genteng", "8XJPWX35DSK3")]
)
def test_known_codes(random_bytes, code):
    assert new_code(random_bytes) == code == read_code(code)


@given(codes)
def test_a_code_has_twelve_signs_and_reads_back_as_it_is_spoken(code):
    assert len(code) == 12 and set(code) <= set(ALPHABET)
    for typed in (code, spoken(code), code.lower(), " ".join(code), spoken(code).replace("-", " . ")):
        assert read_code(typed) == code
    assert read_code(code.replace("1", "l").replace("0", "o")) == code
    assert read_code(code.replace("1", "I").replace("0", "O")) == code


@given(codes)
def test_the_text_of_a_receipt_holds_its_code(code):
    assert read_code(f"https://pasar.example/c#{code}.01ab.3.261121.c2lnbmF0dXJl") == code
    assert read_code(f"{code}.01ab.3.261121.c2lnbmF0dXJl") == code


@given(codes, st.integers(0, 11), st.integers(1, 31))
def test_one_wrong_sign_is_caught(code, place, shift):
    wrong = ALPHABET[(ALPHABET.index(code[place]) + shift) % 32]
    assert _is_refused(code[:place] + wrong + code[place + 1 :])


@given(codes, st.integers(0, 10))
def test_swapped_neighbours_are_caught(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or _is_refused(swapped)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_or_holds_a_code(text):
    assert _is_refused(text) or len(read_code(text)) == 12


@pytest.mark.parametrize("text", ["", "U" * 12, "K7M2", "https://pasar.example/c", "0" * 5000, "０" * 12])
def test_no_code(text):
    assert _is_refused(text)


def test_too_little_randomness_is_a_fault_of_the_program():
    with pytest.raises(ValueError):
        new_code(b"short")


@pytest.mark.parametrize(
    ("heard", "same"),
    [("4QX9", True), (" 4 q x-9", True), ("4QX8", False), ("4QX", False), ("", False), ("4QX99", False)],
)
def test_a_group_read_back_is_compared_by_its_signs(heard, same):
    assert same_signs(heard, "4QX9") is same
    assert same_signs("io1l", "1011")
