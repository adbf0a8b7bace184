"""Knows which entries headquarters has not answered, and what it said of the others; refuses to know the link.

An answered entry leaves the outbox. The log's row counts what left and what was answered in the same transaction, so
that the three numbers cost the same whatever is stored or waits; the self-check counts them again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Executable, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from layanan.problems import Refused
from offline_db.base import db, reading, writing
from offline_db.damage import put_back
from offline_db.heads import FOREIGN, chain_at, compare, count, deliver, drop_above_gap, mark, probes, ranges
from offline_db.identity import enrolled
from offline_db.models import (
    DamagedRow,
    EntryRow,
    LogRow,
    OutboxRow,
    RefusalRow,
    ShiftKeyRow,
    SyncRow,
    run,
    table,
)
from offline_db.sound import sound_entry, with_one_bit_back
from sync.chain import Position
from sync.entry import MAX_ENTRY, MAX_SEALED, Entry, read_time, spelled_time
from sync.messages import Acknowledgement, Answer, Capsule, Item, Result, Sender
from sync.ports import Counts
from sync.recovery import Confirmed, Log, Stub

_TAKEN = (Result.ACCEPTED, Result.KNOWN)
# Built once: an exchange asks a dozen short questions, and making a statement costs as much as running it.
_ENTRY, _OUTBOX, _REFUSAL, _LOG, _KEYS = map(table, (EntryRow, OutboxRow, RefusalRow, LogRow, ShiftKeyRow))
_PENDING = (
    select(_OUTBOX.c.entry_id, _ENTRY.c.raw, _ENTRY.c.sealed, _ENTRY.c.hash)
    .join(_OUTBOX, _OUTBOX.c.entry_id == _ENTRY.c.id)
    .order_by(_OUTBOX.c.entry_id)
)
_WHAT = _ENTRY.c.id, _ENTRY.c.author, _ENTRY.c.epoch, _ENTRY.c.seq, _ENTRY.c.hash, _ENTRY.c.kind, _ENTRY.c.record_id
_WAITING = select(*_WHAT, _OUTBOX.c.sent_at).join(_OUTBOX, _OUTBOX.c.entry_id == _ENTRY.c.id)
_UNSETTLED_RESULT = _REFUSAL.c.result == str(Result.WAITING)
_UNSETTLED = select(*_WHAT).join(_REFUSAL, _REFUSAL.c.entry_id == _ENTRY.c.id).where(_UNSETTLED_RESULT)
_FORGET_PENDING = delete(_OUTBOX).where(_OUTBOX.c.entry_id.between(bindparam("first"), bindparam("last")))
_FORGET_REFUSAL = delete(_REFUSAL).where(_REFUSAL.c.entry_id.between(bindparam("first"), bindparam("last")))
_STUBBED = _PENDING.add_columns(_ENTRY.c.author, _ENTRY.c.epoch, _ENTRY.c.seq)
_ASKED = select(_ENTRY.c.hash).join(_REFUSAL, _REFUSAL.c.entry_id == _ENTRY.c.id).where(_UNSETTLED_RESULT)
_FOREIGN = select(_LOG.c.author, _LOG.c.epoch).where(_LOG.c.answered_seq == FOREIGN)
_LOGS = select(_LOG.c.author, _LOG.c.epoch).order_by(_LOG.c.author, _LOG.c.epoch)
_CAPSULES = select(_KEYS.c.key, _KEYS.c.device, _KEYS.c.capsule)
_COUNTED = select(_LOG.c.seq, _LOG.c.sent, _LOG.c.answered)
_FIRST = select(_OUTBOX.c.entry_id).order_by(_OUTBOX.c.entry_id)
_OLDEST = select(_OUTBOX.c.at).order_by(_OUTBOX.c.entry_id).limit(1)
_DAMAGED = select(_ENTRY.c.hash).where(_ENTRY.c.id.in_(select(table(DamagedRow).c.entry_id)))
_LOST = select(_LOG.c.author, _LOG.c.epoch, _LOG.c.lost_seq).where(_LOG.c.lost_seq > 0)
_AT_ONCE = 64
"""Rows read ahead of what is taken; a batch of large entries ends early."""


class SqliteOutbox:
    """The port `Outbox` over the stall's file, inside an app context; every method is one short transaction."""

    def __init__(self) -> None:
        self._read: dict[int, Item] = {}

    def identity(self) -> Sender:
        """See Outbox. Raises Refused("not_enrolled")."""
        with reading() as session:
            grant = enrolled(session).grant
        return Sender(grant.hq, grant.device, grant.epoch, grant.stall)

    def pending(self, max_rows: int, max_bytes: int) -> list[Item]:
        """See Outbox. An entry that was damaged on the disk stays behind, and holds up none of those after it."""
        taken: list[Item] = []
        with reading() as session:
            for item in self._waiting(session, max_rows):
                max_bytes -= len(item.entry.raw) + len(item.sealed or b"")
                if taken and max_bytes < 0:
                    break
                taken.append(item)
                if len(taken) == max_rows:
                    break
        return taken

    def _waiting(self, session: Session, max_rows: int) -> Iterator[Item]:
        """What was read before and still waits is not read again: an entry never changes."""
        if self._read:
            first = run(session, _FIRST.limit(max(max_rows, len(self._read)))).scalars().all()
            self._read = {one: self._read[one] for one in takewhile(self._read.__contains__, first)}
        yield from list(self._read.values())
        after = _PENDING.where(_OUTBOX.c.entry_id > max(self._read, default=0))
        newer = after.execution_options(yield_per=min(max_rows, _AT_ONCE))
        for entry_id, raw, sealed, entry_hash in _rows(session, newer):
            entry = sound_entry(raw, entry_hash, sealed)
            if entry is not None:
                self._read[entry_id] = Item(entry, sealed)
                yield self._read[entry_id]

    def stubs(self, max_rows: int) -> list[Stub]:
        """See Outbox."""
        with reading() as session:
            rows = [row for row in _rows(session, _STUBBED.limit(max_rows)) if row.entry_id not in self._read]
        reasons = ((row, _unsendable(row)) for row in rows)
        return [Stub(row.author, row.epoch, row.seq, row.hash, reason) for row, reason in reasons if reason]

    def asked(self, max_rows: int) -> list[str]:
        """See Outbox."""
        with reading() as session:
            hashes = [row.hash for row in run(session, _ASKED.limit(max_rows))]
            foreign = [(row.author, row.epoch) for row in run(session, _FOREIGN)]
            return hashes + [sha for log in foreign for sha in probes(session, log)]

    def wanted(self, max_rows: int) -> list[str]:
        """See Outbox."""
        with reading() as session:
            return [str(row.hash) for row in run(session, _DAMAGED.limit(max_rows))]

    def mend(self, found: Sequence[Item]) -> int:
        """See Outbox."""
        with writing() as session:
            return sum(put_back(session, item) for item in found)

    def lost(self) -> list[Confirmed]:
        """See Outbox."""
        with reading() as session:
            return [(row.author, row.epoch, row.lost_seq) for row in run(session, _LOST)]

    def logs(self) -> list[Log]:
        """See Outbox."""
        with reading() as session:
            grant = enrolled(session).grant
            known = [(row.author, row.epoch) for row in run(session, _LOGS)]
        return [log for log in known if log != (grant.device, grant.epoch)]

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """See Outbox."""
        asked = set(key_ids)
        if not asked:
            return []
        with reading() as session:
            return [
                Capsule(row.key, row.device, row.capsule)
                for row in run(session, _CAPSULES.where(_KEYS.c.key.in_(asked)))
            ]

    def sent(self, hashes: Sequence[str], at: datetime) -> None:
        """See Outbox."""
        if not hashes:
            return
        first_time = _WAITING.where(_OUTBOX.c.hash.in_(hashes), _OUTBOX.c.sent_at.is_(None))
        with writing() as session:
            rows = run(session, first_time).all()
            left = update(_OUTBOX).where(_OUTBOX.c.entry_id.in_([row.id for row in rows]))
            run(session, left.values(sent_at=spelled_time(at)))
            count(session, rows, sent=1)

    def answered(self, ack: Acknowledgement) -> None:
        """See Outbox."""
        answers = {one.hash: one for one in ack.answers if one.final}
        with writing() as session:
            _check_head(session, ack.head)
            waiting = run(session, _WAITING.where(_OUTBOX.c.hash.in_(answers))).all()
            unsettled = [row for row in run(session, _UNSETTLED) if row.hash in answers]
            for head in (ack.head, *ack.heads):
                drop_above_gap(session, head, [*waiting, *unsettled], answers)
            _take(session, [row for row in waiting if row.hash in answers], answers)
            _settle(session, [row for row in unsettled if row.hash in answers], answers)
            for head in (ack.head, *ack.heads):
                compare(session, head, {one.hash for one in ack.answers})
            if ack.durable and chain_at(session, ack.durable) == ack.durable.chain:
                mark(session, ack.durable, durable_seq=ack.durable.seq)

    def counts(self) -> Counts:
        """See Outbox."""
        with reading() as session:
            logs = run(session, _COUNTED).all()
            oldest = run(session, _OLDEST).scalar()
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


