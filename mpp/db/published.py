"""Knows what headquarters has published to all stalls and writes it into each log, whole or as what has changed.

Refuses to know whether it makes sense (`layanan.published`) and who may publish.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layanan import published as rules
from layanan.permohonan import Kind
from layanan.service import Catalogue, Tables, built, catalogue, released, released_tables
from layanan.sla import Calendar, national_calendar
from mpp.db.down import append, locked_stall
from mpp.db.models import DownEntry, Published, Stall, StallEntry
from sync.entry import Entry, spelled_time

ROOM = 11_000
"""Bytes of rows in one entry: with everything around them it stays below 16 KB."""
_BEGINNING = (0, 0)


def publish_catalogue(session: Session, tables: Tables, now: datetime) -> tuple[Catalogue, int]:
    """Publish a catalogue to every stall; return it and how many stalls were told.

    Raises Refused("catalogue_nonsense"): nothing was written then.
    """
    book = rules.sound_catalogue(tables)
    _add(session, Kind.CATALOGUE, book.version, rules.spelled(tables), now)
    return book, _tell_all(session, now)


def publish_holidays(session: Session, fields: Mapping[str, Any], now: datetime) -> int:
    """Publish the days off of whole years; return how many stalls were told. Raises Refused("holidays_nonsense")."""
    rules.decreed(national_calendar(), fields)
    _add(session, Kind.HOLIDAYS, None, _spelled(fields), now)
    return _tell_all(session, now)


def publish_settings(session: Session, values: Mapping[str, str], now: datetime) -> int:
    """Publish settings of `layanan.published.SETTINGS`; return how many stalls were told."""
    _add(session, Kind.CONFIG, None, _spelled({"values": dict(values)}), now)
    return _tell_all(session, now)


def tell(session: Session, stall: Stall, now: datetime) -> int:
    """Append to the log of a stall whose row is locked what was published and not yet said there; return how much."""
    said = _said(session, stall.id)
    number = 0
    for row in _wanted(session):
        if (row.number, row.version) not in {(one.get("number"), one.get("version")) for one in said}:
            for fields in _entries(session, row, said):
                append(session, stall, Kind(row.kind), fields, record=None, read=_BEGINNING, operator="", now=now)
                number += 1
    return number


def newest_number(session: Session) -> int:
    """Return the number of what was published last, 0 when nothing was."""
    return session.scalar(select(func.max(Published.number))) or 0


def tables_in_force(session: Session) -> Tables:
    """Return the tables of the catalogue in force."""
    row = _newest(session, Kind.CATALOGUE)
    if row is None:
        return released_tables()
    tables: Tables = json.loads(row.body)
    return tables


def in_force(session: Session) -> tuple[Catalogue | None, Calendar | None]:
    """Return the catalogue and the calendar that were published; None where the release's are in force."""
    row, calendar = _newest(session, Kind.CATALOGUE), national_calendar()
    for one in _rows(session, Kind.HOLIDAYS):
        calendar = rules.decreed(calendar, json.loads(one.body))
    book = built(json.loads(row.body), row.version) if row else None
    return book, calendar if calendar != national_calendar() else None


def catalogue_of(session: Session, record_id: str) -> Catalogue:
    """Return the catalogue a request was made under; the one in force when that one is not known here."""
    accepted = (StallEntry.record_id == record_id) & (StallEntry.kind == str(Kind.ACCEPTED))
    raw = session.scalar(select(StallEntry.raw).where(accepted).order_by(StallEntry.id).limit(1))
    version = Entry.decode(raw).catalogue if raw else ""
    if version in (released().version, catalogue().version):
        return released() if version == released().version else catalogue()
    known = select(Published).where(Published.version == version, Published.kind == str(Kind.CATALOGUE)).limit(1)
    row = session.scalars(known).first()
    return built(json.loads(row.body), version) if row else catalogue()


def holidays(days: list[date]) -> dict[str, Any]:
    """Return the fields of a HOLIDAYS entry: these days are all days off of their years."""
    return {"years": sorted({day.year for day in days}), "off": sorted({day.isoformat() for day in days})}


def _add(session: Session, kind: Kind, version: str | None, body: str, now: datetime) -> None:
    named = version or sha256(body.encode()).hexdigest()[:16]
    number = newest_number(session) + 1
    session.add(Published(number=number, kind=str(kind), version=named, body=body, at=spelled_time(now)))
    session.flush()


def _tell_all(session: Session, now: datetime) -> int:
    stalls = session.scalars(select(Stall.id).order_by(Stall.id)).all()
    return sum(bool(tell(session, locked_stall(session, stall), now)) for stall in stalls)


def _wanted(session: Session) -> list[Published]:
    """Of catalogues the newest alone; of the rest all, in order: a later one speaks of other years or settings."""
    newest = _newest(session, Kind.CATALOGUE)
    others = [row for kind in (Kind.HOLIDAYS, Kind.CONFIG) for row in _rows(session, kind)]
    return sorted([*others, *([newest] if newest else [])], key=lambda row: row.number)


def _rows(session: Session, kind: Kind) -> list[Published]:
    return list(session.scalars(select(Published).where(Published.kind == str(kind)).order_by(Published.number)))


def _newest(session: Session, kind: Kind) -> Published | None:
    return next(reversed(_rows(session, kind)), None)


def _said(session: Session, stall: str) -> list[Mapping[str, Any]]:
    """What a stall's log says of anything published, oldest first."""
    kinds = [str(kind) for kind in (Kind.CATALOGUE, Kind.HOLIDAYS, Kind.CONFIG)]
    found = select(DownEntry.raw).where(
        DownEntry.stall == stall, DownEntry.record_id.is_(None), DownEntry.kind.in_(kinds)
    )
    return [Entry.decode(raw).fields for raw in session.scalars(found.order_by(DownEntry.seq))]


def _entries(session: Session, row: Published, said: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    named = {"number": row.number, "version": row.version}
    if row.kind != Kind.CATALOGUE:
        yield {**json.loads(row.body), **named}
        return
    tables = json.loads(row.body)
    last = next((str(one["version"]) for one in reversed(said) if "parts" in one), "")
    former = session.scalars(select(Published).where(Published.version == last).limit(1)).first()
    base = json.loads(former.body) if former else {}
    parts = list(_parts(rules.changed(base, tables)))
    for place, part in enumerate(parts, 1):
        yield {**named, "base": last if former else "", "part": place, "parts": len(parts), **part}


def _parts(delta: Mapping[str, list[Mapping[str, str]]]) -> Iterator[dict[str, list[Mapping[str, str]]]]:
    """The rows in portions that fit into entries; one portion even when nothing has changed."""
    part: dict[str, list[Mapping[str, str]]] = {}
    room = ROOM
    for name, rows in delta.items():
        for row in rows:
            room -= len(rules.spelled_row(row))
            if part and room < 0:
                yield part
                part, room = {}, ROOM - len(rules.spelled_row(row))
            part.setdefault(name, []).append(row)
    yield part


def _spelled(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
