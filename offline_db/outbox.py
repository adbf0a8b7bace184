"""Knows which entries headquarters has not answered, and what it said of the others; refuses to know the link.

An answered entry leaves the outbox. The log's row counts what left and what was answered in the same transaction, so
that the three numbers cost the same whatever is stored or waits; the self-check counts them again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db.base import db, reading, writing
from offline_db.identity import enrolled
from offline_db.models import (
    EntryRow,
    LogRow,
    OutboxRow,
    PermohonanRow,
    RefusalRow,
    ShiftKeyRow,
    SyncRow,
    run,
    table,
)
from offline_db.sound import is_sound
from sync.chain import GENESIS, Position
from sync.entry import Entry, read_time, spelled_time
from sync.messages import Acknowledgement, Answer, Capsule, Item, Result, Sender
from sync.ports import Counts

_TAKEN = (Result.ACCEPTED, Result.KNOWN)
_WAITING = select(
    EntryRow.id, EntryRow.hash, EntryRow.kind, EntryRow.record_id, EntryRow.author, EntryRow.epoch, OutboxRow.sent_at
).join(OutboxRow, OutboxRow.entry_id == EntryRow.id)


class SqliteOutbox:
    """The port `Outbox` over the stall's file, inside an app context; every method is one short transaction."""

    def identity(self) -> Sender:
        """See Outbox. Raises Refused("not_enrolled")."""
        with reading() as session:
            grant = enrolled(session).grant
        return Sender(grant.hq, grant.device, grant.epoch, grant.stall)

    def pending(self, max_rows: int, max_bytes: int) -> list[Item]:
        """See Outbox. An entry that was damaged on the disk stays behind, and holds up none of those after it."""
        waiting = (
            select(EntryRow.raw, EntryRow.sealed, EntryRow.hash)
            .join(OutboxRow, OutboxRow.entry_id == EntryRow.id)
            .order_by(OutboxRow.entry_id)
            .execution_options(yield_per=max_rows)
        )
        taken: list[Item] = []
        with reading() as session:
            for raw, sealed, entry_hash in session.execute(waiting):
                if not is_sound(raw, entry_hash, sealed):
                    continue
                max_bytes -= len(raw) + len(sealed or b"")
                if taken and max_bytes < 0:
                    break
                taken.append(Item(Entry.decode(raw), sealed))
                if len(taken) == max_rows:
                    break
        return taken

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """See Outbox."""
        found = select(ShiftKeyRow.key, ShiftKeyRow.device, ShiftKeyRow.capsule)
        with reading() as session:
            return [Capsule(*row) for row in session.execute(found.where(ShiftKeyRow.key.in_(set(key_ids))))]

    def sent(self, hashes: Sequence[str], at: datetime) -> None:
        """See Outbox."""
        if not hashes:
            return
        first_time = _WAITING.where(OutboxRow.hash.in_(hashes), OutboxRow.sent_at.is_(None))
        with writing() as session:
            rows = session.execute(first_time).all()
            left = update(table(OutboxRow)).where(OutboxRow.entry_id.in_([row.id for row in rows]))
            run(session, left.values(sent_at=spelled_time(at)))
            _count(session, rows, sent=1)

    def answered(self, ack: Acknowledgement) -> None:
        """See Outbox."""
        with writing() as session:
            if _chain_at(session, ack.head) != ack.head.chain:
                raise Refused("sync_fork")
            _take(session, {one.hash: one for one in ack.answers if one.final})
            _reopen(session, ack.head)
            _mark(session, ack.head, "answered_seq")
            if ack.durable and _chain_at(session, ack.durable) == ack.durable.chain:
                _mark(session, ack.durable, "durable_seq")

    def counts(self) -> Counts:
        """See Outbox."""
        with reading() as session:
            logs = session.execute(select(LogRow.seq, LogRow.sent, LogRow.answered)).all()
            oldest = session.scalar(select(OutboxRow.at).order_by(OutboxRow.entry_id).limit(1))
        stored, left, confirmed = (sum(log[place] for log in logs) for place in range(3))
        return Counts(stored, left, confirmed, read_time(oldest) if oldest else None)


@dataclass(frozen=True)
class Refusal:
    """An entry that headquarters keeps without effect (`conflict`, `rejected`) or that waits for its record."""

    record_id: str | None
    kind: str
    result: str
    problem: str | None


