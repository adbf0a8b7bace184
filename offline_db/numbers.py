"""Knows how many permohonan a day and a status have, up to a bound; refuses to count further than a page can show."""

from sqlalchemy import ColumnElement, func, select

from layanan.status import Status
from offline_db.base import db
from offline_db.models import LogRow, OutboxRow, PermohonanRow, SyncRow

MOST = 1000
"""A count stops here, so that it costs the same however much is stored."""


def accepted_on(day: str) -> int:
    """Return how many were accepted on a local day (2026-11-21), at most MOST."""
    return _bounded(PermohonanRow.day == day)


def standing_at(status: Status) -> int:
    """Return how many stand at a status, whatever their day, at most MOST."""
    return _bounded(PermohonanRow.status == str(status))


def outbox_mark() -> tuple[object, ...]:
    """Return what changes whenever the outbox does: with an equal mark, what was counted before still holds.

    Every save moves the head and the last entry waiting, every answer the first one, every try its time.
    """
    ends = select(func.min(OutboxRow.entry_id)), select(func.max(OutboxRow.entry_id))
    asked = (select(func.sum(LogRow.seq)), *ends, select(func.max(SyncRow.tried_at)))
    return tuple(db.session.execute(select(*(each.scalar_subquery() for each in asked))).one())


def _bounded(condition: ColumnElement[bool]) -> int:
    some = select(PermohonanRow.id).where(condition).limit(MOST).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
