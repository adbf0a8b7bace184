"""What a NIK says, and that nothing anyone types makes the reading fail."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.nik import NikReading, Severity, masked_nik, read_nik
from tests.layanan.vectors import vectors

TODAY = date(2026, 11, 21)


def _declared(extra: str) -> dict[str, object]:
    name, _, value = extra.partition("=")
    readers = {"declared_dob": date.fromisoformat, "adult_required": lambda text: text == "True", "declared_sex": str}
    return {name: readers[name](value)} if name else {}


def _codes(reading: NikReading) -> str:
    return ";".join(finding.code for finding in reading.findings)


@pytest.mark.parametrize("row", vectors("nik_vectors"), ids=lambda row: row["why"])
def test_vector(row):
    reading = read_nik(row["nik"], on=TODAY, **_declared(row["input_extra"]))
    assert (reading.severity, _codes(reading)) == (row["severity"], row["codes"])
    assert (reading.severity in (Severity.OK, Severity.INFO)) == (row["valid"] == "yes")
    told = (reading.birth_date, reading.birth_date_alt, reading.sex)
    assert [str(value or "") for value in told] == [row["birth_date"], row["birth_date_alt"], row["sex"]]
    place = (reading.province, reading.regency, reading.district)
    assert [name or "" for name in place] == [row["province"], row["regency"], row["district"]]


@pytest.mark.parametrize(
    "typed, code",
    [
        ("", "NON_DIGIT"),
        ("351009170895990", "LENGTH"),
        ("35100917089599011", "LENGTH"),
        ("351009170895990O", "NON_DIGIT"),
        ("3510091708950000", "SERIAL_ZERO"),
        ("0000000000000000", "ALL_SAME"),
    ],
)
def test_what_is_wrong_has_a_name(typed, code):
    assert code in _codes(read_nik(typed, on=TODAY))


def test_a_blocked_number_says_nothing_more():
    assert read_nik("3510", on=TODAY) == NikReading("", read_nik("3510", on=TODAY).findings)


def test_another_birth_date_than_both_readings_warns():
    reading = read_nik("3510091708959901", on=TODAY, declared_dob=date(1995, 8, 18))
    assert _codes(reading) == "DOB_MISMATCH"


def test_29_february_exists_only_in_the_century_that_has_it():
    reading = read_nik("3510092902009901", on=TODAY)
    assert (reading.birth_date, reading.birth_date_alt) == (date(2000, 2, 29), None)


def test_seventeen_today_is_grown_up_and_tomorrow_is_not():
    assert _codes(read_nik("3510092111099901", on=TODAY, adult_required=True)) == ""
    assert "UNDER_17" in _codes(read_nik("3510092211099901", on=TODAY, adult_required=True))


def test_masked_shows_eight_of_sixteen():
    assert masked_nik("3510091708959901") == "3510********9901"


@given(st.text(max_size=40))
def test_any_text_gets_a_verdict(text):
    reading = read_nik(text, on=TODAY, adult_required=True)
    assert bool(reading.nik) == (reading.severity is not Severity.BLOCK)


@given(st.from_regex(r"[0-9]{16}", fullmatch=True), st.dates(date(2004, 1, 1), date(2099, 12, 31)))
def test_a_birth_date_is_never_in_the_future_and_keeps_its_digits(nik, on):
    born = read_nik(nik, on=on).birth_date
    day = int(nik[6:8]) - (40 if int(nik[6:8]) > 40 else 0)
    assert born is None or (born <= on and (born.day, born.month, born.year % 100) == (day, *_month_year(nik)))


def _month_year(nik: str) -> tuple[int, int]:
    return int(nik[8:10]), int(nik[10:12])
