"""How a day, a time, an amount and an age are written for people. Knows no clock: `now` is given.

Days and ages speak the reader's language; numbers, times and money keep their Indonesian form in every one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from layanan.reading import ENGLISH, language
from web_base.tongue import _

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
    return str(format_date(day, "EEEE, d MMMM y" if weekday else "d MMMM y", locale=_locale()))


def tanggal_pendek(day: date) -> str:
    """`21 Nov 2026`."""
    return str(format_date(day, "d MMM y", locale=_locale()))


def month_name(month: int) -> str:
    """`November`, the name of a month alone."""
    return str(format_date(date(2000, month, 1), "LLLL", locale=_locale()))


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
        return _("belum pernah")
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 1:
        return _("baru saja")
    if minutes < 60:
        return _("%(count)s menit", count=minutes)
    if minutes < 48 * 60:
        return _("%(count)s jam", count=minutes // 60)
    return _("%(count)s hari", count=minutes // 1440)


def ago(age: timedelta) -> str:
    """`baru saja`, `5 menit lalu`."""
    return _("baru saja") if age < timedelta(minutes=1) else _("%(age)s lalu", age=relative_age(age))


def _locale() -> str:
    return "en_GB" if language() == ENGLISH else "id"


FILTERS: Mapping[str, Callable[..., str]] = {
    "tanggal": tanggal,
    "tanggal_pendek": tanggal_pendek,
    "jam": jam,
    "waktu": waktu,
    "rupiah": rupiah,
    "bilangan": bilangan,
    "relative_age": relative_age,
    "ago": ago,
}
