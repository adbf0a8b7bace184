"""The system calls of one deed: recorded, counted, and disturbed at a chosen one, with strace.

Knows strace's spelling; refuses to know what the calls are for.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import missing
from tests.faults.act import HQ, STALL
from tests.faults.disk import Call
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
"""Only the asked calls stop; with it strace sends no signal of its own."""

_LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*?)(?: <unfinished \.\.\.>| += +(-?\d+).*)$")
_FILE = re.compile(r"^\d+<((?:\\x..)*)(?:<[^>]*>)?(?:>\(deleted\))?>?")
_TEXT = re.compile(r'"((?:\\x..)*)"')


@dataclass(frozen=True)
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


def points(calls: list[Call], folder: Path, side: str) -> list[Point]:
    """Every call of that side at which the deed can be disturbed."""
    paths = {str(folder / path) for path in SIDES[side]}
    names = ("sendto",) if side == "wire" else DISTURBED
    reached: Counter[tuple[str, str]] = Counter()
    for call in calls:
        if call.name in names and (not paths or call.path in paths):
            reached[call.thread, call.name] += 1
    most = {name: max(times for (_, one), times in reached.items() if one == name) for _, name in reached}
    return [Point(name, side, number) for name in sorted(most) for number in range(1, most[name] + 1)]


def disturbed(
    folder: Path, deed: str, number: int, point: Point, how: str, onwards: bool = False
) -> subprocess.CompletedProcess[str]:
    """Do the deed with `how` (`signal=SIGKILL`, `error=ENOSPC`) at that call, or from it on."""
    when = f"{point.number}{'+' if onwards else ''}"
    only = [word for path in SIDES[point.side] for word in ("-P", str(folder / path))]
    asked = ("-e", f"trace={point.name}", "-e", f"inject={point.name}:{how}:when={when}", "-e", "signal=none")
    quick = () if how.startswith("signal") else (QUICK,)
    return act(folder, deed, number, under=(strace(), "-f", *quick, "-qq", "-o", "/dev/null", *only, *asked))


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
