"""Headquarters is killed while batches arrive, answers are lost, a portal smiles: nothing is lost, nothing is twice."""

import json
import random
import threading
import time

import pytest

from layanan.problems import PROBLEMS
from pasar.demo_children import ChildFailed, ask
from tests.faults.bad_links import LostAnswer, Portal
from tests.faults.conftest import Client

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("house")]
MANY = 30


def sync(client: Client, address: str) -> tuple[bool, str]:
    """`pasar sync` through `address`, after any sync of the stall itself: whether all is acknowledged, and why not."""
    for _ in range(100):
        try:
            return True, ask("pasar", ("sync", "--hq-url", address), client.house.stall.setting)
        except ChildFailed as failed:
            said = str(failed)
        if PROBLEMS["sync_busy"].id not in said:
            break
        time.sleep(0.3)
    return False, said


def save_some(client: Client, number: int) -> None:
    client.house.link.cut()
    for _ in range(number):
        assert client.save().status_code == 201


def numbers(client: Client) -> tuple[int, int]:
    """Requests at the stall, and entries that never left it."""
    light = json.loads(client.house.ask_stall("status", "--json"))
    return len(client.stored_here()), light["diterima"] - light["terkirim"]


def same_on_both_sides(client: Client) -> None:
    here, there = client.stored_here(), client.stored_there()
    assert here.keys() == there.keys() == client.receipts.keys()
    for record, row in here.items():
        assert row["acknowledged"]
        assert row["content_sha256"] == there[record]["content_sha256"]
        assert there[record]["tracking_code"] == client.receipts[record]["tracking_code"]


@pytest.mark.parametrize("seed", range(4))
def test_killed_in_mid_batch(client: Client, seed: int) -> None:
    save_some(client, MANY)
    death = threading.Timer(random.Random(seed).uniform(0.3, 1.2), client.house.hq.kill)
    death.start()
    sync(client, client.house.hq.url)
    death.join()
    client.house.hq.start()
    client.house.link.join()
    done, said = sync(client, client.house.hq.url)
    assert done, said
    same_on_both_sides(client)


def test_an_answer_lost_after_the_commit(client: Client) -> None:
    save_some(client, 3)
    with LostAnswer(("127.0.0.1", client.house.ports.hq), losses=100) as link:
        done, said = sync(client, link.url)
        assert link.lost
        assert not done, said
        assert client.stored_there().keys() == client.receipts.keys()
        assert not all(row["acknowledged"] for row in client.stored_here().values())
        link.losses = 0
        done, said = sync(client, link.url)
    assert done, said
    same_on_both_sides(client)


def test_a_portal_that_answers_200_marks_nothing(client: Client) -> None:
    save_some(client, 2)
    before = {record for record, row in client.stored_here().items() if row["acknowledged"]}
    with Portal(("127.0.0.1", client.house.ports.hq)) as link:
        done, said = sync(client, link.url)
        assert link.smiles
        assert not done
        assert "WiFi minta masuk" in said
        assert numbers(client) == (len(client.receipts), 2)
        assert {record for record, row in client.stored_here().items() if row["acknowledged"]} == before
        link.smiling = False
        done, said = sync(client, link.url)
    assert done, said
    same_on_both_sides(client)
