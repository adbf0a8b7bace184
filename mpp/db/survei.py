"""Knows what the stalls have counted of the satisfaction survey, by day; refuses to know what it means.

A stall hands in a day's counts; a later entry of the same stall and day replaces the earlier one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.survei import Counts, added, nothing, read_rated
from mpp.db.models import PermohonanRow, Stall, StallEntry
from mpp.db.permohonan import COUNTED
from sync.entry import Entry


@dataclass(frozen=True)
class Rated:
    """What one stall has handed in: the counts of each local day (2026-11-21)."""

    stall: str
    name: str
    days: Mapping[str, Counts] = field(default_factory=dict)

    def within(self, period: str) -> Counts:
        """Return the counts of the days that begin so: a year (2026) or a month (2026-11)."""
        total = nothing()
        for day, counts in self.days.items():
            total = added(total, counts) if day.startswith(period) else total
        return total


def rated(session: Session) -> list[Rated]:
    """Return every stall with what it has handed in, by name. Costs the days that were rated, not what is stored."""
    return [
        Rated(row.id, row.name, _days(session, row.id)) for row in session.scalars(select(Stall).order_by(Stall.name))
    ]


def accepted_between(session: Session, stall: str, first: str, last: str) -> int:
    """Return how many requests a stall took from one moment (as entries spell it) up to before another."""
    taken = (PermohonanRow.stall == stall) & (PermohonanRow.accepted_at >= first) & (PermohonanRow.accepted_at < last)
    return session.scalar(select(func.count()).select_from(PermohonanRow).where(taken)) or 0


def _days(session: Session, stall: str) -> dict[str, Counts]:
    own = (StallEntry.stall == stall) & (StallEntry.kind == str(Kind.RATED)) & StallEntry.result.in_(COUNTED)
    in_order = select(StallEntry.raw).where(own).order_by(StallEntry.epoch, StallEntry.seq, StallEntry.id)
    told = (read_rated(Entry.decode(raw).fields) for raw in session.scalars(in_order))
    return dict(each for each in told if each)
