"""Knows what headquarters' heads tell about the stall's logs: what is there, what is lost; refuses to know more."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, case, func, insert, select, update
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

_ENTRY, _LOG, _PERMOHONAN = table(EntryRow), table(LogRow), table(PermohonanRow)
_ACCEPTED = select(_ENTRY.c.record_id).where(
    _ENTRY.c.id.between(bindparam("first"), bindparam("last")), _ENTRY.c.kind == str(Kind.ACCEPTED)
)
_CHAIN = select(_ENTRY.c.chain).where(
    _ENTRY.c.author == bindparam("author"), _ENTRY.c.epoch == bindparam("epoch"), _ENTRY.c.seq == bindparam("seq")
)
_ANSWERED = select(_LOG.c.answered_seq).where(_LOG.c.author == bindparam("author"), _LOG.c.epoch == bindparam("epoch"))
_DELIVER = update(_PERMOHONAN).where(_PERMOHONAN.c.record_id.in_(_ACCEPTED))
FOREIGN = -1
"""In the place of a log's answered head: headquarters' head of it is on another machine's branch."""


def chain_at(session: Session, place: Position) -> str | None:
    """Return the chain of a log at a place, None where nothing was written yet."""
    if place.seq == 0:
        return GENESIS
    of = {"author": place.author, "epoch": place.epoch, "seq": place.seq}
    return run(session, _CHAIN, of).scalar()


def mark(session: Session, log: Position, **marks: Any) -> None:
    """Write down how far headquarters said it has a log (`answered_seq`) or has it for good (`durable_seq`)."""
    row = update(table(LogRow)).where(LogRow.author == log.author, LogRow.epoch == log.epoch)
    run(session, row.values(marks))


def count(session: Session, rows: Sequence[Any], *, sent: int = 0, answered: int = 0) -> None:
    """Move the counters of the logs that these entries stand in."""
    for (author, epoch), number in Counter((row.author, row.epoch) for row in rows).items():
        log = update(table(LogRow)).where(LogRow.author == author, LogRow.epoch == epoch)
        run(session, log.values(sent=LogRow.sent + sent * number, answered=LogRow.answered + answered * number))


def ranges(ids: Iterable[int]) -> list[dict[str, int]]:
    """Return numbers as stretches without a gap, each by its first and last: what `between` takes."""
    stretches: list[dict[str, int]] = []
    for one in sorted(ids):
        if stretches and stretches[-1]["last"] == one - 1:
            stretches[-1]["last"] = one
        else:
            stretches.append({"first": one, "last": one})
    return stretches


def deliver(session: Session, stretches: Sequence[Mapping[str, int]], delivered: bool) -> None:
    """Note whether headquarters has answered for the acceptances among these entries (`ranges` of their ids)."""
    if stretches:
        run(session, _DELIVER.values(delivered=delivered), stretches)


def probes(session: Session, log: Log) -> list[str]:
    """Answered entries of a log, in steps that double."""
    own = (EntryRow.author == log[0]) & (EntryRow.epoch == log[1]) & EntryRow.id.not_in(select(OutboxRow.entry_id))
    answered = session.scalars(select(EntryRow.hash).where(own).order_by(EntryRow.seq)).all()
    return [answered[number - 1] for number in rungs(len(answered)) if number]


def drop_above_gap(session: Session, head: Position, told: Sequence[Any], answers: dict[str, Answer]) -> None:
    """Answers to what an earlier question asked, when a later one has shown that something before it is lost.

    `told` are the rows of the entries that the answers are for.
    """
    above = [row for row in told if (row.author, row.epoch) == (head.author, head.epoch) and row.seq > head.seq]
    if not above or chain_at(session, head) != head.chain:
        return
    last = max(row.seq for row in above)
    waiting = select(EntryRow).join(OutboxRow, OutboxRow.entry_id == EntryRow.id).order_by(EntryRow.seq)
    between = (
        (EntryRow.author == head.author) & (EntryRow.epoch == head.epoch) & EntryRow.seq.between(head.seq + 1, last)
    )
    for lost in session.scalars(waiting.where(between)):
        if lost.hash not in answers and is_sound(lost.raw, lost.hash, lost.sealed):
            for row in above:
                if row.seq > lost.seq:
                    answers.pop(row.hash, None)
            return


def compare(session: Session, head: Position, told: set[str]) -> None:
    """What headquarters has lost (it was restored) waits again: above its head, or all when the head is foreign."""
    answered = run(session, _ANSWERED, {"author": head.author, "epoch": head.epoch}).scalar()
    if answered is None:
        return
    if chain_at(session, head) == head.chain:
        if answered == FOREIGN or answered > head.seq:
            _reopen(session, head, head.seq)
        if answered > head.seq:
            mark(session, head, answered_seq=head.seq, lost_seq=func.max(LogRow.lost_seq, answered))
        elif answered != head.seq:
            again = case((LogRow.lost_seq <= head.seq, 0), else_=LogRow.lost_seq)
            mark(session, head, answered_seq=head.seq, lost_seq=again)
    elif answered != FOREIGN or not told >= set(probes(session, (head.author, head.epoch))):
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
    deliver(session, ranges(row.id for row in lost), False)


def _written_at(raw: bytes) -> str:
    """When an entry was written; of a damaged one, long ago: it waits like the oldest."""
    try:
        return spelled_time(Entry.decode(raw).at)
    except Refused:
        return "1970-01-01T00:00:00.000Z"
