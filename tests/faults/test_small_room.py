"""A disk of four megabytes, and one without an inode left: real processes say so, keep what they showed, and go on.

Needs root, to mount: `make faults` only. What needs none is in tests/store/test_full_disk.py.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from layanan.problems import PROBLEMS
from tests.conftest import missing
from tests.faults.market import act, aftermath

pytestmark = [pytest.mark.faults, pytest.mark.full]


@contextmanager
def room(evening: Path, place: Path, limits: str) -> Iterator[Path]:
    """The stall and its headquarters on a small disk of their own."""
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", limits, "tmpfs", place], capture_output=True).returncode:
        missing("mount", "Only root can mount a disk of four megabytes.")
    try:
        yield Path(shutil.copytree(evening, place / "pasar"))
    finally:
        subprocess.run(["umount", place], check=True)


def crowded(folder: Path) -> None:
    for name in range(100):
        (folder / str(name)).touch()


def said(folder: Path, deed: str, number: int = 0) -> set[str]:
    """The words of a deed that met the limit; sentences of the catalogue, never a traceback."""
    done = act(folder, deed, number)
    assert "Traceback" not in done.stderr, done.stderr
    return set(done.stdout.split())


def test_four_megabytes(evening: Path, tmp_path: Path) -> None:
    with room(evening, tmp_path / "room", "size=4m") as folder:
        filler = folder.parent / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(folder).free - 200_000))
        assert said(folder, "save", 60) == {"disk_full"}
        assert said(folder, "courier") == {"disk_full"}
        assert said(folder, "copy-stall") == {"disk_full"}
        filler.unlink()
        assert aftermath(folder, "save", 1) == []


@pytest.mark.parametrize("deed, number", [("save", 2), ("sync", 0), ("courier", 0), ("copy-stall", 0), ("begin", 0)])
def test_no_inode_left(evening: Path, tmp_path: Path, deed: str, number: int) -> None:
    with room(evening, tmp_path / "room", "nr_inodes=60") as folder:
        (folder / "stik").mkdir()
        crowd = folder.parent / "crowd"
        crowd.mkdir()
        with pytest.raises(OSError, match="No space left"):
            crowded(crowd)
        words = said(folder, deed, number)
        assert words & {"disk_full", "stick_full"}
        assert words <= PROBLEMS.keys()
        shutil.rmtree(crowd)
        assert aftermath(folder, deed, min(number, 1)) == []
