"""Wrong guesses run out, come back with time, and one caller's do not cost another's."""

from __future__ import annotations

import threading

import pytest

from layanan.problems import Refused
from web_base.limits import RateLimit, caller_of


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_tries_run_out_and_come_back() -> None:
    clock = Clock()
    limit = RateLimit(3, 60, clock=clock)
    for _ in range(3):
        limit.check("a")
        limit.spend("a")
    with pytest.raises(Refused) as refused:
        limit.check("a")
    assert refused.value.slots["seconds"] == 20
    limit.check("b")
    clock.now += 20
    limit.check("a")
    clock.now -= 500
    limit.check("b")


def test_a_success_gives_all_tries_back() -> None:
    limit = RateLimit(1, 60)
    limit.spend("a")
    limit.forget("a")
    limit.check("a")


def test_memory_is_bounded_and_threads_do_not_lose_a_try() -> None:
    limit = RateLimit(1000, 1e9, keep=10)
    for number in range(100):
        limit.spend(str(number))
    assert len(limit._left) == 10
    threads = [threading.Thread(target=lambda: [limit.spend("x") for _ in range(100)]) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(Refused):
        limit.check("x")


def test_an_ipv6_caller_is_its_network() -> None:
    assert caller_of("2001:db8:1:2:3::4") == caller_of("2001:db8:1:2::9") != caller_of("2001:db8:1:3::4")
    assert (caller_of("10.0.0.1"), caller_of(None)) == ("10.0.0.1", "unknown")
