"""Knows which entries headquarters has not answered, and what it said of the others; refuses to know the link.

An answered entry leaves the outbox. The log's row counts what left and what was answered in the same transaction, so
that the three numbers cost the same whatever is stored or waits; the self-check counts them again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db.base import db, reading, writing
from offline_db.heads import FOREIGN, chain_at, compare, count, deliver, drop_above_gap, mark, probes
from offline_db.identity import enrolled
from offline_db.models import (
    EntryRow,
    LogRow,
    OutboxRow,
    RefusalRow,
    ShiftKeyRow,
    SyncRow,
    run,
    table,
)
from offline_db.sound import is_sound, with_one_bit_back
from sync.chain import Position
from sync.entry import MAX_ENTRY, MAX_SEALED, Entry, read_time, spelled_time
from sync.messages import Acknowledgement, Answer, Capsule, Item, Result, Sender
from sync.ports import MAX_ROWS, Counts
from sync.recovery import Log, Stub

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

    def stubs(self, max_rows: int) -> list[Stub]:
        """See Outbox."""
        waiting = select(EntryRow).join(OutboxRow, OutboxRow.entry_id == EntryRow.id)
        with reading() as session:
            rows = session.scalars(waiting.order_by(OutboxRow.entry_id).limit(max_rows)).all()
        reasons = ((row, _unsendable(row)) for row in rows)
        return [Stub(row.author, row.epoch, row.seq, row.hash, reason) for row, reason in reasons if reason]

    def asked(self, max_rows: int) -> list[str]:
        """See Outbox."""
        waiting = select(EntryRow.hash).join(RefusalRow, RefusalRow.entry_id == EntryRow.id)
        with reading() as session:
            hashes = list(session.scalars(waiting.where(RefusalRow.result == str(Result.WAITING)).limit(max_rows)))
            foreign = session.execute(select(LogRow.author, LogRow.epoch).where(LogRow.answered_seq == FOREIGN)).all()
            return hashes + [sha for author, epoch in foreign for sha in probes(session, (author, epoch))]

    def logs(self) -> list[Log]:
        """See Outbox."""
        with reading() as session:
            grant = enrolled(session).grant
            known = session.execute(select(LogRow.author, LogRow.epoch).order_by(LogRow.author, LogRow.epoch)).all()
        return [(author, epoch) for author, epoch in known if (author, epoch) != (grant.device, grant.epoch)]

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
            count(session, rows, sent=1)

    def answered(self, ack: Acknowledgement) -> None:
        """See Outbox. Many answers to entries up to the head are taken first, a hundred at a time.

        So a save at the counter never waits long.
        """
        answers = {one.hash: one for one in ack.answers if one.final}
        while len(answers) > MAX_ROWS:
            with writing() as session:
                _check_head(session, ack.head)
                some = {sha: answers.pop(sha) for sha in _up_to(session, ack.head, list(answers)[:MAX_ROWS])}
                _take(session, some)
                _settle(session, some)
            if not some:
                break
        with writing() as session:
            _check_head(session, ack.head)
            for head in (ack.head, *ack.heads):
                drop_above_gap(session, head, answers)
            _take(session, answers)
            _settle(session, answers)
            for head in (ack.head, *ack.heads):
                compare(session, head, {one.hash for one in ack.answers})
            if ack.durable and chain_at(session, ack.durable) == ack.durable.chain:
                mark(session, ack.durable, durable_seq=ack.durable.seq)

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


def _check_head(session: Session, head: Position) -> None:
    if chain_at(session, head) != head.chain:
        raise Refused("sync_fork")


def _up_to(session: Session, head: Position, hashes: Sequence[str]) -> list[str]:
    """Those of the head's own log at or below it: nothing that follows can open them again."""
    own = (EntryRow.author == head.author) & (EntryRow.epoch == head.epoch) & (EntryRow.seq <= head.seq)
    return list(session.scalars(select(EntryRow.hash).where(own, EntryRow.hash.in_(hashes))))


def _unsendable(row: EntryRow) -> str | None:
    if len(row.raw) > MAX_ENTRY or len(row.sealed or b"") > MAX_SEALED:
        return "entry_too_large"
    return None if is_sound(row.raw, row.hash, row.sealed) or _heals(row) else "entry_damaged"


def _heals(row: EntryRow) -> bool:
    """What the next start repairs is worth waiting for."""
    raw = with_one_bit_back(row.raw, row.hash)
    if raw is None:
        return False
    ref = Entry.decode(raw).sealed
    return row.sealed is None or (ref is not None and with_one_bit_back(row.sealed, ref.sha256) is not None)


def _settle(session: Session, answers: dict[str, Answer]) -> None:
    """What waited for its record and waits no more."""
    rows = session.execute(
        select(EntryRow.id, EntryRow.hash, EntryRow.kind, EntryRow.record_id)
        .join(RefusalRow, RefusalRow.entry_id == EntryRow.id)
        .where(RefusalRow.result == str(Result.WAITING), EntryRow.hash.in_(answers))
    ).all()
    for row in rows:
        answer = answers[row.hash]
        refusal = RefusalRow.entry_id == row.id
        if answer.result in _TAKEN:
            run(session, delete(table(RefusalRow)).where(refusal))
        else:
            said = {"result": str(answer.result), "problem": answer.problem}
            run(session, update(table(RefusalRow)).where(refusal).values(said))


def _take(session: Session, answers: dict[str, Answer]) -> None:
    rows = session.execute(_WAITING.where(OutboxRow.hash.in_(answers))).all()
    ids = [row.id for row in rows]
    run(session, delete(table(OutboxRow)).where(OutboxRow.entry_id.in_(ids)))
    run(session, delete(table(RefusalRow)).where(RefusalRow.entry_id.in_(ids)))
    count(session, rows, answered=1)
    count(session, [row for row in rows if row.sent_at is None], sent=1)
    taken = [row for row in rows if answers[row.hash].result in _TAKEN]
    deliver(session, [row.record_id for row in taken if row.kind == Kind.ACCEPTED], True)
    refused = [(row.id, answers[row.hash]) for row in rows if answers[row.hash].result not in _TAKEN]
    for entry_id, answer in refused:
        said = {"entry_id": entry_id, "result": str(answer.result), "problem": answer.problem}
        run(session, insert(table(RefusalRow)), said)
