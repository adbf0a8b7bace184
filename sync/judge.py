"""Knows what answer an arriving entry gets; refuses to know how headquarters looks things up.

One rule for every kind of inbox. Whatever the answer, the entry is stored: the judgement decides whether it counts.
"""

from typing import NamedTuple

from layanan.permohonan import Kind
from sync.messages import Answer, Item, Result


class Seen(NamedTuple):
    """What headquarters knows before it takes an entry.

    `earlier` is the answer this very entry got before; `taken` says that another entry, not rejected, stands at
    its place; `of_stall` that its author was granted its epoch at the sender's stall; `record_known` that the
    acceptance of its record is here.
    """

    revoked: bool
    of_stall: bool
    earlier: Answer | None
    taken: bool
    record_known: bool


def judged(item: Item, seen: Seen) -> Answer:
    """Return the answer. A final answer stays what it was, except that waiting ends when the record arrives."""
    settled = seen.earlier if seen.earlier and seen.earlier.final else None
    if settled and settled.result in (Result.REJECTED, Result.CONFLICT):
        return settled
    sha = item.entry.hash
    if settled is None:
        problem = _objection(item, seen)
        if problem:
            return Answer(sha, Result.REJECTED, problem)
        if seen.taken:
            return Answer(sha, Result.CONFLICT, "sync_fork")
    if item.entry.record and item.entry.kind != Kind.ACCEPTED and not seen.record_known:
        return Answer(sha, Result.WAITING, "entry_record_unknown")
    return Answer(sha, Result.KNOWN if settled else Result.ACCEPTED)


def _objection(item: Item, seen: Seen) -> str | None:
    if seen.revoked:
        return "sync_revoked"
    return item.problem() or (None if seen.of_stall else "entry_not_yours")
