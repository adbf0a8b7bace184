"""Knows how a log's entries hang together and what a place in a log is; refuses to know what the entries say."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sync.entry import number, text

GENESIS = hashlib.sha256(b"pasar/chain/1").hexdigest()
"""The chain of a log without entries."""


def link(previous: str, entry_hash: str) -> str:
    """Return the chain (hex) after an entry: SHA-256 over the 32 bytes of each of the two hashes."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(entry_hash)).hexdigest()


def linked(previous: str, hashes: Iterable[str]) -> str:
    """Return the chain after several entries, in their order."""
    for entry_hash in hashes:
        previous = link(previous, entry_hash)
    return previous


@dataclass(frozen=True)
class Position:
    """A place in a log that cannot be mistaken for one in another history: the chain hash goes with the number.

    `author` is a device or a headquarters, `epoch` the device's epoch or headquarters' incarnation; `seq` counts
    from 1 without gaps, 0 is the place before the first entry.
    """

    author: str
    epoch: int
    seq: int
    chain: str

    def to_fields(self) -> list[Any]:
        """Return the position as it is spelled in a message."""
        return [self.author, self.epoch, self.seq, self.chain]

    @classmethod
    def from_fields(cls, value: Any) -> "Position":
        """Return the position a message spells. Raises TypeError or ValueError."""
        author, epoch, seq, chain = value
        bytes.fromhex(text(chain))
        return cls(text(author), number(epoch), number(seq), chain)


def start(author: str, epoch: int) -> Position:
    """Return the place before the first entry of a log."""
    return Position(author, epoch, 0, GENESIS)
