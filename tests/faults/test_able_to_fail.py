"""The harness against weak products: each weakness must be reported as a loss, or the harness proves nothing.

`synchronous=OFF` is in test_power_cut.py.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

import pasar.syncing
from mpp.db.intake import Intake
from sync.entry import Entry
from tests.faults.act import bare_200, headquarters
from tests.faults.faulty_proxy import FAULTS, FaultyProxy
from tests.faults.market import act, judged

pytestmark = pytest.mark.faults


@pytest.fixture
def place(evening: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(evening, tmp_path / "place"))


@pytest.mark.parametrize("name", ["portal-200", "fake-ok-200"])
def test_a_stall_that_trusts_a_bare_200_loses(place: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with headquarters(place) as address, FaultyProxy(("127.0.0.1", int(address.rpartition(":")[2]))) as proxy:
        proxy.always = FAULTS[name]
        done = act(place, "sync-through", proxy.port, "bare-200")
        assert done.returncode == 0, done.stderr
    monkeypatch.setattr(pasar.syncing, "sync_until_quiet", None)
    bare_200()  # an honest sync afterwards would see that headquarters' head is lower, and send all of it again
    verdict = judged(place)
    assert (verdict.accepted, verdict.losses) == (3, 3)


def test_the_same_sync_without_the_weakness_loses_nothing(place: Path) -> None:
    with headquarters(place) as address, FaultyProxy(("127.0.0.1", int(address.rpartition(":")[2]))) as proxy:
        proxy.always = FAULTS["portal-200"]
        assert act(place, "sync-through", proxy.port).stdout == "link_portal\n"
    assert judged(place).differences == ()


def answer_lost_then_sent_again(place: Path) -> list[str]:
    with headquarters(place) as address, FaultyProxy(("127.0.0.1", int(address.rpartition(":")[2]))) as proxy:
        proxy.always = FAULTS["answer-lost"]
        assert act(place, "sync-through", proxy.port).stdout == "link_dropped\n"
        proxy.always = None
        return act(place, "sync-through", proxy.port).stdout.split()


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headquarters forgets to look whether an entry is there."""
    look_up = Intake._look_up

    def look_and_forget(intake: Intake, entries: Sequence[Entry]) -> None:
        look_up(intake, entries)
        intake._held.entries = {}

    monkeypatch.setattr(Intake, "_look_up", look_and_forget)


@pytest.mark.usefixtures("forgetful")
def test_the_unique_key_alone_keeps_a_forgetful_headquarters_from_doubling(place: Path) -> None:
    assert answer_lost_then_sent_again(place) == ["link_server"]


@pytest.mark.usefixtures("forgetful")
def test_without_the_unique_key_it_doubles_and_the_checker_says_so(place: Path) -> None:
    drop_unique_key(place / "mpp" / "mpp.sqlite")
    assert answer_lost_then_sent_again(place) == ["quiet"]
    verdict = judged(place)
    assert len([line for line in verdict.differences if line.endswith("entries differs")]) == 3


def drop_unique_key(path: Path) -> None:
    """The table of arrivals, still empty, made anew without its key."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT sql FROM sqlite_schema WHERE tbl_name = 'stall_entry' AND sql IS NOT NULL")
        made = [sql for (sql,) in found]
        weak = [re.sub(r",\s*UNIQUE \(device, epoch, seq, hash\)", "", sql) for sql in made]
        assert weak != made
        for sql in ("DROP TABLE stall_entry", *weak):
            database.execute(sql)
        database.commit()
