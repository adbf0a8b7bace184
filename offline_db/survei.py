"""Knows how often each answer was given on a day; refuses to know a sheet, a time or an order that leads to a person.

A day's counts become one entry (`rated`) when the day is closed, about no record.
"""

from typing import Any

from sqlalchemy import JSON, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan.permohonan import Kind
from layanan.survei import MARKS, Counts, added, nothing
from offline_db.base import Base, db, writing
from offline_db.models import run, table
from offline_db.own_log import Deed, Desk, append, head


class SurveiRow(Base):
    """The counts of a day: for each element how often each mark was given."""

    __tablename__ = "survei"
    day: Mapped[str] = mapped_column(primary_key=True)
    counts: Mapped[list[list[int]]] = mapped_column(JSON)
    handed_in: Mapped[bool]


_SURVEY = table(SurveiRow)


def count(answers: tuple[int, ...], day: str) -> None:
    """Add one sheet to the counts of a day. Raises Refused disk_*."""
    sheet = tuple(tuple(int(mark == given) for mark in range(1, MARKS + 1)) for given in answers)
    with writing() as session:
        before = _counts(session, day)
        values: dict[str, Any] = {"counts": added(before or nothing(), sheet), "handed_in": False}
        if before is None:
            run(session, insert(_SURVEY), {"day": day, **values})
        else:
            run(session, update(_SURVEY).where(_SURVEY.c.day == day).values(values))


def counted(day: str) -> Counts:
    """Return what was counted on a day."""
    return _counts(db.session(), day) or nothing()


def hand_in(desk: Desk) -> None:
    """Write every day's counts that headquarters has not been told, each as one entry. Raises Refused disk_*.

    A day that went on after it was closed is told again: the newest entry of a day counts.
    """
    with writing() as session:
        due = session.scalars(select(SurveiRow).where(SurveiRow.handed_in.is_(False)).order_by(SurveiRow.day)).all()
        for row in due:
            log = session.connection()
            append(log, head(log), Deed(Kind.RATED, None, {"day": row.day, "counts": row.counts}), desk)
            row.handed_in = True


def _counts(session: Session, day: str) -> Counts | None:
    row = session.get(SurveiRow, day)
    return tuple(map(tuple, row.counts)) if row else None
