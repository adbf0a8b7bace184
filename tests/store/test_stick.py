"""A file on a stick is whole under its name and read back, or it is not there and the reason is said."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from layanan.problems import Refused
from store import stick

ROOT = Path(__file__).parents[2]
NAME = "gtg.ke-mpp.0001.pasar"
CONTENT = os.urandom(3_000_000)


def left(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.mark.clause("P67")
def test_written_synced_renamed_and_read_back_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for name in ("write", "fsync", "rename", "read"):
        monkeypatch.setattr(os, name, noting(getattr(os, name), name, done))
    stick.write_file(tmp_path, NAME, CONTENT)
    assert [step for step, before in zip(done, ["", *done], strict=False) if step != before] == [
        "write", "fsync", "rename", "fsync", "read",
    ]  # fmt: skip
    assert (left(tmp_path), (tmp_path / NAME).read_bytes()) == ([NAME], CONTENT)


def noting(real, name, done):  # type: ignore[no-untyped-def]
    def step(*given):  # type: ignore[no-untyped-def]
        done.append(name)
        return real(*given)

    return step


@pytest.mark.clause("P67")
@pytest.mark.parametrize("kept", [0, 1_000_000, len(CONTENT) - 1])
def test_a_stick_that_sells_more_room_than_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """Such a stick takes every byte and says nothing; beyond its true room there are zeros."""
    sync = os.fsync

    def forgetful(handle: int) -> None:
        sync(handle)
        path = Path(f"/proc/self/fd/{handle}").resolve()
        if path.is_file():
            size = path.stat().st_size
            os.truncate(path, kept)
            os.truncate(path, size)

    monkeypatch.setattr(os, "fsync", forgetful)
    with pytest.raises(Refused, match="stick_untrue"):
        stick.write_file(tmp_path, NAME, CONTENT)
    assert left(tmp_path) == []


def test_a_full_stick_keeps_no_half_file(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from store import stick\n"
        f"try: stick.write_file(pathlib.Path(sys.argv[1]), {NAME!r}, bytes(3_000_000))\n"
        "except Exception as error: print(error)"
    )

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    words = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, preexec_fn=small, capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), left(tmp_path)) == ("stick_full", [])


def test_an_older_file_is_never_replaced_and_rests_of_a_cut_are_swept(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.partial").write_bytes(b"half")
    stick.write_file(tmp_path, NAME, b"first")
    with pytest.raises(Refused, match="stick_error"):
        stick.write_file(tmp_path, NAME, b"second")
    assert (left(tmp_path), (tmp_path / NAME).read_bytes()) == ([NAME], b"first")


def test_a_folder_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "gone", tmp_path / "file"):
        with pytest.raises(Refused, match="stick_missing"):
            stick.write_file(folder, NAME, b"x")
        with pytest.raises(Refused, match="stick_missing"):
            stick.names(folder)
    with pytest.raises(Refused, match="stick_missing"):
        stick.read_file(tmp_path / "gone", 10)


def test_what_is_too_large_is_not_read_even_when_it_grows_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"x" * 11)
    with pytest.raises(Refused, match="stick_too_large"):
        stick.read_file(path, 10)
    assert stick.read_file(path, 11) == b"x" * 11
    handle = os.open(path, os.O_RDONLY)
    with pytest.raises(Refused, match="stick_too_large"):
        stick._read(handle, 10)
    os.close(handle)