def refusals(limit: int = 100) -> list[Refusal]:
    """Return what a person should look at, newest first."""
    found = (
        select(EntryRow.record_id, EntryRow.kind, RefusalRow.result, RefusalRow.problem)
        .join(RefusalRow, RefusalRow.entry_id == EntryRow.id)
        .order_by(RefusalRow.entry_id.desc())
        .limit(limit)
    )
    return [Refusal(*row) for row in db.session.execute(found)]


@dataclass(frozen=True)
class LastSync:
    """When a sync was last tried, when headquarters last answered, and what was wrong at the last try (a code)."""

    tried_at: datetime
    answered_at: datetime | None
    problem: str | None


def note_sync(at: datetime, problem: str | None) -> None:
    """Remember how a sync ended, over restarts. Raises Refused disk_*."""
    said = spelled_time(at)
    row = {"tried_at": said, "problem": problem, **({} if problem else {"answered_at": said})}
    with writing() as session:
        if not run(session, update(table(SyncRow)).values(row)).rowcount:
            run(session, insert(table(SyncRow)), {"id": 1, **row})


def last_sync() -> LastSync | None:
    """Return how the last sync ended, or None when there was none yet."""
    row = db.session.get(SyncRow, 1)
    if row is None:
        return None
    return LastSync(read_time(row.tried_at), read_time(row.answered_at) if row.answered_at else None, row.problem)


def _chain_at(session: Session, place: Position) -> str | None:
    if place.seq == 0:
        return GENESIS
    at = (EntryRow.author == place.author) & (EntryRow.epoch == place.epoch) & (EntryRow.seq == place.seq)
    return session.scalar(select(EntryRow.chain).where(at))


def _mark(session: Session, place: Position, column: str) -> None:
    log = update(table(LogRow)).where(LogRow.author == place.author, LogRow.epoch == place.epoch)
    run(session, log.values({column: place.seq}))


def _reopen(session: Session, head: Position) -> None:
    """Headquarters has lost what stands above its head (it was restored): all of that waits again."""
    log = session.get(LogRow, (head.author, head.epoch))
    if log is None or log.answered_seq <= head.seq:
        return
    above = (EntryRow.author == head.author) & (EntryRow.epoch == head.epoch) & (EntryRow.seq > head.seq)
    answered = EntryRow.id.not_in(select(OutboxRow.entry_id))
    lost = session.scalars(select(EntryRow).where(above, answered)).all()
    for row in lost:
        at = spelled_time(Entry.decode(row.raw).at)
        run(session, insert(table(OutboxRow)), {"entry_id": row.id, "hash": row.hash, "at": at, "sent_at": at})
    _count(session, lost, answered=-1)
    _deliver(session, [row.record_id for row in lost if row.kind == Kind.ACCEPTED], False)


def _take(session: Session, answers: dict[str, Answer]) -> None:
    rows = session.execute(_WAITING.where(OutboxRow.hash.in_(answers))).all()
    ids = [row.id for row in rows]
    run(session, delete(table(OutboxRow)).where(OutboxRow.entry_id.in_(ids)))
    run(session, delete(table(RefusalRow)).where(RefusalRow.entry_id.in_(ids)))
    _count(session, rows, answered=1)
    _count(session, [row for row in rows if row.sent_at is None], sent=1)
    taken = [row for row in rows if answers[row.hash].result in _TAKEN]
    _deliver(session, [row.record_id for row in taken if row.kind == Kind.ACCEPTED], True)
    refused = [(row.id, answers[row.hash]) for row in rows if answers[row.hash].result not in _TAKEN]
    for entry_id, answer in refused:
        said = {"entry_id": entry_id, "result": str(answer.result), "problem": answer.problem}
        run(session, insert(table(RefusalRow)), said)


def _count(session: Session, rows: Sequence[Any], *, sent: int = 0, answered: int = 0) -> None:
    for (author, epoch), number in Counter((row.author, row.epoch) for row in rows).items():
        log = update(table(LogRow)).where(LogRow.author == author, LogRow.epoch == epoch)
        run(session, log.values(sent=LogRow.sent + sent * number, answered=LogRow.answered + answered * number))


def _deliver(session: Session, records: Sequence[str | None], delivered: bool) -> None:
    if records:
        rows = update(table(PermohonanRow)).where(PermohonanRow.record_id.in_(records))
        run(session, rows.values(delivered=delivered))
