"""A phone's parcels over a link that loses answers, and into a stall that is killed: none lost, none twice."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from offline_db.attachments import of_record
from offline_db.base import reading
from offline_db.drafts import unfinished
from offline_db.parcels import ParcelRow, ParcelState
from tests.faults.faulty_proxy import FAULTS, FaultyProxy, plain
from tests.pasar.a_phone import Sealed, draft_head, photo_head, seal
from tests.pasar.cast import Budi, copy_shop, make_shop
from tests.pasar.photos import front, written
from web_base.serve import Listener, listen

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("phone")]
ROOT = Path(__file__).parents[2]
NAMES = [f"Wagirah {number}" for number in range(30)]
MOMENTS = {
    "not stored yet": "INSERT INTO parcel",
    "stored, not taken up": "SELECT parcel.id",
    "in the middle of taking up": "UPDATE parcel",
    "taken up, not answered": "answer",
}
LOST = ("answer-lost", "answer-cut", "portal-200", "fake-ok-200", "away-503", "answer-bit")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("hp") / "gerai", "Budi", "Ani")


@pytest.fixture
def shop(first, tmp_path):
    return copy_shop(first, tmp_path / "gerai")


def bring(url: str, parcel: Sealed) -> bool:
    """One try of a phone; it lets go of its copy only when this very parcel was answered for."""
    try:
        answer = requests.post(url + parcel.path, data=parcel.body, headers=parcel.headers, timeout=5)
        said = answer.json()
        return said["parcel"] == parcel.id and said["sha256"] == hashlib.sha256(parcel.body).hexdigest()
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return False


def typed_names(shop) -> list[str]:
    with shop.app.app_context():
        return sorted(each.fields["pemohon_name"] for each in unfinished(shop.app.extensions["pasar"].keys, "Budi"))


def states(shop) -> list[str]:
    with shop.app.app_context(), reading() as session:
        return [row.state for row in session.query(ParcelRow)]


@pytest.mark.parametrize("seed", range(3))
def test_with_a_third_of_the_answers_lost_each_parcel_becomes_one_draft(shop, seed):
    budi, rng = Budi(shop).sign_in(), random.Random(seed)
    kit = budi.client.get("/hp/bekal").json
    waiting = [seal(kit, draft_head(pemohon_name=name)) for name in NAMES]
    serving, tries = listen(shop.app, [Listener("127.0.0.1", 0)]), 0
    with FaultyProxy(("127.0.0.1", serving.ports[0]), seed) as proxy:
        bad = [FAULTS[name] for name in LOST]
        proxy.plan = [rng.choice(bad) if rng.random() < 0.3 else plain for _ in range(200)]
        while waiting and tries < 200:
            rng.shuffle(waiting)
            waiting = [parcel for parcel in waiting if not bring(proxy.url, parcel)]
            tries += 1
    serving.stop()
    assert waiting == []
    assert typed_names(shop) == sorted(NAMES)
    assert states(shop) == [ParcelState.DRAFT] * len(NAMES)


def killed_at(shop, moment: str, parcel: Sealed) -> bool:
    """Bring the parcel to a stall that dies at that moment; whether the phone had its answer."""
    words = [sys.executable, "-m", "tests.faults.dying_stall", str(shop.folder), moment]
    dying = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert dying.stdin and dying.stdout
    print(shop.phrases["Budi"], file=dying.stdin, flush=True)
    port = dying.stdout.readline().strip()
    answered = bring(f"http://127.0.0.1:{port}", parcel)
    assert dying.wait(60) == -9
    return answered


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_stall_killed_at_any_moment_of_a_delivery_has_it_once(shop, moment):
    kit = Budi(shop).sign_in().client.get("/hp/bekal").json
    parcel = seal(kit, draft_head(pemohon_name="Wagirah"))
    assert not killed_at(shop, MOMENTS[moment], parcel)
    budi = shop.restart()
    again = budi.client.post(parcel.path, data=parcel.body, headers=parcel.headers)
    assert again.json["state"] == ("kept" if moment == "not stored yet" else "known")
    budi.sign_in()
    assert typed_names(shop) == ["Wagirah"]
    assert states(shop) == [ParcelState.DRAFT]


@pytest.mark.parametrize("moment", ["INSERT INTO attachment ", "UPDATE parcel"])
def test_a_stall_killed_while_it_takes_up_a_photo_has_it_once(shop, moment):
    budi = Budi(shop).sign_in()
    kit, record = budi.client.get("/hp/bekal").json, budi.take("UMK-05")
    parcel = seal(kit, photo_head(record, 1), written(front(800, 600)))
    killed_at(shop, moment, parcel)
    shop.restart().sign_in()
    until = time.monotonic() + 60
    while states(shop) == [ParcelState.WAITING] and time.monotonic() < until:
        time.sleep(0.05)
    assert states(shop) == [ParcelState.PHOTO]
    with shop.app.app_context():
        assert len(of_record(record)) == 1


def test_deliveries_of_one_parcel_at_once_are_one(shop):
    """Two tabs of a phone, or one that tries again before the first try has ended."""
    kit = Budi(shop).sign_in().client.get("/hp/bekal").json
    parcels = [seal(kit, draft_head(pemohon_name=name)) for name in NAMES[:4]]
    serving = listen(shop.app, [Listener("127.0.0.1", 0)])
    with FaultyProxy(("127.0.0.1", serving.ports[0])) as proxy:
        proxy.always = FAULTS["both-at-once"]
        began = time.monotonic()
        assert all(bring(proxy.url, parcel) for parcel in parcels), time.monotonic() - began
    serving.stop()
    assert typed_names(shop) == sorted(NAMES[:4])
