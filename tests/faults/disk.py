"""What a disk may hold after a power cut, made from the calls that changed it.

Knows POSIX: a write is safe once its file was synced, a name once its folder was. Before that any part of it may be
there, in any order, torn at any sector. Refuses to know SQLite, and who makes the calls: a recording played again
(`cut_at`) or a file system that lives (`tests/faults/forgetful.py`).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
OUTSIDE = ".jsonl"
"""The paper in the shopper's hand: what was written there was shown, whatever the disk holds."""
FLEETING = ("-shm", ".lock")
"""What only living processes share; nothing of it is missed after a cut."""


@dataclass(frozen=True)
class Call:
    """One call that succeeded on `path`; `data`, `place` (offset or length) and `other` by its kind."""

    thread: str
    name: str
    path: str
    data: bytes = b""
    place: int = 0
    other: str = ""


class File:
    """What the disk surely keeps of a file, the writes that wait, and what the system sees of it."""

    def __init__(self, content: bytes = b"") -> None:
        self.seen = bytearray(content)
        self.pen = 0
        self._safe = bytearray(content)
        self._waiting: list[tuple[int, bytes]] = []

    def write(self, place: int, piece: bytes) -> None:
        """An empty piece is a cut to that length, as `ftruncate` makes it."""
        self._waiting.append((place, piece))
        _put(self.seen, place, piece)

    def sync(self) -> None:
        self._safe, self._waiting = bytearray(self.seen), []

    def left(self, rng: random.Random) -> bytearray:
        """One of the contents a power cut may leave."""
        content = bytearray(self._safe)
        share = rng.choice((0.0, 0.3, 0.7, 0.95))
        for place, piece in self._waiting:
            if not piece and rng.random() < share:
                _put(content, place, piece)
            for start, sector in _sectors(place, piece):
                if rng.random() < share:
                    _put(content, start, sector)
        return content


Names = dict[str, File]
Change = dict[str, File | None]
"""One step of the names: which path is which file from now on, or none."""


class Disk:
    """Files of one folder, changed call by call. `cut` is one of the states a power cut may leave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: Names = {str(path): File(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
        self._kept = dict(self.names)
        self._changes: list[Change] = []

    def play(self, call: Call) -> None:
        """One recorded call; it succeeded."""
        if call.name in ("fdatasync", "fsync"):
            self.sync(call.path)
        elif call.name == "open":
            self._open(call)
        elif call.name == "unlink":
            self.change({call.path: None})
        elif call.name == "rename":
            self.change({call.path: None, call.other: self.names[call.path]})
        elif call.name == "write" and call.path in self.names:
            file = self.names[call.path]
            file.write(file.pen, call.data)
            file.pen += len(call.data)
        elif call.name in ("pwrite64", "ftruncate") and call.path in self.names:
            self.names[call.path].write(call.place, call.data)

    def change(self, names: Change) -> None:
        self._changes.append(names)
        _change(self.names, names)

    def sync(self, path: str) -> None:
        """A synced folder keeps its names; a synced file keeps its content and, as on ext4 and xfs, its own birth."""
        if path in self.names:
            self.names[path].sync()
            self._keep_birth(self.names[path])
        elif any(name.startswith(f"{path.rstrip('/')}/") for name in (*self.names, *self._kept)):
            self._kept, self._changes = dict(self.names), []

    def cut(self, target: Path, rng: random.Random | None) -> Path:
        """Write the disk to `target`: as a cut may leave it, by chance; without chance, as the system still sees it."""
        names = self.names if rng is None else dict(self._kept)
        if rng is not None:
            for change in self._changes[: rng.randint(0, len(self._changes))]:
                _change(names, change)
        for path, file in names.items():
            if not path.endswith(FLEETING):
                place = target / Path(path).relative_to(self.folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                whole = rng is None or path.endswith(OUTSIDE)
                place.write_bytes(file.seen if whole else file.left(rng))
        return target

    def _open(self, call: Call) -> None:
        if call.path not in self.names:
            self.change({call.path: File()})
        elif call.other == "empty":
            self.names[call.path].write(0, b"")
        file = self.names[call.path]
        file.pen = len(file.seen) if call.other == "end" else 0

    def _keep_birth(self, file: File) -> None:
        """The name a file was made under, and what happened to that name before."""
        births = [(place, path) for place, one in enumerate(self._changes) for path in one if one[path] is file]
        if births:
            place, path = births[0]
            for change in [one for one in self._changes[: place + 1] if path in one]:
                _change(self._kept, change)
                self._changes.remove(change)


def _change(names: Names, change: Change) -> None:
    for path, file in change.items():
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file


def _sectors(place: int, piece: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(piece):
        end = min(len(piece), start + SECTOR - (place + start) % SECTOR)
        yield place + start, piece[start:end]
        start = end


def _put(content: bytearray, place: int, piece: bytes) -> None:
    """A write; an empty piece is a cut to that length, as `ftruncate` makes it."""
    if not piece:
        del content[place:]
        content.extend(bytes(place - len(content)))
        return
    content.extend(bytes(max(0, place - len(content))))
    content[place : place + len(piece)] = piece


def cut_at(before: Path, calls: list[Call], place: int, target: Path, sides: dict[str, random.Random | None]) -> Path:
    """A copy of `before` as it is when the power goes after `calls[:place]`: each subfolder by its own chance."""
    disk = Disk(before)
    for call in calls[:place]:
        disk.play(call)
    for number, (side, rng) in enumerate(sides.items()):
        whole = disk.cut(target.with_name(f"{target.name}-{number}"), rng)
        target.mkdir(exist_ok=True)
        shutil.copytree(whole / side, target / side)
        shutil.copy(disk.cut(target.with_name(f"{target.name}-seen-{number}"), None) / "attempts.jsonl", target)
    return target
