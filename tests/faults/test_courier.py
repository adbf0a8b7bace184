"""Both commands killed at every kind of moment, a stick that is full, and the network at the same time.

A file has its final name only when it is whole; what was cut off is completed by the same command again.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mpp.app import create_app
from offline_db import open_stall
from pasar.courier import import_here
from pasar.syncing import sync_here
from sync.bundle import read_bundle, read_name
from sync.keys import VerifyKey
from tests.demo.pair import Pair, furnished
from web_base.serve import Listener, listen

pytestmark = pytest.mark.faults

TICKING = """
import json, os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
ticks, deadly = 0, {deadly}
def tick(*_, **__):
    global ticks
    ticks += 1
    if ticks == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
def ticking(real):
    def step(*given, **more):
        tick()
        done = real(*given, **more)
        tick()
        return done
    return step
for name in ("open", "write", "fsync", "rename", "read", "listdir"):
    setattr(os, name, ticking(getattr(os, name)))
for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
    event.listen(Engine, moment, tick)
import atexit
atexit.register(lambda: print(json.dumps(ticks), file=sys.stderr))
"""
"""A process in which every step on the disk and in the database counts, before and after; one of them is the last."""

SMALL_STICK = """
import resource
import store.stick as stick
write = stick._write
def refused_by_the_kernel(path, content):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        write(path, content)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
stick._write = refused_by_the_kernel
"""
"""Only what goes to the stick meets the limit: 100 bytes."""

EARLY = 60
WALK = (
    ("pasar", "export", "stick"),
    ("mpp", "import", "stick"),
    ("mpp", "export", "pasar-genteng", "stick"),
    ("pasar", "import", "stick"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = furnished(tmp_path_factory.mktemp("pair") / "made")
    pair.accept(130)
    return pair


@pytest.fixture
def pair(made: Pair, tmp_path: Path) -> Pair:
    return made.copied(tmp_path / "pair")


def run(pair: Pair, words: tuple[str, ...], deadly: int = 0) -> int:
    """Run one command, killed at its `deadly`-th step; returns the steps it took, 0 when it was killed."""
    app, *rest = (str(pair.stick) if word == "stick" else word for word in words)
    done = pair.command(app, *rest, before=TICKING.replace("{deadly}", str(deadly)))
    if deadly and done.returncode == -9:
        return 0
    assert done.returncode == 0, done.stdout + done.stderr
    return int(json.loads(done.stderr.splitlines()[-1]))


def whole_files_only(pair: Pair) -> None:
    with pair.office() as office:
        own = office.keys.signing.public
        devices = office.inbox
        for path in pair.stick.iterdir():
            if read_name(path.name):
                read_bundle(path.read_bytes(), lambda key: _key(key, own, devices))
            else:
                assert path.name.endswith(".partial")


def _key(key: str, own: VerifyKey, devices: object) -> VerifyKey | None:
    device = devices.device(key)  # type: ignore[attr-defined]
    return own if key == own.id else device.public if device else None


@pytest.mark.clause("P61", "P63", "P67")
def test_killed_at_any_step_the_next_try_completes_it(pair: Pair, request: pytest.FixtureRequest) -> None:
    full = request.config.getoption("--full")
    for seed in range(6 if full else 1):
        trial, rng = pair.copied(pair.folder.with_name(f"trial-{seed}")), random.Random(seed)
        for words in WALK:
            counting = pair.folder.with_name(f"count-{seed}-{words[0]}-{words[1]}")
            steps = run(trial.copied(counting), words) if full else EARLY
            for deadly in sorted(rng.sample(range(1, steps), 4 if full else 1)):
                run(trial, words, deadly)
                whole_files_only(trial)
            run(trial, words)
        assert trial.agree()
        assert len(trial.here()) == 130


@pytest.mark.parametrize(("app", "stall"), [("pasar", ()), ("mpp", ("Pasar Genteng",))])
def test_a_full_stick_is_said_and_the_next_one_carries_everything(pair: Pair, app: str, stall: tuple[str, ...]) -> None:
    before = pair.counts()
    done = pair.command(app, "export", *stall, str(pair.stick), before=SMALL_STICK)
    assert (done.returncode, "Stik penuh" in done.stderr, "Aman dicabut" in done.stdout) == (1, True, False), done
    assert (list(pair.stick.iterdir()), pair.counts()) == ([], before)
    pair.there_and_back()
    assert pair.agree()


@contextmanager
def answering(pair: Pair) -> Iterator[str]:
    with pair.office() as office:
        serving = listen(create_app(office), [Listener("127.0.0.1", 0)])
        try:
            yield f"http://127.0.0.1:{serving.ports[0]}"
        finally:
            serving.stop()


@pytest.mark.clause("P63", "P64")
def test_the_same_requests_by_stick_and_by_network_at_once(pair: Pair) -> None:
    """The file is stored while the same entries come by the network; the answers are taken while a sync runs."""
    run(pair, WALK[0])
    pair.accept(40)
    with answering(pair) as url:
        by_hand = threading.Thread(target=run, args=(pair, WALK[1]))
        by_hand.start()
        problems = [_sync(pair, url) for _ in range(3)]
        by_hand.join()
        assert problems == [None] * 3
        pair.decide(next(iter(pair.there())))
        run(pair, WALK[2])
        with open_stall(pair.file):
            syncing = threading.Thread(target=_sync, args=(pair, url))
            syncing.start()
            tried = import_here(pair.file.parent, pair.stick)
            syncing.join()
        assert [(one.refused, one.taken and one.taken.problem) for one in tried] == [(None, None)]
        assert _sync(pair, url) is None
    assert pair.agree()
    assert len(pair.there()) == 170


def _sync(pair: Pair, url: str) -> str | None:
    with open_stall(pair.file):
        return sync_here(url, pair.file.parent).problem
