"""Knows how far this stall's log had come, in a small file outside the database; refuses to open the database.

It notices a database file that was put back, emptied, exchanged, or that lost its write-ahead log, by at least one
entry. It cannot notice what is put back together with it (a copy of the whole card: headquarters does), nor entries
lost in one power cut with lines that are not on the disk yet, at most the saves since the last idle moment.
"""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sync.chain import Position

_LONG = 64 * 1024
_HIGHEST, _VERIFIED, _LOST = "H", "V", "L"


@dataclass(frozen=True)
class Marks:
    """`highest` is the last place the log is known to have reached; up to `verified` every entry was once read whole;
    `lost` is a place that a start did not find again."""

    highest: Position | None = None
    verified: Position | None = None
    lost: Position | None = None


class HighWater:
    """The marks of the database at `database`, one line each, a checksum at its end; a torn line is passed over.

    No method raises: a mark that cannot be written must not turn a stored request into a refusal.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.mark")
        self._unsettled = True

    def reached(self, place: Position) -> None:
        """Note that the log has come this far: one short write, made durable by the next `settle`."""
        self._append(_line(_HIGHEST, place))

    def verified(self, place: Position) -> None:
        """Note that everything up to here was read and found sound."""
        self._append(_line(_VERIFIED, place))

    def lost(self, place: Position) -> None:
        """Note that this place was reached and is gone: a log that grows past its number again does not hide that."""
        self._append(_line(_LOST, place))

    def settle(self) -> None:
        """Make the marks durable; call it when nobody waits. A file that has grown long is written anew."""
        if not self._unsettled:
            return
        with suppress(OSError):
            if self.path.stat().st_size > _LONG:
                self._rewrite()
            else:
                _sync_to_disk(self.path)
            self._unsettled = False

    def read(self) -> Marks:
        """Return the marks; none where there is no file."""
        found: dict[str, Position] = {}
        for kind, place in self._lines():
            found[kind] = _higher(found.get(kind), place) if kind == _HIGHEST else place
        return Marks(found.get(_HIGHEST), found.get(_VERIFIED), found.get(_LOST))

    def _lines(self) -> list[tuple[str, Position]]:
        try:
            text = self.path.read_text("ascii", "replace")
        except OSError:
            return []
        return [found for line in text.splitlines() if (found := _read(line))]

    def _append(self, line: str) -> None:
        with suppress(OSError):
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                # A newline first: after a torn line this one is still whole.
                os.write(handle, f"\n{line}".encode("ascii"))
            finally:
                os.close(handle)
            self._unsettled = True

    def _rewrite(self) -> None:
        marks, fresh = self.read(), self.path.with_name(f"{self.path.name}.new")
        kept = ((_HIGHEST, marks.highest), (_VERIFIED, marks.verified), (_LOST, marks.lost))
        lines = [_line(kind, place) for kind, place in kept if place]
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write("\n".join(lines))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)
        if os.name != "nt":
            _sync_to_disk(self.path.parent)


def _line(kind: str, place: Position) -> str:
    said = f"{kind} {place.author} {place.epoch} {place.seq} {place.chain}"
    return f"{said} {_checksum(said)}"


def _read(line: str) -> tuple[str, Position] | None:
    said, _, checksum = line.rpartition(" ")
    if checksum != _checksum(said):
        return None
    kind, author, epoch, seq, chain = said.split(" ")
    return kind, Position(author, int(epoch), int(seq), chain)


def _checksum(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def _higher(highest: Position | None, place: Position) -> Position:
    """Two threads may write their lines in either order; another author is a machine that was enrolled anew."""
    if highest is None or highest.author != place.author:
        return place
    return max(highest, place, key=lambda one: (one.epoch, one.seq))


def _sync_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
