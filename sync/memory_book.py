"""Knows a stall's status book as a list and a link as a call, for tests and trials; refuses to know any disk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from layanan.problems import Refused
from sync.chain import Position, link
from sync.entry import Entry
from sync.follow import followed
from sync.messages import Answer, Down, Item
from sync.ports import LinkDown
from sync.recovery import Returned
from sync.regain import rungs


class MemoryBook:
    """A stall's status book."""

    def __init__(self, cursor: Position) -> None:
        self.place = cursor
        self.entries: list[Entry] = []
        self.begin = cursor
        self.proofs: dict[Position, bytes] = {}

    def cursor(self) -> Position:
        """See StatusBook."""
        return self.place

    def receive(self, down: Down) -> int:
        """See StatusBook."""
        entries = followed(self.place, down)
        self.entries += entries
        self.place = down.position
        if entries:
            self.proofs[down.position] = down.proof
        return len(entries)

    def ladder(self) -> tuple[Position, ...]:
        """See StatusBook."""
        places = self._places()
        return tuple(places[seq] for seq in rungs(self.place.seq))

    def above(self, base: Position, max_bytes: int) -> Returned:
        """See StatusBook."""
        places, room, end = self._places(), max_bytes, None
        self._check(base)
        for entry in self.entries[base.seq :]:
            room -= len(entry.raw)
            if end and room < 0:
                break
            end = places[entry.seq] if places[entry.seq] in self.proofs else end
        if end is None:
            raise Refused("sync_gap")
        return Returned(base, tuple(one.raw for one in self.entries[base.seq : end.seq]), self.proofs[end])

    def rewind(self, place: Position) -> None:
        """See StatusBook."""
        self._check(place)
        del self.entries[place.seq :]
        self.place = place

    def _check(self, place: Position) -> None:
        if place.seq > self.place.seq or self._places()[place.seq].chain != place.chain:
            raise Refused("sync_gap")

    def _places(self) -> list[Position]:
        return places_of(self.begin, self.entries)


def places_of(begin: Position, log: Iterable[Entry]) -> list[Position]:
    """Return the place before the first entry of a log and the one after each."""
    places = [begin]
    for entry in log:
        places.append(Position(begin.author, entry.epoch, entry.seq, link(places[-1].chain, entry.hash)))
    return places


@dataclass
class Row:
    """An entry in memory, when it left and what was answered."""

    item: Item
    sent_at: datetime | None = None
    answer: Answer | None = None


class MemoryLink:
    """A link that is a function call; `None` in its place is a link that is down."""

    def __init__(self, answer: Callable[[bytes], bytes] | None) -> None:
        self.answer = answer
        self.timeout = 0.0

    def exchange(self, frame: bytes) -> bytes:
        """See Link."""
        if self.answer is None:
            raise LinkDown("link_no_address")
        return self.answer(frame)
