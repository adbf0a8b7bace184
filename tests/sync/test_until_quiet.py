"""One sync from beginning to end over links of every temper, under a clock that only the link moves."""

from __future__ import annotations

import pytest

from sync.line import Line
from sync.pace import FIRST_ROWS, GOAL, MOST_ROWS, Pace
from sync.until_quiet import MOST_ASIDE, RETRIES
from tests.sync.slow_line import SlowLink
from tests.sync.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.clause("P39")
def test_batches_grow_on_a_good_link_up_to_the_limits_of_a_frame(world: World) -> None:
    world.accept(3_000)
    link = SlowLink(world, rate=10_000_000, trip=0.01)
    assert link.sync(link.line()).confirmed == 3_000
    assert link.tries[0] == FIRST_ROWS
    assert max(link.tries) > 2 * FIRST_ROWS
    assert len(link.tries) <= 8
    assert max(link.tries) <= MOST_ROWS


@pytest.mark.clause("P39")
@pytest.mark.parametrize("rate", [1_200, 6_250, 50_000])
def test_a_batch_takes_a_few_seconds_on_any_link_once_it_is_known(world: World, rate: float) -> None:
    world.accept(2_000)
    link = SlowLink(world, rate)
    assert link.sync(link.line()).confirmed == 2_000
    known = link.seconds[3:-1]
    assert all(GOAL / 3 < took < GOAL * 1.6 for took in known), known


@pytest.mark.clause("P39")
def test_what_was_learnt_of_a_link_is_there_for_the_first_batch_of_the_next_sync(world: World) -> None:
    world.accept(600)
    link = SlowLink(world, rate=700)
    line = link.line()
    link.sync(line)
    world.accept(400)
    again = SlowLink(world, rate=700)
    again.sync(again.line(line.pace))
    assert again.tries[0] < FIRST_ROWS
    assert again.seconds[0] < GOAL * 1.6


@pytest.mark.clause("P39")
def test_a_fast_day_does_not_choke_a_slow_one(world: World) -> None:
    world.accept(600)
    link = SlowLink(world, rate=3_000)
    assert link.sync(link.line(Pace(MOST_ROWS, 0.01, 1e-7, 130.0))).problem is None
    assert link.tries[0] <= FIRST_ROWS
    assert "link_timeout" not in link.stubs


@pytest.mark.clause("P39")
def test_no_small_rest_goes_alone(world: World) -> None:
    world.accept(320)
    link = SlowLink(world)
    link.sync(link.line())
    assert link.tries == [320]


@pytest.mark.clause("P39")
def test_a_cut_costs_one_batch_again_and_no_wait(world: World) -> None:
    world.accept(900)
    link = SlowLink(world, trouble=lambda number, rows: "link_lost" if number in (3, 5) else None)
    outcome = link.sync(link.line())
    assert (outcome.confirmed, outcome.problem, outcome.has_more) == (900, None, False)
    assert sum(link.tries) - 900 <= link.tries[2] + link.tries[4]
    assert world.ledgers_equal()


@pytest.mark.clause("P39", "P40")
@pytest.mark.parametrize("code", ["link_dropped", "link_timeout"])
def test_a_link_that_stays_bad_is_left_to_the_back_off_and_asked_less_at_once(world: World, code: str) -> None:
    world.accept(150)
    link = SlowLink(world, trouble=lambda number, rows: code)
    line = link.line()
    outcome = link.sync(line)
    assert (outcome.problem, outcome.confirmed, len(link.tries)) == (code, 0, 1 + RETRIES)
    assert line.pace.rows <= 37
    assert link.at < 200


@pytest.mark.clause("P39")
def test_a_silent_link_is_waited_for_as_long_as_its_goodput_asks(world: World) -> None:
    world.accept(400)
    link = SlowLink(world, rate=700, trip=2.0)
    line = link.line()
    assert link.sync(line).problem is None
    slow = link.timeout
    quick = SlowLink(world, rate=1_000_000, trip=0.05)
    world.accept(700)
    quick.sync(quick.line())
    assert quick.timeout < slow < 60


@pytest.mark.clause("P39")
def test_too_much_at_once_is_halved_until_it_fits(world: World) -> None:
    world.accept(20)
    link = SlowLink(world, trouble=lambda number, rows: "sync_too_large" if rows > 4 else None)
    outcome = link.sync(link.line())
    assert (outcome.confirmed, outcome.problem) == (20, None)
    assert link.tries[:4] == [20, 10, 5, 2]
    assert max(link.tries[3:]) <= 4


@pytest.mark.clause("P40")
def test_what_a_busy_server_asks_for_is_passed_on_and_ends_the_sync(world: World) -> None:
    world.accept(900)
    link = SlowLink(world, trouble=lambda number, rows: "link_server" if number == 2 else None)
    outcome = link.sync(link.line())
    assert (outcome.problem, outcome.retry_after, len(link.tries)) == ("link_server", 120.0, 2)
    assert 0 < outcome.confirmed < 900


class Doorkeeper(SlowLink):
    """A proxy that takes no frame with one of these entries."""

    def __init__(self, world: World, hated: set[str]) -> None:
        super().__init__(world)
        self.hated = hated
        self.trouble = lambda number, rows: "sync_too_large" if rows and self._holds(rows) else None

    def _holds(self, rows: int) -> bool:
        waiting = [r.item.entry.hash for r in self.world.outbox.rows if r.answer is None]
        return bool(self.hated & set([sha for sha in waiting if sha not in self.stubs[-MOST_ASIDE:]][:rows]))


@pytest.mark.clause("P56", "P88")
def test_an_entry_that_never_gets_through_is_named_by_a_stub_and_stops_no_other(world: World) -> None:
    made = world.accept(40)
    poison = made[17].entry.hash
    link = Doorkeeper(world, {poison})
    outcome = link.sync(link.line())
    assert (outcome.problem, outcome.confirmed, outcome.has_more) == (None, 40, False)
    (row,) = [row for row in world.outbox.rows if row.answer and row.answer.problem]
    assert (row.item.entry.hash, row.answer and row.answer.problem) == (poison, "entry_too_large")
    assert poison in world.inbox.stubs
    assert len(world.inbox.entries) == 39
    before = len(link.tries)
    link.sync(link.line())
    assert len(link.tries) == before + 1


@pytest.mark.clause("P88")
def test_a_door_that_takes_nothing_sets_nothing_aside(world: World) -> None:
    made = world.accept(40)
    for hated in ({item.entry.hash for item in made}, {made[-1].entry.hash}):
        link = Doorkeeper(world, hated)
        if len(hated) == 1:
            world.outbox.rows[:] = world.outbox.rows[-1:]
        outcome = link.sync(link.line())
        assert (outcome.problem, outcome.confirmed, world.inbox.stubs) == ("sync_too_large", 0, {})
        assert len(link.tries) <= 6 + MOST_ASIDE


@pytest.mark.clause("P19", "P89")
def test_statuses_come_down_while_text_goes_up(world: World) -> None:
    world.accept(900)
    world.decide(250)
    link = SlowLink(world)
    heard: list[int] = []
    line = link.line()
    world.book.receive = lambda down, take=world.book.receive: heard.append(link.tries[-1]) or take(down)  # type: ignore[method-assign]
    link.sync(line)
    assert len(world.book.entries) == 250
    assert heard[0] == link.tries[0] > 0


@pytest.mark.clause("P39")
def test_a_plain_link_gets_a_line_of_its_own(world: World) -> None:
    world.accept(5)
    link = SlowLink(world)
    outcome = link.sync(Line(link))
    assert outcome.confirmed == 5
