"""The family card number: like a NIK in form, unlike it in meaning."""

from datetime import date

from layanan.kk import read_kk
from layanan.nik import Severity

TODAY = date(2026, 11, 21)


def test_a_card_number_tells_region_and_date_of_the_card():
    reading = read_kk("3510 0912 0516 9916", on=TODAY)
    assert (reading.severity, reading.card_date) == (Severity.OK, date(2016, 5, 12))
    assert (reading.province, reading.regency, reading.district) == ("Jawa Timur", "Kabupaten Banyuwangi", "Genteng")


def test_a_card_has_no_forty_days_more():
    reading = read_kk("3510095205169916", on=TODAY)
    assert [finding.code for finding in reading.findings] == ["DATE_IMPOSSIBLE"]


def test_the_same_number_as_the_nik_warns():
    reading = read_kk("3510091708959901", on=TODAY, nik="3510.0917.0895.9901")
    assert ("EQUALS_NIK", Severity.WARN) in reading.findings


def test_what_is_no_number_is_blocked():
    assert (read_kk("kartu", on=TODAY).kk, read_kk("kartu", on=TODAY).severity) == ("", Severity.BLOCK)
