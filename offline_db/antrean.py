"""Knows the numbers of the day's queue and who is called where; refuses to know whose turn it is (layanan/antrean.py).

A number has no name. Why somebody was let go first is counted for the day, apart from the number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, Select, UniqueConstraint, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan.antrean import IN_A_ROW, Lane, next_lane, spoken_number
from offline_db.base import Base, db, writing
from offline_db.models import run, table


class Standing(StrEnum):
    """Where a number stands. MISSED: called and nobody came; it can be called again all day."""

    WAITING = "menunggu"
    CALLED = "dipanggil"
    SERVED = "selesai"
    MISSED = "terlewat"


class AntreanRow(Base):
    """A number of a day: its lane, its standing, the turn at which it was last called, and the desk (*loket*).

    `tap` is the id of the tap that took it; `record_id` is the last request stored while it was served.
    """

    __tablename__ = "antrean"
    __table_args__ = (
        UniqueConstraint("day", "lane", "number", name="antrean_number"),
        Index("antrean_state", "day", "state", "lane", "number"),
        Index("antrean_turn", "day", "turn"),
        Index("antrean_record", "record_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    tap: Mapped[str] = mapped_column(unique=True)
    day: Mapped[str]
    lane: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    turn: Mapped[int]
    loket: Mapped[str]
    record_id: Mapped[str | None]


class AntreanKindRow(Base):
    """How many of a kind were let go first on a day."""

    __tablename__ = "antrean_kind"
    day: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


_QUEUE, _KIND = table(AntreanRow), table(AntreanKindRow)


@dataclass(frozen=True)
class Number:
    """One number as it stands."""

    id: int
    lane: Lane
    number: int
    state: Standing
    turn: int
    loket: str

    @property
    def text(self) -> str:
        """As it is shown and called: `A 12`."""
        return spoken_number(self.lane, self.number)


def take(tap: str, lane: Lane, day: str, kind: str = "") -> Number:
    """Give the next number of a lane; the same `tap` again gets the same one. Raises Refused disk_*.

    `kind` (a group that goes first) is counted for the day and kept nowhere else.
    """
    with writing() as session:
        known = session.scalars(select(AntreanRow).where(AntreanRow.tap == tap[:64])).first()
        if known is None:
            last = session.scalar(select(func.max(AntreanRow.number)).where(_QUEUE.c.day == day, _QUEUE.c.lane == lane))
            row = {"tap": tap[:64], "day": day, "lane": lane, "number": (last or 0) + 1, "turn": 0, "loket": ""}
            run(session, insert(_QUEUE), {**row, "state": Standing.WAITING, "record_id": None})
            if kind:
                counted = upsert(_KIND).values(day=day, kind=kind, count=1)
                again = {"count": _KIND.c.count + 1}
                run(session, counted.on_conflict_do_update(index_elements=["day", "kind"], set_=again))
            known = session.scalars(select(AntreanRow).where(AntreanRow.tap == tap[:64])).one()
        return _number(known)


def call_next(loket: str, day: str) -> Number | None:
    """Call whose turn it is to a desk; whom that desk served before is done. None: nobody waits.

    Raises Refused disk_*.
    """
    with writing() as session:
        lane = next_lane(_waiting(session, day), _called(session, day))
        if lane is None:
            return None
        _leave(session, loket, day, Standing.SERVED)
        first = _standing(day, Standing.WAITING).where(AntreanRow.lane == lane).order_by(AntreanRow.number).limit(1)
        return _called_to(session, session.scalars(first).one(), loket)


def call_again(number_id: int, loket: str, day: str) -> Number | None:
    """Call a number of this day once more, also one that was missed; None for one that is done or of another day."""
    with writing() as session:
        row = session.get(AntreanRow, number_id)
        if row is None or row.day != day or row.state not in (Standing.CALLED, Standing.MISSED):
            return None
        if row.state == Standing.MISSED or row.loket != loket:
            _leave(session, loket, day, Standing.SERVED)
        return _called_to(session, row, loket)


def finish(loket: str, day: str, *, came: bool) -> None:
    """Whoever stands at this desk is done, or did not come. Raises Refused disk_*."""
    with writing() as session:
        _leave(session, loket, day, Standing.SERVED if came else Standing.MISSED)


def served_record(loket: str, day: str, record_id: str) -> None:
    """Remember under which number a request was stored; nothing when nobody was called. Raises Refused disk_*."""
    if serving(loket, day) is not None:
        with writing() as session:
            run(session, update(_QUEUE).where(*_at(loket, day)).values(record_id=record_id))


def number_of(record_id: str) -> str:
    """Return the number under which a request was stored, as it is called; empty without one."""
    row = db.session.scalars(select(AntreanRow).where(AntreanRow.record_id == record_id).limit(1)).first()
    return _number(row).text if row else ""


def serving(loket: str, day: str) -> Number | None:
    """Return who stands at a desk."""
    row = db.session.scalars(select(AntreanRow).where(*_at(loket, day))).first()
    return _number(row) if row else None


def waiting(day: str) -> dict[Lane, int]:
    """Return how many wait in each lane."""
    return _waiting(db.session(), day)


def missed(day: str) -> list[Number]:
    """Return who was called and did not come, the newest call first."""
    rows = db.session.scalars(_standing(day, Standing.MISSED).order_by(AntreanRow.turn.desc()).limit(20))
    return list(map(_number, rows))


def calls(day: str, most: int) -> list[Number]:
    """Return the numbers called last, the newest call first."""
    newest = select(AntreanRow).where(AntreanRow.day == day, AntreanRow.turn > 0).order_by(AntreanRow.turn.desc())
    return list(map(_number, db.session.scalars(newest.limit(most))))


def find_number(number_id: int) -> Number | None:
    """Return a number by its id."""
    row = db.session.get(AntreanRow, number_id)
    return _number(row) if row else None


def kinds(day: str) -> dict[str, int]:
    """Return how many of each kind were let go first on a day."""
    return {row[0]: row[1] for row in db.session.execute(select(_KIND.c.kind, _KIND.c.count).where(_KIND.c.day == day))}


def _called_to(session: Session, row: AntreanRow, loket: str) -> Number:
    newest = session.scalar(select(func.max(AntreanRow.turn)).where(AntreanRow.day == row.day)) or 0
    row.state, row.turn, row.loket = Standing.CALLED, newest + 1, loket
    session.flush()
    return _number(row)


def _leave(session: Session, loket: str, day: str, state: Standing) -> None:
    run(session, update(_QUEUE).where(*_at(loket, day)).values(state=state))
    session.expire_all()


def _at(loket: str, day: str) -> tuple[ColumnElement[bool], ...]:
    return _QUEUE.c.day == day, _QUEUE.c.state == Standing.CALLED, _QUEUE.c.loket == loket


def _waiting(session: Session, day: str) -> dict[Lane, int]:
    here = _QUEUE.c.day == day, _QUEUE.c.state == Standing.WAITING
    counted = session.execute(select(_QUEUE.c.lane, func.count()).where(*here).group_by(_QUEUE.c.lane))
    return {Lane.PRIORITY: 0, Lane.ORDINARY: 0} | {Lane(lane): number for lane, number in counted}


def _called(session: Session, day: str) -> Sequence[Lane]:
    newest = select(AntreanRow.lane).where(AntreanRow.day == day, AntreanRow.turn > 0)
    return [Lane(lane) for lane in session.scalars(newest.order_by(AntreanRow.turn.desc()).limit(IN_A_ROW))]


def _standing(day: str, state: Standing) -> Select[AntreanRow]:
    return select(AntreanRow).where(AntreanRow.day == day, AntreanRow.state == state)


def _number(row: AntreanRow) -> Number:
    return Number(row.id, Lane(row.lane), row.number, Standing(row.state), row.turn, row.loket)
