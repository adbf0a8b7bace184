"""What a window of bytes is, and that a line keeps within it: statuses first, text while there is room, no more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.kuota import ENVELOPE, Kuota
from sync.line import Line
from sync.memory import MemoryLink
from tests.sync.slow_line import SlowLink
from tests.sync.world import World


class Allowance:
    """A budget in memory."""

    def __init__(self, size: float) -> None:
        self.size, self.spent = size, 0

    def left(self) -> float:
        return max(0.0, self.size - self.spent)

    def spend(self, size: int) -> None:
        self.spent += size


@pytest.mark.parametrize(
    ("text", "size", "window"),
    [
        ("5 MB/hari", 5_000_000, "hari"), ("200kb per hari", 200_000, "hari"), ("1,5 GB/bulan", 1_500_000_000, "bulan"),
        (" 20 MB / Minggu ", 20_000_000, "minggu"),
    ],
)  # fmt: skip
def test_a_kuota_is_read_as_people_write_it(text: str, size: int, window: str) -> None:
    assert Kuota.read(text) == Kuota(size, window)


@pytest.mark.parametrize("text", ["5", "5 MB", "-5 MB/hari", "5 MB/jam", "0 KB/hari", "5 TB/hari", "٣ MB/hari"])
def test_what_is_no_kuota_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        Kuota.read(text)
    assert Kuota.read("  ") is None


@given(st.dates(date(1970, 1, 8), date(2090, 12, 31)), st.sampled_from(["hari", "minggu", "bulan"]))
def test_every_day_is_in_one_window(day: date, window: str) -> None:
    kuota = Kuota(1, window)
    assert kuota.begins(day) <= day < kuota.ends(day)
    assert kuota.begins(kuota.ends(day)) == kuota.ends(day)
    assert kuota.begins(kuota.ends(day) - timedelta(days=1)) == kuota.begins(day)


@pytest.mark.clause("P87")
def test_a_budget_is_kept_to_and_the_rest_waits_for_the_next_window() -> None:
    world = World()
    world.accept(600)
    world.decide(20)
    link, budget = SlowLink(world), Allowance(20_000)
    outcome = link.sync(link.line(budget=budget))
    assert (outcome.problem, outcome.has_more) == ("link_kuota", True)
    assert 0 < outcome.confirmed < 600
    assert len(world.book.entries) == 20
    assert 15_000 < budget.spent <= 21_000
    assert link.moved < budget.spent
    budget.spent = 0
    budget.size = 10**6
    assert link.sync(link.line(budget=budget)).problem is None
    assert world.ledgers_equal()


@pytest.mark.clause("P87", "P89")
def test_with_little_left_statuses_still_come_down_and_no_text_goes() -> None:
    world = World()
    world.accept(50)
    world.decide(3)
    link, budget = SlowLink(world), Allowance(2 * ENVELOPE)
    outcome = link.sync(link.line(budget=budget))
    assert (outcome.problem, outcome.confirmed, len(world.book.entries)) == ("link_kuota", 0, 3)
    assert set(link.tries) == {0}


@pytest.mark.clause("P87")
def test_with_nothing_left_not_a_byte_goes() -> None:
    world = World()
    world.accept(5)
    link = SlowLink(world)
    outcome = link.sync(link.line(budget=Allowance(100)))
    assert (outcome.problem, outcome.sent, link.tries) == ("link_kuota", 0, [])
    assert world.outbox.counts().sent == 0


@pytest.mark.clause("P87")
def test_what_was_handed_to_a_link_that_failed_counts_and_what_never_left_does_not() -> None:
    world = World()
    world.accept(5)
    budget = Allowance(100_000)
    link = SlowLink(world, trouble=lambda number, rows: "link_timeout")
    link.sync(link.line(budget=budget))
    assert budget.spent > 3 * ENVELOPE
    spent, world.link = budget.spent, Line(MemoryLink(None), None, budget)
    assert (world.sync().problem, budget.spent) == ("link_no_address", spent)
