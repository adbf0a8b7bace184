"""A real `pasar`, a real `mpp run`, and between them every fault of the proxy: each alone, then eight in a row.

Two syncs run at once in every plan. The rule is that of docs/FAULTS.md.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from layanan.problems import PROBLEMS
from mpp.db.database import open_database
from mpp.db.ledger import ledger as hq_ledger
from offline_db import open_stall
from offline_db.ledger import ledger as stall_ledger
from offline_db.outbox import SqliteOutbox
from pasar.demo_children import surroundings
from pasar.journey.attempts import Act, Attempt, Phase
from pasar.journey.checker import judge
from sync.ports import Counts
from tests.faults.conftest import Client
from tests.faults.faulty_proxy import FAULTS, HARMLESS, PORTALS, FaultyProxy
from tests.faults.test_headquarters_killed import save_some

pytestmark = pytest.mark.faults
MOST_REQUESTS = 12
"""In one sync of two entries under one fault: halving down to one, a probe, and no hammering."""
SLOW = ("endless",)
SENTENCES = {problem.id for problem in PROBLEMS.values()}


@pytest.fixture
def proxy(client: Client) -> Iterator[FaultyProxy]:
    with FaultyProxy(("127.0.0.1", client.house.ports.hq)) as proxy:
        yield proxy


def begun(client: Client, proxy: FaultyProxy) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.faults.impatient", "sync", "--hq-url", proxy.url]
    return subprocess.Popen(
        words, env=surroundings(client.house.stall.setting), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(sync: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = sync.communicate(timeout=120)
    assert sync.returncode in (0, 2, 3), said
    assert "Traceback" not in said
    return sync.returncode, said


def sync(client: Client, proxy: FaultyProxy) -> tuple[int, str]:
    """One `pasar sync`, after any other one of the stall's own."""
    for _ in range(100):
        code, said = ended(begun(client, proxy))
        if PROBLEMS["sync_busy"].id not in said:
            break
    return code, said


def standing(client: Client) -> Counts:
    """The three numbers of the running stall."""
    with open_stall(Path(client.house.stall.setting["PASAR_DATA"]) / "pasar.sqlite"):
        return SqliteOutbox().counts()


def healed(client: Client, proxy: FaultyProxy) -> None:
    proxy.plan, proxy.always = [], None
    for _ in range(3):
        code, said = sync(client, proxy)
        if code == 0:
            break
    assert code == 0, said
    setting = client.house.hq.setting
    with open_stall(Path(client.house.stall.setting["PASAR_DATA"]) / "pasar.sqlite"):
        here = list(stall_ledger())
    with closing(open_database("", Path(setting["MPP_DATA"]))) as database, database.reading() as session:
        there = list(hq_ledger(session))
    assert judge(shown(client), here, there).differences == ()
    assert len(here) == len(client.receipts)


def shown(client: Client) -> list[Attempt]:
    return [
        Attempt(Act.ACCEPT, Phase.OK, record, receipt["tracking_code"], receipt["series"])
        for record, receipt in client.receipts.items()
    ]


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault(client: Client, proxy: FaultyProxy, name: str, request: pytest.FixtureRequest) -> None:
    """For as long as it lasts nothing is marked as confirmed, a sentence says what it is; when it ends all is there."""
    once = name in SLOW and not request.config.getoption("--full")
    proxy.plan, proxy.always = ([FAULTS[name]], None) if once else ([], FAULTS[name])
    save_some(client, 2)
    before = standing(client).confirmed
    code, said = sync(client, proxy)
    assert 0 < proxy.requests <= MOST_REQUESTS
    assert (code == 0) == (name in HARMLESS or once), said
    if code:
        assert standing(client).confirmed == before
        assert any(sentence.partition("{")[0] in said for sentence in SENTENCES), said
    if name in PORTALS:
        assert (code, "WiFi minta masuk" in said) == (3, True), said
    healed(client, proxy)


def test_eight_faults_in_a_row_and_two_syncs_at_once(
    client: Client, proxy: FaultyProxy, request: pytest.FixtureRequest, record_property: Callable[..., None]
) -> None:
    seeds = range(25 if request.config.getoption("--full") else 2)
    for seed in seeds:
        rng = random.Random(seed)
        save_some(client, 3)
        proxy.plan = [FAULTS[name] for name in rng.sample([name for name in FAULTS if name not in SLOW], 8)]
        proxy.rng = rng
        for _ in range(8):
            for one in [begun(client, proxy), begun(client, proxy)]:
                ended(one)
            if not proxy.plan or standing(client).confirmed == standing(client).stored:
                break
        healed(client, proxy)
    record_property("points", len(seeds) * 8)
