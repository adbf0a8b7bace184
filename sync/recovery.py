"""Knows what a stall says beside a batch when one side may have lost something; refuses to know who lost it.

On a usual day all of it is empty and travels as nothing.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sync.canonical import spell, spelled
from sync.chain import Position, link
from sync.entry import Entry, number, text

Log = tuple[str, int]
"""A log by its author and epoch."""

Confirmed = tuple[str, int, int]
"""A log and the last number headquarters had confirmed of it."""


@dataclass(frozen=True)
class Stub:
    """What is sent in the place of an entry that cannot be: its place, its hash, and why (a code of the catalogue)."""

    author: str
    epoch: int
    seq: int
    hash: str
    reason: str

    def to_fields(self) -> list[Any]:
        """Return the stub as it is spelled in a message, and kept at headquarters."""
        return [self.author, self.epoch, self.seq, self.hash, self.reason]

    @classmethod
    def from_fields(cls, value: Any) -> "Stub":
        """Return the stub a message spells. Raises TypeError or ValueError."""
        author, epoch, seq, sha, reason = value
        if len(bytes.fromhex(text(sha))) != 32:
            raise ValueError("a hash has 32 bytes")
        return cls(text(author), number(epoch), number(seq), sha, text(reason))


@dataclass(frozen=True)
class Returned:
    """Headquarters' own entries, given back: they follow `base`, and `proof` vouches for the place they end at."""

    base: Position
    entries: tuple[bytes, ...]
    proof: bytes


@dataclass(frozen=True)
class Recovery:
    """What a stall asks and gives beside a batch.

    `logs`: logs it wrote besides the sender's, whose heads it wants to know. `places`: where it stands in
    headquarters' log and some places before, newest first.
    `asked`: hashes of entries whose present answer it wants to
    know; one that headquarters does not hold gets none. `trust`: ids of headquarters' keys whose signature counts
    here, newest first, when headquarters has answered with another. `wanted`: hashes of own entries that were damaged
    here. `lost`: logs that headquarters once confirmed further than it has them now, and how far.
    """

    logs: tuple[Log, ...] = ()
    places: tuple[Position, ...] = ()
    returned: Returned | None = None
    asked: tuple[str, ...] = ()
    stubs: tuple[Stub, ...] = field(default=())
    trust: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    lost: tuple[Confirmed, ...] = ()

    def to_fields(self) -> dict[str, Any]:
        """Return what is not empty, as plain values."""
        given = self.returned
        said = {
            "logs": [list(log) for log in self.logs],
            "places": [place.to_fields() for place in self.places],
            "returned": given and _returned_fields(given),
            "asked": list(self.asked),
            "stubs": [stub.to_fields() for stub in self.stubs],
            "trust": list(self.trust),
            "wanted": list(self.wanted),
            "lost": [list(log) for log in self.lost],
        }
        return {name: value for name, value in said.items() if value}

    @classmethod
    def from_fields(cls, given: Any) -> "Recovery":
        """Return what plain values say; what is not there is empty. Raises KeyError, TypeError or ValueError."""
        returned = given.get("returned")
        return cls(
            tuple((text(author), number(epoch)) for author, epoch in given.get("logs", ())),
            tuple(Position.from_fields(place) for place in given.get("places", ())),
            _returned(returned) if returned else None,
            tuple(text(sha) for sha in given.get("asked", ())),
            tuple(Stub.from_fields(stub) for stub in given.get("stubs", ())),
            tuple(text(key) for key in given.get("trust", ())),
            tuple(text(sha) for sha in given.get("wanted", ())),
            tuple((text(author), number(epoch), number(seq)) for author, epoch, seq in given.get("lost", ())),
        )


NOTHING = Recovery()


def after(place: Position, entries: Iterable[Entry]) -> Position | None:
    """Return the place after entries that follow `place` one by one; None when they do not."""
    for entry in entries:
        if entry.author != place.author or entry.seq != place.seq + 1 or entry.epoch < place.epoch:
            return None
        place = Position(entry.author, entry.epoch, entry.seq, link(place.chain, entry.hash))
    return place


def _returned_fields(given: Returned) -> dict[str, Any]:
    return {
        "base": given.base.to_fields(),
        "entries": [spelled(raw) for raw in given.entries],
        "proof": b64encode(given.proof).decode(),
    }


def _returned(value: Any) -> Returned:
    entries = tuple(spell(entry) for entry in value["entries"])
    return Returned(Position.from_fields(value["base"]), entries, b64decode(text(value["proof"]), validate=True))
