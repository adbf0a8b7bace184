"""A real stall and a real headquarters over a slow, far, faltering line: everything arrives, and little is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.conftest import Client
from tests.faults.shaped_link import Shape, ShapedLink
from tests.faults.test_headquarters_killed import same_on_both_sides, save_some, sync

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("house")]
MOST_ASKED = 12
"""Requests of one `pasar sync`, whatever the line does."""
MOST_TRIES = 10
GPRS = Shape(rate=50_000, delay=0.3, late=0.02, silence=2.0)


def finished(client: Client, shape: Shape, seed: int, requests: int) -> ShapedLink:
    """Save so many, sync through that line until headquarters has acknowledged all."""
    save_some(client, requests)
    with ShapedLink(("127.0.0.1", client.house.ports.hq), shape, seed) as link:
        for tries in range(1, MOST_TRIES + 1):
            done, said = sync(client, link.url)
            assert link.asked <= MOST_ASKED * tries
            if done:
                break
    assert done, said
    same_on_both_sides(client)
    return link


def test_a_market_day_over_gprs(client: Client, request: pytest.FixtureRequest) -> None:
    """50 kbit/s, 600 ms, one segment in fifty two seconds late."""
    link = finished(client, GPRS, 1, 300 if request.config.getoption("--full") else 60)
    assert link.lates


@pytest.mark.full
@pytest.mark.parametrize(
    "shape",
    [Shape(50_000, 0.3, 0.02, 2.0, reset=0.04), Shape(64_000, 1.0, 0.3, 1.0), Shape(9_600, 0.7, 0.05, 3.0, reset=0.02)],
    ids=["gprs-with-resets", "a-third-lost-2-s-away", "9600-bit-with-resets"],
)
def test_a_line_that_breaks_and_loses(client: Client, shape: Shape, record_property: Callable[..., None]) -> None:
    links = [finished(client, shape, seed, 100) for seed in range(3)]
    record_property("points", sum(link.lates + link.resets for link in links))
    assert all(link.lates or link.resets for link in links)
