"""Knows how stall and headquarters come back onto one log after headquarters was restored; refuses to know disks.

What a stall has read is never lost again: it stands in the log that headquarters serves afterwards, at its old place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from layanan.problems import Refused
from sync.chain import Position
from sync.entry import Entry
from sync.messages import Acknowledgement, Down
from sync.ports import StatusBook
from sync.recovery import Recovery, after

MOST_RETURNED = 500_000
"""Bytes of headquarters' entries in one batch; a whole stretch always fits."""


def is_off_log(down: Down, cursor: Position) -> bool:
    """Say whether headquarters answered that it does not know this place: its own head and nothing else."""
    return not down.entries and down.position != cursor


def rungs(seq: int) -> list[int]:
    """Return numbers of places to ask for: the last, then steps that double, then 0."""
    found, step = [], 1
    while seq > 0:
        found.append(seq)
        seq, step = seq - step, step * 2
    return [*found, 0]


def regain(book: StatusBook, ask: Callable[[Recovery], Acknowledgement]) -> None:
    """Find the last common place, give back what stands above it, and stand on headquarters' log again.

    A stretch that headquarters holds elsewhere already stays where it is there; once all is given, the book goes back
    to where that began. Raises Refused("sync_gap") when headquarters takes nothing of it; the book is as it was then.
    """
    common = _told(ask(Recovery(places=book.ladder())))
    cursor, back = book.cursor(), None
    while common.seq < cursor.seq:
        given = book.above(common, MOST_RETURNED)
        end = after(common, (Entry.decode(raw) for raw in given.entries))
        if end is None:
            raise Refused("sync_gap")
        place = _told(ask(Recovery(returned=given)))
        back = back or (place if place != end else None)
        common = end
    if back:
        book.rewind(back)


def _told(ack: Acknowledgement) -> Position:
    if ack.common is None:
        raise Refused("sync_gap")
    return ack.common


@dataclass(frozen=True)
class Merged:
    """What becomes of headquarters' log above `base`; `entries` None: it stays, and the stall reads on from `base`."""

    base: Position
    entries: list[Entry] | None
    incarnation: int


def merged(base: Position, given: Sequence[Entry], own: Sequence[Entry], incarnation: int) -> Merged:
    """Return the log above `base` that holds both what was given back and headquarters' own later entries.

    Given entries keep their bytes and places; own ones that are not among them (by id) follow, written anew under a
    higher incarnation. When every given one is known here, nothing changes: two machines that read two branches would
    turn the log over for ever.
    """
    same = next((n for n, (a, b) in enumerate(zip(given, own, strict=False)) if a.hash != b.hash), None)
    same = min(len(given), len(own)) if same is None else same
    given, base, own = given[same:], _place(base, given[:same]), own[same:]
    known = {entry.id for entry in own}
    if all(entry.id in known for entry in given):
        return Merged(base, None, incarnation)
    incarnation = max(incarnation, given[-1].epoch + 1)
    return Merged(base, [*given, *_anew(own, given, given[-1].seq, incarnation)], incarnation)


def gathered(head: Position, given: Sequence[Entry], own: Sequence[Entry], incarnation: int) -> Merged:
    """Return what follows the head of a log that lacks the place the given entries follow: those it lacks, anew."""
    incarnation = max(incarnation, given[-1].epoch + 1)
    missing = _anew(given, own, head.seq, incarnation)
    return Merged(head, missing, incarnation) if missing else Merged(head, None, incarnation)


def _anew(entries: Sequence[Entry], but: Sequence[Entry], seq: int, incarnation: int) -> list[Entry]:
    """Those entries that are not among the others, by id, at the places behind `seq`."""
    known = {entry.id for entry in but}
    again = [entry for entry in entries if entry.id not in known]
    return [replace(entry, epoch=incarnation, seq=seq + n, raw=b"", hash="") for n, entry in enumerate(again, 1)]


def _place(base: Position, entries: Sequence[Entry]) -> Position:
    place = after(base, entries)
    if place is None:
        raise Refused("sync_gap")
    return place
