"""The stall's series number: printed one way, typed in many."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import Refused
from layanan.series import read_series, series

DAY = date(2026, 11, 21)


def test_a_series_number_looks_like_this():
    assert series("GTG", DAY, 42) == "GTG-261121-0042"


@pytest.mark.parametrize("typed", ["GTG-261121-0042", "gtg 261121 42", " Gtg/261121/042 ", "GTG.261121.0042"])
def test_ways_to_type_it(typed):
    assert read_series(typed) == ("GTG", DAY, 42)


@pytest.mark.parametrize("typed", ["", "0042", "GTG-261321-0042", "GTG-٢٦١١٢١-0042", "GTG-261121-", "G-261121-0042"])
def test_what_is_none(typed):
    with pytest.raises(Refused) as refused:
        read_series(typed)
    assert refused.value.code == "series_invalid"


@given(
    st.from_regex(r"[A-Z0-9]{2,8}", fullmatch=True),
    st.dates(date(2026, 1, 1), date(2099, 12, 31)),
    st.integers(0, 10**9 - 1),
)
def test_what_is_printed_reads_back(label, on, number):
    assert read_series(series(label, on, number)) == (label, on, number)