def _rows(session: Session, statement: Executable) -> Iterable[Any]:
    return run(session, statement)


def _unsendable(row: Any) -> str | None:
    if len(row.raw) > MAX_ENTRY or len(row.sealed or b"") > MAX_SEALED:
        return "entry_too_large"
    return None if sound_entry(row.raw, row.hash, row.sealed) or _heals(row) else "entry_damaged"


def _heals(row: Any) -> bool:
    """What the next start repairs is worth waiting for."""
    raw = with_one_bit_back(row.raw, row.hash)
    if raw is None:
        return False
    ref = Entry.decode(raw).sealed
    return row.sealed is None or (ref is not None and with_one_bit_back(row.sealed, ref.sha256) is not None)


def _settle(session: Session, rows: Sequence[Any], answers: Mapping[str, Answer]) -> None:
    """What waited for its record and waits no more."""
    for row in rows:
        answer = answers[row.hash]
        refusal = _REFUSAL.c.entry_id == row.id
        if answer.result in _TAKEN:
            run(session, delete(_REFUSAL).where(refusal))
        else:
            said = {"result": str(answer.result), "problem": answer.problem}
            run(session, update(_REFUSAL).where(refusal).values(said))


def _take(session: Session, rows: Sequence[Any], answers: Mapping[str, Answer]) -> None:
    """The entries are done with; those of a batch stand one behind the other, so a few ranges name them all."""
    if not rows:
        return
    stretches = ranges(row.id for row in rows)
    run(session, _FORGET_PENDING, stretches)
    run(session, _FORGET_REFUSAL, stretches)
    count(session, rows, answered=1)
    count(session, [row for row in rows if row.sent_at is None], sent=1)
    deliver(session, ranges(row.id for row in rows if answers[row.hash].result in _TAKEN), True)
    refused = [(row.id, answers[row.hash]) for row in rows if answers[row.hash].result not in _TAKEN]
    for entry_id, answer in refused:
        said = {"entry_id": entry_id, "result": str(answer.result), "problem": answer.problem}
        run(session, insert(_REFUSAL), said)
