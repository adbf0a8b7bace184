"""Killed, out of room or failing at every write, sync, rename and send of save, sync, courier, copy, migrate and prune.

A seeded few in every run; with `--full` all of them, of very many those that `traced.telling` takes.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.faults.disk import Call
from tests.faults.market import aftermath
from tests.faults.traced import IN_A_ROW, MOST, Point, disturbed, points, recorded, rows, telling

pytestmark = pytest.mark.faults
Traces = Callable[[str, int], tuple[list[Call], Path]]
KILL, FULL, BROKEN = "signal=SIGKILL", "error=ENOSPC", "error=EIO"


@dataclass(frozen=True)
class Sweep:
    """One deed disturbed in one way; `few` points of it in every run. A full disk stays full to the deed's end."""

    deed: str
    side: str
    how: str
    few: int
    number: int = 0

    def __str__(self) -> str:
        return f"{self.deed}-{self.side}-{self.how.partition('=')[2]}"


SWEEPS = (
    Sweep("save", "all", KILL, 6, number=1),
    Sweep("sync", "stall", KILL, 3),
    Sweep("sync", "hq", KILL, 4),
    Sweep("sync", "wire", KILL, 1),
    Sweep("scans", "stall", KILL, 1),
    pytest.param(Sweep("scans", "hq", KILL, 1), marks=pytest.mark.full),
    pytest.param(Sweep("scans", "stall", FULL, 1), marks=pytest.mark.full),
    pytest.param(Sweep("scans", "hq", FULL, 1), marks=pytest.mark.full),
    pytest.param(Sweep("rotate", "all", KILL, 1), marks=pytest.mark.full),
    Sweep("courier", "all", KILL, 2),
    Sweep("courier", "all", FULL, 1),
    Sweep("copy-stall", "all", KILL, 1),
    Sweep("copy-hq", "all", KILL, 1),
    Sweep("begin", "all", KILL, 1),
    Sweep("prune", "stall", KILL, 2),
    Sweep("prune", "stall", FULL, 1),
    Sweep("save", "all", FULL, 2, number=1),
    Sweep("sync", "stall", FULL, 1),
    Sweep("sync", "hq", FULL, 1),
    Sweep("save", "all", BROKEN, 1, number=1),
    Sweep("sync", "stall", BROKEN, 1),
    Sweep("sync", "hq", BROKEN, 1),
)


@pytest.fixture(scope="module")
def traces(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """Each deed recorded once, undisturbed: its calls and the folder they were made in."""

    @cache
    def trace(deed: str, number: int) -> tuple[list[Call], Path]:
        folder = shutil.copytree(evening, tmp_path_factory.mktemp("trace") / deed)
        return recorded(folder, deed, number), folder

    return trace


@pytest.mark.parametrize("sweep", SWEEPS, ids=str)
def test_disturbed_at_every_call(
    sweep: Sweep, traces: Traces, evening: Path, tmp_path: Path, request: pytest.FixtureRequest,
    record_property: Callable[..., None],
) -> None:  # fmt: skip
    recording = traces(sweep.deed, sweep.number)
    if request.config.getoption("--full"):
        found = telling(*recording, sweep.side)
    else:
        found = random.Random(str(sweep)).sample(points(*recording, sweep.side), sweep.few)
    struck, lost, bad = 0, 0, []
    for point in found:
        place = shutil.copytree(evening, tmp_path / str(point))
        hurt, wrong = one(sweep, place, point)
        struck += hurt
        lost += bool(wrong)
        bad += [f"{point}: {said}" for said in wrong]
        shutil.rmtree(place)
    record_property("points", struck)
    record_property("bad", lost)
    assert bad == []
    assert struck >= 0.8 * len(found)


def one(sweep: Sweep, place: Path, point: Point) -> tuple[bool, list[str]]:
    """Disturb the deed once, look at what it left, do it again undisturbed; whether it was struck, what is wrong."""
    done = disturbed(place, sweep.deed, sweep.number, point, sweep.how, onwards=sweep.how == FULL)
    struck = done.returncode != 0 or sweep.how != KILL
    wrong = ["a traceback where a sentence belongs: " + done.stderr[-800:]] if "Traceback" in done.stderr else []
    return struck, wrong + aftermath(place, sweep.deed, min(1, sweep.number))


def test_what_a_sweep_leaves_out_is_only_the_middle_of_long_rows(tmp_path: Path) -> None:
    """A row of one, a long one, a short one and a long one in another thread: each end is struck, short rows whole."""
    deed = (("1", "fsync", 1), ("1", "pwrite64", MOST), ("1", "rename", 1), ("1", "pwrite64", 3), ("2", "pwrite64", 40))
    calls = [Call(thread, name, str(tmp_path / "file")) for thread, name, times in deed for _ in range(times)]
    every, taken = points(calls, tmp_path, "all"), telling(calls, tmp_path, "all")
    assert set(taken) < set(every) and taken == telling(calls, tmp_path, "all")
    for row in rows(calls, tmp_path, "all"):
        assert {row[0], row[-1]} <= set(taken)
        assert len(set(row) & set(taken)) >= min(len(row), IN_A_ROW)
    assert telling(calls[: MOST - 1], tmp_path, "all") == points(calls[: MOST - 1], tmp_path, "all")
