"""Knows what a day at the stall came to, record by record beside what headquarters has signed for; refuses any name.

A sheet is counted from rows while the day is open, and kept as it was when the day was closed (*tutup hari*).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Index, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from layanan.permohonan import Kind
from offline_db import antrean, berkas
from offline_db.base import Base, db, writing
from offline_db.models import EntryRow, OutboxRow, PermohonanRow, RefusalRow, run, table
from offline_db.receipt_lost import found_on
from offline_db.visits import visits
from sync.entry import Entry, read_time, spelled_time


class TutupHariRow(Base):
    """The sheet of a day as it was when somebody closed it; a day that was opened again has several."""

    __tablename__ = "tutup_hari"
    __table_args__ = (Index("tutup_hari_day", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[str]
    closed_at: Mapped[str]
    operator: Mapped[str]
    sheet: Mapped[dict[str, Any]] = mapped_column(JSON)


@dataclass(frozen=True)
class Line:
    """One request of the day. `problem` is None once headquarters took it, "" until it has answered, else a code."""

    series: str
    service: str
    status: str
    accepted_at: str
    problem: str | None


@dataclass(frozen=True)
class Sheet:
    """A day in numbers. `did` counts entries by kind, `waiting` those of any day that headquarters has not answered,

    `found` the receipts that were opened without their paper. `folders` of papers: those sent that day, and of all
    days those not received yet and those not found at headquarters.
    """

    day: str
    lines: tuple[Line, ...]
    did: Mapping[str, int]
    visits: Mapping[str, int]
    waiting: int
    served: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    found: int = 0
    folders: Mapping[str, int] = field(default_factory=dict)

    @property
    def confirmed(self) -> int:
        """Requests of the day that headquarters has signed for."""
        return sum(line.problem is None for line in self.lines)

    @property
    def differences(self) -> tuple[Line, ...]:
        """Requests that stand here and not, or not well, at headquarters."""
        return tuple(line for line in self.lines if line.problem is not None)


@dataclass(frozen=True)
class Closed:
    """A kept sheet: when and by whom the day was closed."""

    id: int
    closed_at: datetime
    operator: str
    sheet: Sheet


def sheet(day: str, zone: str) -> Sheet:
    """Count a local day (2026-11-21). Costs what the day holds, not what is stored."""
    refused = dict(_refused(day))
    rows = db.session.scalars(select(PermohonanRow).where(PermohonanRow.day == day).order_by(PermohonanRow.id))
    lines = tuple(Line(row.series, row.service, row.status, row.accepted_at, _problem(row, refused)) for row in rows)
    did = Counter(entry.kind for entry in _entries_of(day, zone))
    waiting = db.session.scalar(select(func.count()).select_from(OutboxRow)) or 0
    served = len(antrean.calls(day, 1000))
    counted = asdict(berkas.tally(day))
    return Sheet(day, lines, dict(did), visits(day), waiting, served, antrean.kinds(day), found_on(day), counted)


def keep(closing: Sheet, at: datetime, operator: str) -> int:
    """Keep a sheet for good; returns its number. Raises Refused disk_*."""
    row = {"day": closing.day, "closed_at": spelled_time(at), "operator": operator, "sheet": asdict(closing)}
    with writing() as session:
        number = run(session, insert(table(TutupHariRow)), row).inserted_primary_key
        return int(cast(Any, number)[0])


def closed(number: int) -> Closed | None:
    """Return a kept sheet."""
    row = db.session.get(TutupHariRow, number)
    return _closed(row) if row else None


def closed_days(most: int = 31) -> list[Closed]:
    """Return the sheets kept last, the newest first."""
    newest = select(TutupHariRow).order_by(TutupHariRow.id.desc()).limit(most)
    return list(map(_closed, db.session.scalars(newest)))


def _closed(row: TutupHariRow) -> Closed:
    given = {**row.sheet, "lines": tuple(Line(**line) for line in row.sheet["lines"])}
    return Closed(row.id, read_time(row.closed_at), row.operator, Sheet(**given))


def _problem(row: PermohonanRow, refused: Mapping[str, str]) -> str | None:
    if row.record_id in refused:
        return refused[row.record_id]
    return None if row.delivered else ""


def _refused(day: str) -> Iterator[tuple[str, str]]:
    """The day's records with an entry that headquarters would not take, and why."""
    told = (
        select(EntryRow.record_id, RefusalRow.problem, RefusalRow.result)
        .join(RefusalRow, RefusalRow.entry_id == EntryRow.id)
        .join(PermohonanRow, PermohonanRow.record_id == EntryRow.record_id)
        .where(PermohonanRow.day == day)
    )
    return ((str(record), problem or result) for record, problem, result in db.session.execute(told))


def _entries_of(day: str, zone: str) -> Iterator[Entry]:
    """The newest entries back to the first one of an earlier day."""
    newest = select(EntryRow.raw).order_by(EntryRow.id.desc()).execution_options(yield_per=100)
    for raw in db.session.scalars(newest):
        entry = Entry.decode(raw)
        here = entry.at.astimezone(ZoneInfo(zone)).date().isoformat()
        if here < day:
            return
        if here == day and entry.kind not in (Kind.SHIFT_KEY, Kind.AUTHORITY):
            yield entry
