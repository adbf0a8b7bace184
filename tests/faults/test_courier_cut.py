"""The power goes while a courier's file is written: under its name it is whole or not there, said or unsaid.

One recording of every write of the way there and back, replayed offline at each step on the stick.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.faults.disk import Call, Disk
from tests.faults.traced import recorded

pytestmark = pytest.mark.faults
SEEDS = 25


@pytest.fixture(scope="module")
def walked(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Call], dict[str, bytes]]:
    """Every call on the stick, there and back, and what lay on it at the end; it is empty again."""
    place = shutil.copytree(evening, tmp_path_factory.mktemp("walk") / "place")
    stick = place / "stik"
    calls = [call for call in recorded(place, "courier", 0) if str(stick) in call.path]
    kept = {str(path): path.read_bytes() for path in stick.iterdir()}
    assert len(kept) == 2
    for name in kept:
        Path(name).unlink()
    return calls, kept


def images(calls: list[Call], folder: Path) -> list[dict[str, bytes]]:
    """What the stick holds under final names after a cut behind each call; the last ones are at the end."""
    stick = folder / "stik"
    stick.mkdir()
    disk, found = Disk(Path(calls[0].path).parent), []
    for call in calls:
        disk.play(call)
        for seed in range(SEEDS):
            shutil.rmtree(stick)
            stick.mkdir()
            disk.cut(stick, random.Random(seed))
            found.append({str(disk.folder / path.name): path.read_bytes() for path in stick.glob("*.pasar")})
    return found


@pytest.mark.clause("P67")
def test_a_file_is_whole_or_not_there_and_what_was_said_to_be_safe_is_there(
    walked: tuple[list[Call], dict[str, bytes]], tmp_path: Path
) -> None:
    calls, kept = walked
    found = images(calls, tmp_path)
    assert len(found) >= 8 * SEEDS
    assert all(image.items() <= kept.items() for image in found)
    assert found[-SEEDS:] == [kept] * SEEDS


def test_without_waiting_for_the_disk_this_replay_finds_torn_files(
    walked: tuple[list[Call], dict[str, bytes]], tmp_path: Path
) -> None:
    calls, kept = walked
    careless = [call for call in calls if call.name not in ("fsync", "fdatasync")]
    assert not all(image.items() <= kept.items() for image in images(careless, tmp_path))
