"""The system calls of one deed: recorded, counted, and disturbed at a chosen one, with strace.

Knows strace's spelling; refuses to know what the calls are for.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.conftest import missing
from tests.faults.act import HQ, STALL
from tests.faults.disk import Call
from tests.faults.forked import traced_deed
from tests.faults.market import act

WRITES = ("pwrite64", "write", "ftruncate", "fdatasync", "fsync", "rename", "unlink")
DISTURBED = tuple(name for name in WRITES if name != "write")
"""`write` is also how a process speaks to its terminal: what it was to say is not disturbed."""

SIDES = {
    "all": (),
    "stall": (STALL, STALL.with_name(f"{STALL.name}-wal")),
    "hq": (HQ / "mpp.sqlite", HQ / "mpp.sqlite-wal"),
    "wire": (),
}
"""Whose calls a point counts; strace counts each thread by itself, and these two work in threads of their own."""

QUICK = "--seccomp-bpf"
"""Only the asked calls stop."""

_LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*?)(?: <unfinished \.\.\.>| += +(-?\d+).*)$")
_FILE = re.compile(r"^\d+<((?:\\x..)*)(?:<[^>]*>)?(?:>\(deleted\))?>?")
_TEXT = re.compile(r'"((?:\\x..)*)"')


MOST, IN_A_ROW = 100, 8
"""Up to so many points a sweep takes every one; above, so many of each row of like calls."""


@dataclass(frozen=True, order=True)
class Point:
    """The `number`th call of this name on one side."""

    name: str
    side: str
    number: int

    def __str__(self) -> str:
        return f"{self.side}-{self.name}-{self.number}"


def strace() -> str:
    found = shutil.which("strace")
    if found:
        return found
    return missing("strace", "It comes with: apt-get install -y strace.")


def recorded(folder: Path, deed: str, number: int = 0, weakness: str = "") -> list[Call]:
    """Do the deed undisturbed; every write and sync in `folder`, in the order in which they ended."""
    trace = folder / "trace"
    calls = ",".join((*WRITES, "openat", "sendto"))
    told = ("-y", "-xx", "-s", "200000", "-o", str(trace), "-e", f"trace={calls}", "-e", "signal=none")
    done = act(folder, deed, number, weakness, (strace(), "-f", QUICK, "-qq", *told))
    assert done.returncode == 0, done.stderr
    found = list(_calls(trace.read_text("ascii"), str(folder)))
    trace.unlink()
    return found


def rows(calls: Sequence[Call], folder: Path, side: str) -> list[list[Point]]:
    """The calls of that side at which the deed can be disturbed, in rows: one thread, name and file, none between."""
    paths, names = {str(folder / path) for path in SIDES[side]}, ("sendto",) if side == "wire" else DISTURBED
    counted = [call for call in calls if call.name in names and (not paths or call.path in paths)]
    reached: Counter[tuple[str, str]] = Counter()
    found: list[list[Point]] = []
    by_thread = sorted(counted, key=lambda call: call.thread)
    for (thread, name, _), row in groupby(by_thread, lambda call: (call.thread, call.name, call.path)):
        times = len(list(row))
        found.append([Point(name, side, reached[thread, name] + more) for more in range(1, times + 1)])
        reached[thread, name] += times
    return found


def points(calls: Sequence[Call], folder: Path, side: str) -> list[Point]:
    """Every call of that side at which the deed can be disturbed; threads share their numbers."""
    return sorted({point for row in rows(calls, folder, side) for point in row})


def telling(calls: Sequence[Call], folder: Path, side: str) -> list[Point]:
    """Every point; of more than MOST only IN_A_ROW of each row: its first, its last, and by seed some between."""
    every = points(calls, folder, side)
    if len(every) <= MOST:
        return every
    rng = random.Random(len(every))
    taken: set[Point] = set()
    for row in rows(calls, folder, side):
        between = row[1:-1]
        taken |= {row[0], row[-1], *rng.sample(between, min(len(between), IN_A_ROW - 2))}
    return sorted(taken)


def disturbed(
    folder: Path, deed: str, number: int, point: Point, how: str, onwards: bool = False
) -> subprocess.CompletedProcess[str]:
    """Do the deed with `how` (`signal=SIGKILL`, `error=ENOSPC`) at that call, or from it on."""
    when = f"{point.number}{'+' if onwards else ''}"
    only = [word for path in SIDES[point.side] for word in ("-P", str(folder / path))]
    asked = ("-e", f"trace={point.name}", "-e", f"inject={point.name}:{how}:when={when}", "-e", "signal=none")
    return traced_deed(folder, deed, number, [strace(), "-f", "-qq", "-o", "/dev/null", *only, *asked])


def _calls(trace: str, folder: str) -> Iterator[Call]:
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        thread, name, words, answer = match.groups()
        if answer is None:
            begun[thread] = words
            continue
        if "resumed>" in line.split("(", 1)[0]:
            words = begun.pop(thread, "") + words
        call = _call(thread, name, words) if int(answer) >= 0 else None
        if call and (call.path.startswith(folder) or call.name == "sendto"):
            yield call


def _call(thread: str, name: str, words: str) -> Call | None:
    texts = [_bytes(text) for text in _TEXT.findall(words)]
    if name == "openat":
        mode = "end" if "O_APPEND" in words else "empty" if "O_TRUNC" in words else "start"
        return Call(thread, "open", texts[0].decode(), other=mode) if "O_CREAT" in words else None
    if name in ("rename", "unlink"):
        return Call(thread, name, texts[0].decode(), other=texts[-1].decode())
    file = _FILE.match(words)
    path = _bytes(file[1]).decode(errors="replace") if file else ""
    numbers = re.findall(r", (\d+)(?=[,)]|$)", words)
    place = int(numbers[-1]) if name in ("pwrite64", "ftruncate") else -1
    return Call(thread, name, path, texts[0] if texts else b"", place)


def _bytes(spelled: str) -> bytes:
    return bytes.fromhex(spelled.replace("\\x", ""))
