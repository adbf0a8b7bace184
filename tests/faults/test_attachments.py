"""Scans between a real stall and a real headquarters over a link that does everything wrong, each killed."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from offline_db import open_stall
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept
from offline_db.selfcheck import selfcheck
from pasar.cut_link import hang_up
from sync.attachment_messages import LEAST_CHUNK
from tests.faults.act import STALL, headquarters
from tests.faults.faulty_proxy import FAULTS, Fault, FaultyProxy, plain
from tests.faults.market import ROOT, morning
from tests.faults.scan_act import SIZES, arrived, send, standing
from tests.offline_db.desk import new_form, opened
from tests.sync.cast_attachments import picture

pytestmark = pytest.mark.faults
FEW = ("request-cut", "answer-lost", "both-at-once", "too-large-413")
ABOUT = 700
"""Bytes of a request beside its chunk: the frame's head and signature, the headers."""


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stall with three scans of one request that headquarters has not heard of; copy it before use."""
    folder = morning(tmp_path_factory.mktemp("album"))
    done = subprocess.run(words(folder, "attach", 3), cwd=ROOT, env=quiet(), capture_output=True, text=True)
    assert done.stdout.count("\n") == 3, done.stderr
    return folder


@pytest.fixture
def folder(album: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(album, tmp_path / "pasar"))


def words(folder: Path, deed: str, number: int = 0) -> list[str]:
    return [sys.executable, "-m", "tests.faults.scan_act", str(folder), deed, str(number)]


def quiet() -> dict[str, str]:
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def begun(folder: Path, deed: str, number: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words(folder, deed, number), cwd=ROOT, env=quiet(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


class Office:
    """Headquarters in a process of its own, that may be killed and come back on another port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.process = begun(self.folder, "serve")
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    there = Office(folder)
    try:
        yield there
    finally:
        there.kill()


def all_there(folder: Path, port: int) -> None:
    """After at most a few quiet syncs both sides agree, and every picture is the one that was taken."""
    for _ in range(4):
        send(folder, port)
        if {state for _, state, _ in standing(folder)} == {"complete"}:
            break
    assert [(state, percent) for _, state, percent in standing(folder)] == [("complete", 100)] * 3
    assert list(arrived(folder)) == [(place, picture(SIZES[place], place)) for place in range(3)]
    with open_stall(folder / STALL):
        assert selfcheck() == []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", FAULTS if full else FEW)
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(12) if full else [1])


@pytest.mark.clause("P114", "P115")
def test_one_fault_in_the_middle_of_a_scan(folder: Path, name: str) -> None:
    with headquarters(folder) as address, FaultyProxy(("127.0.0.1", int(address.rpartition(":")[2]))) as proxy:
        proxy.plan = [plain, plain, plain, FAULTS[name], plain, FAULTS[name]]
        send(folder, proxy.port)
        assert proxy.requests >= 4
        assert not [state for _, state, _ in standing(folder) if state == "refused"]
        all_there(folder, proxy.port)


class Watched(FaultyProxy):
    """Keeps the size of every request that carried a chunk."""

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(target)
        self.chunks: list[int] = []

    def ask(self, request: bytes) -> bytes:
        if len(request) > LEAST_CHUNK:
            self.chunks.append(len(request) - ABOUT)
        return super().ask(request)


def killed(victim: Callable[[], None], when: str, rng: random.Random) -> Fault:
    """Kill a side before the request is passed on, while it is worked on, or before its answer is."""

    def fault(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
        death = threading.Timer(rng.uniform(0, 0.03) if when == "while" else 0.0, victim)
        if when != "after":
            death.start()
        if when == "before":
            death.join()
        with suppress(OSError):
            proxy.ask(request)
        if when == "after":
            death.start()
        death.join()
        hang_up(near)

    return fault


@pytest.mark.clause("P114")
@pytest.mark.parametrize("side", ["stall", "headquarters"])
def test_killed_in_the_middle_at_most_one_chunk_is_sent_again(folder: Path, side: str, seed: int) -> None:
    rng = random.Random(f"{side}{seed}")
    when = ("before", "while", "after")[seed % 3]
    with office(folder) as there, Watched(("127.0.0.1", there.port)) as proxy:
        stall: list[subprocess.Popen[str]] = []
        victim = there.kill if side == "headquarters" else lambda: stall[0].kill()
        proxy.plan = [plain] * rng.randrange(2, 7) + [killed(victim, when, rng)]
        stall.append(begun(folder, "send", proxy.port))
        stall[0].communicate(timeout=120)
        before = {sha: percent for sha, _, percent in standing(folder)}
        if side == "headquarters":
            there.kill()
            there.start()
            proxy.target = ("127.0.0.1", there.port)
        all_there(folder, proxy.port)
        assert len(before) == 3
        assert sum(proxy.chunks) - sum(size + 20 for size in SIZES) <= max(proxy.chunks)


@pytest.mark.clause("P112")
def test_text_that_is_saved_meanwhile_goes_before_the_next_chunk(folder: Path) -> None:
    """A request that was saved while scans travel is at headquarters although the scans never come through."""
    with headquarters(folder) as address, FaultyProxy(("127.0.0.1", int(address.rpartition(":")[2]))) as proxy:
        saved: list[str] = []

        def save(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
            with opened(folder / STALL) as counter:
                saved.append(accept(new_form(), counter.desk()).record_id)
            plain(proxy, near, request)

        proxy.plan = [plain, plain, save, plain, FAULTS["forbidden-403"]]
        send(folder, proxy.port)
        assert len(saved) == 1
        with open_stall(folder / STALL):
            counts = SqliteOutbox().counts()
        assert counts.stored == counts.confirmed
        assert "complete" not in {state for _, state, _ in standing(folder)}
        all_there(folder, proxy.port)
