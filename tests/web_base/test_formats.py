"""Days, times, amounts and ages as people of Indonesia write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from web_base.formats import bilangan, jam, relative_age, rupiah, tanggal, tanggal_pendek, waktu

MOMENT = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)


def test_days() -> None:
    assert tanggal(date(2026, 11, 21)) == "Sabtu, 21 November 2026"
    assert tanggal(date(2026, 8, 17), weekday=False) == "17 Agustus 2026"
    assert tanggal_pendek(date(2026, 11, 1)) == "1 Nov 2026"


def test_times_follow_the_zone_of_the_stall_across_midnight() -> None:
    assert waktu(MOMENT, "Asia/Jakarta") == "22 Nov 2026, 01.05 WIB"
    assert [jam(MOMENT, zone) for zone in ("Asia/Makassar", "Asia/Jayapura")] == ["02.05 WITA", "03.05 WIT"]
    with pytest.raises(ValueError, match="zone"):
        jam(MOMENT.replace(tzinfo=None))


def test_amounts() -> None:
    assert (rupiah(30000), rupiah(0), bilangan(1234567)) == ("Rp30.000", "Rp0", "1.234.567")


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (None, "belum pernah"),
        (timedelta(seconds=-4000), "baru saja"),
        (timedelta(seconds=59), "baru saja"),
        (timedelta(minutes=59), "59 menit"),
        (timedelta(hours=47), "47 jam"),
        (timedelta(days=3), "3 hari"),
    ],
)
def test_ages_never_turn_negative(age: timedelta | None, text: str) -> None:
    assert relative_age(age) == text
