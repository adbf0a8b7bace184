"""Knows what headquarters may publish to its stalls (catalogue, holidays, settings) and what of it is nonsense.

Refuses to know how it travels. Both sides use the same rules, so what one publishes the other takes.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from layanan.problems import Refused
from layanan.service import Catalogue, OutpostRole, Tables, built
from layanan.sla import Calendar
from layanan.text import clean

KEYS: Mapping[str, str] = {"services": "code", "agencies": "code", "service_notes": "note"}
"""The tables of a catalogue and the column that names a row."""

SETTINGS: Mapping[str, int] = {
    "complaint": 120, "official_domain": 120, "phone": 40, "privacy_contact": 120, "hours": 80, "kuota": 20,
}  # fmt: skip
"""What headquarters may set at its stalls, with the most characters; everything else is for the stall alone."""

MOST_ROWS, MOST_IN_ROW, MOST_DAYS = 1_000, 6_000, 60
_CODE = re.compile(r"[A-Z]{2,6}-[0-9]{2,3}")
_PARTS = ("requirements", "name_id", "output_document")
Rows = Sequence[Mapping[str, str]]


def version_of(tables: Tables) -> str:
    """Return 16 hex digits of SHA-256 over the tables as canonical JSON."""
    return sha256(spelled(tables).encode()).hexdigest()[:16]


def spelled(tables: Tables) -> str:
    """Return the tables as canonical JSON."""
    whole = {name: [dict(row) for row in tables[name]] for name in KEYS}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sound_catalogue(tables: Tables) -> Catalogue:
    """Return the catalogue of tables that make sense. Raises Refused("catalogue_nonsense") naming the row."""
    try:
        for name, key in KEYS.items():
            _check_rows(name, key, tables[name])
        agencies = {row["code"] for row in tables["agencies"]}
        for row in tables["services"]:
            _check_service(row, agencies)
        book = built(tables, version_of(tables))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Refused("catalogue_nonsense", row=str(error)[:80]) from None
    if not book.services:
        raise Refused("catalogue_nonsense", row="services")
    return book


def changed(base: Tables, wanted: Tables) -> dict[str, Any]:
    """Return the rows that make `wanted` out of `base` when `merged`; `wanted` keeps the base's order."""
    delta: dict[str, Any] = {}
    for name, key in KEYS.items():
        known = {row[key]: dict(row) for row in base.get(name, ())}
        delta[name] = [dict(row) for row in wanted[name] if known.get(row[key]) != dict(row)]
    return delta


def merged(base: Tables, put: Mapping[str, Rows]) -> dict[str, list[Mapping[str, str]]]:
    """Return the base with rows replaced where they are known, and added at the end where they are not."""
    whole: dict[str, list[Mapping[str, str]]] = {}
    for name, key in KEYS.items():
        rows = {row[key]: row for row in base.get(name, ())} | {row[key]: row for row in put.get(name, ())}
        whole[name] = list(rows.values())
    return whole


def withdrawing(former: Tables, services: Rows) -> list[Mapping[str, str]]:
    """Return these services in the former's order, and those of the former that are offered no more, marked so."""
    wanted = {row["code"]: dict(row) for row in services}
    kept = [wanted.pop(row["code"], {**row, "withdrawn": "yes"}) for row in former["services"]]
    return [*kept, *wanted.values()]


def decreed(calendar: Calendar, fields: Mapping[str, Any]) -> Calendar:
    """Return the calendar with whole years anew. Raises Refused("holidays_nonsense")."""
    try:
        years = {int(year) for year in fields["years"]}
        off = [date.fromisoformat(str(day)) for day in fields["off"]]
    except (KeyError, TypeError, ValueError):
        raise Refused("holidays_nonsense") from None
    if not years or not all(2000 <= year <= 2200 for year in years) or not {day.year for day in off} <= years:
        raise Refused("holidays_nonsense")
    if any(not 1 <= sum(day.year == year for day in off) <= MOST_DAYS for year in years):
        raise Refused("holidays_nonsense")
    return calendar.decreed(years, off)


def allowed(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of the list that are text and fit; others are passed over, a newer stall may know them."""
    taken = {}
    for name, most in SETTINGS.items():
        value = fields.get(name)
        if isinstance(value, str):
            try:
                taken[name] = clean(value, max_length=most, field=name)
            except Refused:
                continue
    return taken


def _check_rows(name: str, key: str, rows: Rows) -> None:
    seen: set[str] = set()
    for row in rows:
        if any(not isinstance(value, str) for value in row.values()) or len(spelled_row(row)) > MOST_IN_ROW:
            raise Refused("catalogue_nonsense", row=str(row.get(key)))
        if not row[key] or row[key] in seen:
            raise Refused("catalogue_nonsense", row=row[key] or name)
        seen.add(row[key])
    if len(seen) > MOST_ROWS:
        raise Refused("catalogue_nonsense", row=name)


def _check_service(row: Mapping[str, str], agencies: Iterable[str]) -> None:
    fine = (
        _CODE.fullmatch(row["code"])
        and row["agency_code"] in agencies
        and row["outpost_role"] in list(OutpostRole)
        and all(row[name].strip() for name in _PARTS)
        and int(row["fee_idr"] or 0) >= 0
        and 0 <= int(row["sla_working_days"] or 0) <= 1_000
        and all(_is_text(value) for value in row.values())
    )
    if not fine:
        raise Refused("catalogue_nonsense", row=row["code"])


def _is_text(value: str) -> bool:
    try:
        return clean(value, max_length=MOST_IN_ROW, field="") == value.strip()
    except Refused:
        return False


def spelled_row(row: Mapping[str, str]) -> bytes:
    """Return a row as it stands in an entry."""
    return json.dumps(dict(row), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
