"""How a day, a time, an amount and an age are written for people, in Indonesian. Knows no clock: `now` is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

# Babel has no short names for the zones of Indonesia.
ZONE_NAMES = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}


def tanggal(day: date, *, weekday: bool = True) -> str:
    """`Sabtu, 21 November 2026`; without the name of the day when `weekday` is False."""
    return str(format_date(day, "EEEE, d MMMM y" if weekday else "d MMMM y", locale="id"))


def tanggal_pendek(day: date) -> str:
    """`21 Nov 2026`."""
    return str(format_date(day, "d MMM y", locale="id"))


def jam(moment: datetime, zone: str = "Asia/Jakarta") -> str:
    """`14.05 WIB`: the local time of an aware moment. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return f"{moment.astimezone(ZoneInfo(zone)):%H.%M} {ZONE_NAMES.get(zone, zone)}"


def waktu(moment: datetime, zone: str = "Asia/Jakarta") -> str:
    """`21 Nov 2026, 14.05 WIB`."""
    return f"{tanggal_pendek(moment.astimezone(ZoneInfo(zone)).date())}, {jam(moment, zone)}"


def rupiah(amount: int) -> str:
    """`Rp30.000`; whole rupiah only."""
    return f"Rp{format_decimal(amount, '#,##0', locale='id')}"


def bilangan(number: int) -> str:
    """`1.234.567`."""
    return str(format_decimal(number, "#,##0", locale="id"))


def data_size(size: float) -> str:
    """`640 KB`, `1,2 MB`: bytes as a data plan counts them, in thousands."""
    if size < 1_000_000:
        return f"{bilangan(round(size / 1_000))} KB"
    return f"{format_decimal(size / 1_000_000, '#,##0.#', locale='id')} MB"


def relative_age(age: timedelta | None) -> str:
    """`baru saja`, `5 menit`, `3 jam`, `2 hari`; `belum pernah` for None. A clock set back never gives minus."""
    if age is None:
        return "belum pernah"
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 1:
        return "baru saja"
    if minutes < 60:
        return f"{minutes} menit"
    return f"{minutes // 60} jam" if minutes < 48 * 60 else f"{minutes // 1440} hari"


FILTERS: Mapping[str, Callable[..., str]] = {
    "tanggal": tanggal,
    "tanggal_pendek": tanggal_pendek,
    "jam": jam,
    "waktu": waktu,
    "rupiah": rupiah,
    "bilangan": bilangan,
    "relative_age": relative_age,
}
