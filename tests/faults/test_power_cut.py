"""The power goes at a random moment of save and sync: what was not synced is lost, torn, or there in another order.

One recording of every write, replayed offline. A seeded few in every run; two hundred with `--full`.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from layanan.problems import Refused
from pasar.journey.checker import Verdict
from tests.faults.disk import Call, cut_at
from tests.faults.market import judged
from tests.faults.traced import recorded

pytestmark = pytest.mark.faults
SIDES = ("gerai", "mpp")
FEW, MANY = 20, 200


def images(evening: Path, folder: Path, deed: str, number: int, weakness: str = "") -> tuple[Path, list[Call]]:
    """The folder as it was before the deed, and every call of the deed in it."""
    before, place = shutil.copytree(evening, folder / "before"), folder / "place"
    shutil.copytree(before, place)
    calls = recorded(place, deed, number, weakness)
    shutil.rmtree(place)
    return before.rename(place), calls


def after_cut(before: Path, calls: list[Call], seed: int) -> Verdict:
    """One cut of one side or of both at once, healed and judged."""
    rng = random.Random(seed)
    here, target = rng.randrange(len(calls) + 1), before.with_name(f"cut{seed}")
    dark = rng.choice([("gerai",), ("mpp",), SIDES])
    cut_at(before, calls, here, target, {side: rng if side in dark else None for side in SIDES})
    return judged(target)


def test_the_replay_without_a_cut_is_the_disk_itself(evening: Path, tmp_path: Path) -> None:
    place = shutil.copytree(evening, tmp_path / "place")
    before = shutil.copytree(evening, tmp_path / "before")
    calls = recorded(place, "save", 2)
    now = place.rename(tmp_path / "now")
    before.rename(place)
    whole = cut_at(place, calls, len(calls), tmp_path / "whole", dict.fromkeys(SIDES))
    for name in ("gerai/pasar.sqlite", "mpp/mpp.sqlite", "attempts.jsonl"):
        assert (whole / name).read_bytes() == (now / name).read_bytes(), name


@pytest.mark.parametrize("deed, number", [("save", 4), ("sync", 0)])
def test_every_receipt_shown_before_the_cut_is_there(
    evening: Path, tmp_path: Path, deed: str, number: int, request: pytest.FixtureRequest,
    record_property: Callable[..., None],
) -> None:  # fmt: skip
    before, calls = images(evening, tmp_path, deed, number)
    seeds = range(MANY if request.config.getoption("--full") else FEW // 2)
    verdicts = {seed: after_cut(before, calls, seed) for seed in seeds}
    record_property("points", len(verdicts))
    assert {seed: verdict.differences for seed, verdict in verdicts.items() if verdict.differences} == {}
    assert max(verdict.accepted for verdict in verdicts.values()) >= 3


def test_a_stall_that_waits_for_no_disk_is_caught(evening: Path, tmp_path: Path) -> None:
    """The same cuts under `synchronous=OFF` lose receipts: the replay can fail."""
    before, calls = images(evening, tmp_path, "save", 4, "never-synced")
    assert any(lost(before, calls, seed) for seed in range(FEW))


def lost(before: Path, calls: list[Call], seed: int) -> int:
    """Receipts that are gone; a file torn beyond opening is another kind of harm and not counted."""
    try:
        return after_cut(before, calls, seed).losses
    except (AssertionError, Refused, DBAPIError):
        return 0
