"""Knows which couriers' files arrived and which answers wait for the way back; refuses to know sticks and frames."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from layanan.problems import Refused
from mpp.db.database import Database
from mpp.db.down import locked_stall
from mpp.db.models import Branch, CourierAnswer, CourierBundle, CourierCounter, Device, Stall
from mpp.db.office import office
from sync.bundle import Bundle, Cover, Direction
from sync.canonical import decode, encode
from sync.chain import Position, start
from sync.courier_desk import Gap
from sync.messages import Sender

_MOST_NUMBERS = 50
"""A stall may claim any number; only so many below the highest are looked at."""


class SqlCourierDesk:
    """The port `CourierDesk` over headquarters' database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, bundle: Bundle, cursor: Position, answers: Sequence[tuple[str, bytes]]) -> None:
        """See CourierDesk."""
        self._database.change(lambda session: _keep(session, bundle, cursor, answers))

    def answers(self, stall: str) -> list[bytes]:
        """See CourierDesk."""
        waiting = select(CourierAnswer.raw).where(CourierAnswer.stall == stall)
        order = (CourierAnswer.device, CourierAnswer.epoch, CourierAnswer.number, CourierAnswer.place)
        with self._database.reading() as session:
            return list(session.scalars(waiting.order_by(*order)))

    def cursor(self, stall: str) -> Position:
        """See CourierDesk."""
        newest = select(CourierBundle.cursor).where(CourierBundle.stall == stall).order_by(CourierBundle.arrived.desc())
        with self._database.reading() as session:
            said = session.scalar(newest.limit(1))
            here = office(session)
        return Position.from_fields(decode(said.encode())) if said else start(here.id, here.incarnation)

    def begin(self, stall: str) -> int:
        """See CourierDesk. Raises Refused("stall_unknown")."""
        return self._database.change(lambda session: _begin(session, stall))

    def cover(self, stall: str, number: int) -> Cover:
        """See CourierDesk. Raises Refused("stall_unknown")."""
        with self._database.reading() as session:
            here, row = office(session), session.get(Stall, stall)
        if row is None:
            raise Refused("stall_unknown")
        head = Position(here.id, here.incarnation, row.down_seq, row.down_chain)
        return Cover(Direction.FROM_HQ, number, Sender(here.id, here.id, here.incarnation, stall), head)

    def may_learn(self, stall: str) -> bool:
        """See CourierDesk."""
        living = select(Device.id).where(Device.stall == stall, Device.revoked_at.is_(None))
        with self._database.reading() as session:
            return session.scalar(living.limit(1)) is not None

    def gaps(self, stall: str) -> list[Gap]:
        """See CourierDesk."""
        with self._database.reading() as session:
            found = session.execute(_unfilled(stall)).all()
            return [
                Gap(held + 1, stated, _absent(session, device, epoch, highest))
                for device, epoch, held, stated, highest in found
            ]


def stall_named(session: Session, name: str) -> Stall:
    """Return the stall of this name or id. Raises Refused("stall_unknown")."""
    stall = session.scalars(select(Stall).where((Stall.name == name) | (Stall.id == name))).first()
    if stall is None:
        raise Refused("stall_unknown")
    return stall


def _keep(session: Session, bundle: Bundle, cursor: Position, answers: Sequence[tuple[str, bytes]]) -> None:
    cover, who = bundle.cover, bundle.cover.sender
    locked_stall(session, who.stall)
    _note_arrival(session, bundle, cursor)
    of_log = (CourierAnswer.device == who.device) & (CourierAnswer.epoch == who.epoch)
    session.execute(delete(CourierAnswer).where(of_log, CourierAnswer.number < cover.number))
    for place, (frame, raw) in enumerate(answers):
        row = CourierAnswer(
            frame=frame, stall=who.stall, device=who.device, epoch=who.epoch, number=cover.number, place=place, raw=raw
        )
        session.merge(row)


def _note_arrival(session: Session, bundle: Bundle, cursor: Position) -> None:
    who = bundle.cover.sender
    arrived = session.scalar(select(func.max(CourierBundle.arrived)).where(CourierBundle.stall == who.stall)) or 0
    row = CourierBundle(
        sha256=bundle.sha256, stall=who.stall, device=who.device, epoch=who.epoch, number=bundle.cover.number,
        head_seq=bundle.cover.head.seq, cursor=encode(cursor.to_fields()).decode(), arrived=arrived + 1,
    )  # fmt: skip
    session.merge(row)


def _begin(session: Session, stall: str) -> int:
    locked_stall(session, stall)
    counter = session.get(CourierCounter, stall)
    if counter is None:
        counter = CourierCounter(stall=stall, number=0)
        session.add(counter)
    counter.number += 1
    return counter.number


def _unfilled(stall: str) -> Select[str, int, int, int, int]:
    stated, highest = func.max(CourierBundle.head_seq), func.max(CourierBundle.number)
    log = (Branch.device == CourierBundle.device) & (Branch.epoch == CourierBundle.epoch)
    return (
        select(Branch.device, Branch.epoch, Branch.head_seq, stated, highest)
        .join(CourierBundle, log)
        .where(CourierBundle.stall == stall)
        .group_by(Branch.device, Branch.epoch, Branch.head_seq)
        .having(stated > Branch.head_seq)
        .order_by(Branch.epoch)
    )


def _absent(session: Session, device: str, epoch: int, highest: int) -> tuple[int, ...]:
    of_log = (CourierBundle.device == device) & (CourierBundle.epoch == epoch)
    came = set(session.scalars(select(CourierBundle.number).where(of_log)))
    return tuple(number for number in range(max(1, highest - _MOST_NUMBERS), highest) if number not in came)
