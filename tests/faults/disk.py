"""What a disk may hold after a power cut, made from a recorded list of calls.

Knows POSIX: a write is safe once its file was synced, a name once its folder was. Before that any part of it may be
there, in any order, torn at any sector. Refuses to know SQLite.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.faults.traced import Call

SECTOR = 512
OUTSIDE = ".jsonl"
"""The paper in the shopper's hand: what was written there was shown, whatever the disk holds."""


class Disk:
    """Files of one folder. `play` moves it on by a call; `cut` is one of the states a power cut may leave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._safe = {str(path): bytearray(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
        self._waiting: dict[str, list[tuple[int, bytes]]] = {}
        self._names: list[Call] = []
        self._pens: dict[str, int] = {}

    def play(self, call: Call) -> None:
        if call.name in ("fdatasync", "fsync"):
            self._sync(call.path)
        elif call.name == "open":
            self._open(call)
        elif call.name in ("rename", "unlink"):
            self._names.append(call)
        elif call.name in ("pwrite64", "write", "ftruncate"):
            place = self._pens.get(call.path, 0) if call.name == "write" else call.place
            self._waiting.setdefault(call.path, []).append((place, call.data))
            if call.name == "write":
                self._pens[call.path] = place + len(call.data)

    def cut(self, target: Path, rng: random.Random | None) -> Path:
        """Write the disk to `target`: as a cut may leave it, by chance; without chance, as the system still sees it."""
        names = len(self._names) if rng is None else rng.randint(0, len(self._names))
        files = {path: self._left(path, rng) for path in self._safe}
        for call in self._names[names:]:
            if call.name == "open":
                files.pop(call.path, None)
        for call in self._names[:names]:
            if call.name == "unlink":
                files.pop(call.path, None)
            elif call.name == "rename" and call.path in files:
                files[call.other] = files.pop(call.path)
        for path, content in files.items():
            if not path.endswith(("-shm", ".lock")):
                place = target / Path(path).relative_to(self.folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        return target

    def _open(self, call: Call) -> None:
        if call.path not in self._safe:
            self._names.append(call)
            self._safe[call.path] = bytearray()
        elif call.other == "empty":
            self._waiting.setdefault(call.path, []).append((0, b""))
        self._pens[call.path] = len(self._whole(call.path)) if call.other == "end" else 0

    def _sync(self, path: str) -> None:
        """A synced folder keeps its names; a synced file keeps its content and, as on ext4 and xfs, its own birth."""
        if path in self._safe:
            self._safe[path] = self._whole(path)
            self._waiting.pop(path, None)
            self._names = [call for call in self._names if not (call.name == "open" and call.path == path)]
            return
        for call in self._names:
            if call.name == "unlink":
                self._safe.pop(call.path, None)
                self._waiting.pop(call.path, None)
            elif call.name == "rename" and call.path in self._safe:
                self._safe[call.other] = self._safe.pop(call.path)
                self._waiting[call.other] = self._waiting.pop(call.path, [])
        self._names = []

    def _whole(self, path: str) -> bytearray:
        content = bytearray(self._safe.get(path, b""))
        for place, piece in self._waiting.get(path, []):
            _put(content, place, piece)
        return content

    def _left(self, path: str, rng: random.Random | None) -> bytearray:
        if rng is None or path.endswith(OUTSIDE):
            return self._whole(path)
        content = bytearray(self._safe[path])
        share = rng.choice((0.0, 0.3, 0.7, 0.95))
        for place, piece in self._waiting.get(path, []):
            if not piece and rng.random() < share:
                _put(content, place, piece)
            for start, sector in _sectors(place, piece):
                if rng.random() < share:
                    _put(content, start, sector)
        return content


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
