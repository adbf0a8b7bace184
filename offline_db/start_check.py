"""Knows what a start can notice at the price of what is new: a file that went back, and damage since the last look.

Refuses to read anything twice (the whole file is `selfcheck`, nightly and on demand) and refuses to repair.
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from offline_db.base import high_water, reading
from offline_db.high_water import Marks
from offline_db.models import EntryRow, IdentityRow, LogRow
from offline_db.selfcheck import Finding
from offline_db.sound import is_sound
from sync.chain import GENESIS, Position, link

OLDER = "older"
"""The kind of finding that says: this is not the file that was here last, or a piece of its end is missing."""


def start_check() -> list[Finding]:
    """Return what is wrong, nothing when it is sound, and remember how far that was seen. Inside an app context.

    The cost is that of the entries since the last sound look, whatever is stored.
    """
    marks = high_water().read()
    with reading() as session:
        found = list(went_back(session, marks))
        log = _present_log(session)
        if log is not None:
            wrong = list(_unseen(session, log, marks.verified))
            found += wrong
            if not wrong and log.seq:
                _remember(Position(log.author, log.epoch, log.seq, log.chain), marks)
    return found


def is_own(place: Position) -> bool:
    """Whether this stall's own log has this very place: a stranger's, or a later one, says that there is a twin."""
    with reading() as session:
        return place.chain == (_chain_at(session, place) if place.seq else GENESIS)


def went_back(session: Session, marks: Marks) -> Iterator[Finding]:
    """Yield one finding when the log ends before its high-water mark, or has another entry there.

    A later enrolment settles it: it raises the mark to a log of its own, and headquarters knows of both.
    """
    highest = marks.highest
    if highest is None:
        return
    lost = marks.lost
    if lost is None or (lost.author, lost.epoch) != (highest.author, highest.epoch):
        lost = highest
    for mark in dict.fromkeys((lost, highest)):
        if not _has(session, mark):
            yield Finding(OLDER, f"{mark.author}/{mark.epoch}/{mark.seq}")
            if mark != marks.lost:
                high_water().lost(mark)
            return


def _present_log(session: Session) -> LogRow | None:
    here = session.execute(select(IdentityRow.device, IdentityRow.epoch)).one_or_none()
    return None if here is None or here.epoch is None else session.get(LogRow, (here.device, here.epoch))


def _unseen(session: Session, log: LogRow, verified: Position | None) -> Iterator[Finding]:
    seq, chain = 0, GENESIS
    if verified and (verified.author, verified.epoch) == (log.author, log.epoch):
        if _chain_at(session, verified) != verified.chain:
            yield Finding("chain", f"{log.author}/{log.epoch}/{verified.seq}")
            return
        seq, chain = verified.seq, verified.chain
    own = (EntryRow.author == log.author) & (EntryRow.epoch == log.epoch) & (EntryRow.seq > seq)
    for row in session.scalars(select(EntryRow).where(own).order_by(EntryRow.seq).execution_options(yield_per=500)):
        seq, chain = seq + 1, link(chain, row.hash)
        if row.seq != seq or row.chain != chain:
            yield Finding("chain", f"{log.author}/{log.epoch}/{seq}")
            return
        if not is_sound(row.raw, row.hash, row.sealed):
            yield Finding("entry", f"{log.author}/{log.epoch}/{seq}")
    if (seq, chain) != (log.seq, log.chain):
        yield Finding("chain", f"{log.author}/{log.epoch}/{seq + 1}")


def _remember(place: Position, marks: Marks) -> None:
    mark = high_water()
    if marks.verified != place:
        mark.verified(place)
    if marks.highest is None:
        mark.reached(place)


def _has(session: Session, place: Position) -> bool:
    if place.seq == 0:
        return session.get(LogRow, (place.author, place.epoch)) is not None
    return _chain_at(session, place) == place.chain


def _chain_at(session: Session, place: Position) -> str | None:
    at = (EntryRow.author == place.author) & (EntryRow.epoch == place.epoch) & (EntryRow.seq == place.seq)
    return session.scalar(select(EntryRow.chain).where(at))
