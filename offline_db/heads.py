"""Knows what headquarters' heads tell about the stall's logs: what is there, what is lost; refuses to know more."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db.models import EntryRow, LogRow, OutboxRow, PermohonanRow, run, table
from offline_db.sound import is_sound
from sync.chain import GENESIS, Position
from sync.entry import Entry, spelled_time
from sync.messages import Answer
from sync.recovery import Log
from sync.regain import rungs

FOREIGN = -1
"""In the place of a log's answered head: headquarters' head of it is on another machine's branch."""


def chain_at(session: Session, place: Position) -> str | None:
    """Return the chain of a log at a place, None where nothing was written yet."""
    if place.seq == 0:
        return GENESIS
    at = (EntryRow.author == place.author) & (EntryRow.epoch == place.epoch) & (EntryRow.seq == place.seq)
    return session.scalar(select(EntryRow.chain).where(at))


def mark(session: Session, log: Position, **marks: int) -> None:
    """Write down how far headquarters said it has a log (`answered_seq`) or has it for good (`durable_seq`)."""
    row = update(table(LogRow)).where(LogRow.author == log.author, LogRow.epoch == log.epoch)
    run(session, row.values(marks))


def count(session: Session, rows: Sequence[Any], *, sent: int = 0, answered: int = 0) -> None:
    """Move the counters of the logs that these entries stand in."""
    for (author, epoch), number in Counter((row.author, row.epoch) for row in rows).items():
        log = update(table(LogRow)).where(LogRow.author == author, LogRow.epoch == epoch)
        run(session, log.values(sent=LogRow.sent + sent * number, answered=LogRow.answered + answered * number))


def deliver(session: Session, records: Sequence[str | None], delivered: bool) -> None:
    """Note whether headquarters has answered for these acceptances."""
    if records:
        rows = update(table(PermohonanRow)).where(PermohonanRow.record_id.in_(records))
        run(session, rows.values(delivered=delivered))


def probes(session: Session, log: Log) -> list[str]:
    """Answered entries of a log, in steps that double."""
    own = (EntryRow.author == log[0]) & (EntryRow.epoch == log[1]) & EntryRow.id.not_in(select(OutboxRow.entry_id))
    answered = session.scalars(select(EntryRow.hash).where(own).order_by(EntryRow.seq)).all()
    return [answered[number - 1] for number in rungs(len(answered)) if number]


def drop_above_gap(session: Session, head: Position, answers: dict[str, Answer]) -> None:
    """Answers to what an earlier question asked, when a later one has shown that something before it is lost."""
    above = (EntryRow.author == head.author) & (EntryRow.epoch == head.epoch) & (EntryRow.seq > head.seq)
    told = session.execute(select(EntryRow.seq, EntryRow.hash).where(above, EntryRow.hash.in_(answers))).all()
    if not told or chain_at(session, head) != head.chain:
        return
    waiting = select(EntryRow).join(OutboxRow, OutboxRow.entry_id == EntryRow.id).order_by(EntryRow.seq)
    for row in session.scalars(waiting.where(above, EntryRow.seq < max(seq for seq, _ in told))):
        if row.hash not in answers and is_sound(row.raw, row.hash, row.sealed):
            for seq, sha in told:
                if seq > row.seq:
                    del answers[sha]
            return


def compare(session: Session, head: Position, told: set[str]) -> None:
    """What headquarters has lost (it was restored) waits again: above its head, or all when the head is foreign."""
    log = session.get(LogRow, (head.author, head.epoch))
    if log is None:
        return
    if chain_at(session, head) == head.chain:
        if log.answered_seq == FOREIGN or log.answered_seq > head.seq:
            _reopen(session, head, head.seq)
        mark(session, head, answered_seq=head.seq)
    elif log.answered_seq != FOREIGN or not told >= set(probes(session, (head.author, head.epoch))):
        _reopen(session, head, 0, told)
        mark(session, head, answered_seq=FOREIGN)


def _reopen(session: Session, log: Position, kept: int, but: Collection[str] = ()) -> None:
    above = (EntryRow.author == log.author) & (EntryRow.epoch == log.epoch) & (EntryRow.seq > kept)
    answered = session.scalars(select(EntryRow).where(above, EntryRow.id.not_in(select(OutboxRow.entry_id))))
    lost = [row for row in answered if row.hash not in but]
    for row in lost:
        at = _written_at(row.raw)
        run(session, insert(table(OutboxRow)), {"entry_id": row.id, "hash": row.hash, "at": at, "sent_at": at})
    count(session, lost, answered=-1)
    deliver(session, [row.record_id for row in lost if row.kind == Kind.ACCEPTED], False)


def _written_at(raw: bytes) -> str:
    """When an entry was written; of a damaged one, long ago: it waits like the oldest."""
    try:
        return spelled_time(Entry.decode(raw).at)
    except Refused:
        return "1970-01-01T00:00:00.000Z"
