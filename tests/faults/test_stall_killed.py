"""The stall's process is killed while it saves over HTTP: a receipt that was shown is a stored request."""

import random
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from tests.faults.conftest import Client, receipt

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("house")]


@pytest.fixture(autouse=True)
def no_link(client: Client) -> Iterator[None]:
    """The link is no part of this: a stall that syncs in between would only hide a loss."""
    client.house.link.cut()
    yield
    client.house.link.join()


def save_until_dead(client: Client) -> None:
    try:
        while True:
            client.save()
    except requests.RequestException:
        return


@pytest.mark.parametrize("seed", range(6))
def test_every_receipt_survives_a_kill_and_a_retry_gets_the_same_one(client: Client, seed: int) -> None:
    rng = random.Random(seed)
    savers = [threading.Thread(target=save_until_dead, args=(client,)) for _ in range(3)]
    for saver in savers:
        saver.start()
    time.sleep(rng.uniform(0.05, 0.6))
    client.house.stall.kill()
    for saver in savers:
        saver.join()
    client.house.stall.start()
    client.sign_in()
    stored = client.stored_here()
    assert client.receipts
    for record, shown in client.receipts.items():
        assert (stored[record]["tracking_code"], stored[record]["series"]) == (shown["tracking_code"], shown["series"])
    assert stored.keys() <= client.receipts.keys() | client.unsure


def test_the_operators_retry_returns_the_receipt_that_was_lost_on_the_way(client: Client) -> None:
    """Every save without an answer is sent again: stored once, and what was stored keeps its numbers."""
    before = client.stored_here()
    for record in sorted(client.unsure):
        again = client.save(record)
        assert again.status_code == (200 if record in before else 201)
        if record in before:
            assert receipt(again)["tracking_code"] == before[record]["tracking_code"]
    after = client.stored_here()
    assert client.unsure <= after.keys()
    assert after.keys() - before.keys() == client.unsure - before.keys()


def test_the_same_form_with_other_content_is_never_a_second_request(client: Client) -> None:
    record, shown = next(iter(client.receipts.items()))
    answer = client.save(record, name="Rokayah")
    assert answer.status_code == 409
    assert answer.json()["series"] == shown["series"]
    assert client.stored_here()[record]["entries"] == 1


def test_no_number_is_given_twice(client: Client) -> None:
    stored = client.stored_here()
    assert len({row["series"] for row in stored.values()}) == len(stored)
    assert len({row["tracking_code"] for row in stored.values()}) == len(stored)
