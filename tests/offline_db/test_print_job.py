"""What was asked to be printed: one job for one content at a time, in order, remembered over a restart."""

from datetime import timedelta

import pytest

from offline_db import open_stall
from offline_db.print_job import (
    KEPT,
    PrintState,
    ask_print,
    doubt_unfinished,
    give_up,
    job,
    last_job,
    mark,
    next_job,
    open_jobs,
    recent_jobs,
    settle_job,
    unsettled_jobs,
)
from tests.offline_db.desk import MORNING

SITI, BUDI = ("tanda_terima", "11111111-0000-4000-8000-000000000001"), ("tanda_terima", "another")


@pytest.fixture
def stall(path):
    with open_stall(path):
        yield path


def test_jobs_come_in_the_order_they_were_asked_for(stall):
    first, second = ask_print(*SITI, MORNING), ask_print(*BUDI, MORNING)
    assert next_job() == first
    mark(first.id, PrintState.PRINTED)
    assert next_job() == second
    assert open_jobs() == 1
    assert [one.id for one in recent_jobs(5)] == [second.id, first.id]


def test_asking_again_while_it_waits_or_prints_is_the_same_job(stall):
    first = ask_print(*SITI, MORNING)
    assert ask_print(*SITI, MORNING).id == first.id
    mark(first.id, PrintState.PRINTING)
    assert ask_print(*SITI, MORNING).id == first.id


@pytest.mark.parametrize(
    ("became", "copy"),
    [(PrintState.PRINTED, True), (PrintState.DOUBTFUL, True), (PrintState.BROWSER, True), (PrintState.FAILED, False)],
)
def test_the_next_paper_is_a_copy_when_an_earlier_one_may_exist(stall, became, copy):
    first = ask_print(*SITI, MORNING)
    assert not first.copy
    mark(first.id, became, "printer_no_paper" if became is PrintState.FAILED else None)
    again = ask_print(*SITI, MORNING)
    assert (again.id != first.id, again.copy) == (True, copy)
    assert not ask_print(*BUDI, MORNING).copy
    assert last_job(*SITI) == again


def test_the_browser_prints_at_once_and_every_time(stall):
    first, second = ask_print(*SITI, MORNING, browser=True), ask_print(*SITI, MORNING, browser=True)
    assert (first.copy, second.copy, second.state) == (False, True, PrintState.BROWSER)
    assert next_job() is None


def test_what_was_on_its_way_when_the_power_went_is_in_doubt_until_a_person_looks(path):
    with open_stall(path):
        first, second = ask_print(*SITI, MORNING), ask_print(*BUDI, MORNING)
        mark(first.id, PrintState.PRINTING)
    with open_stall(path):
        doubt_unfinished("printer_interrupted")
        assert (job(first.id).state, job(first.id).problem) == (PrintState.DOUBTFUL, "printer_interrupted")
        assert next_job().id == second.id
        settle_job(first.id)
        settle_job(second.id)
        assert (job(first.id).state, job(first.id).problem) == (PrintState.PRINTED, None)
        assert job(second.id).state is PrintState.QUEUED


def test_a_job_that_waited_too_long_is_given_up_and_says_why(stall):
    old, young = ask_print(*SITI, MORNING), ask_print(*BUDI, MORNING + timedelta(minutes=9))
    give_up(MORNING + timedelta(minutes=5), "printer_late")
    assert (job(old.id).state, job(old.id).problem) == (PrintState.FAILED, "printer_late")
    assert next_job() == young


def test_what_wants_a_person_is_counted_on_the_day_itself(stall):
    doubted, stuck, fine = (ask_print("tanda_terima", name, MORNING) for name in ("one", "two", "three"))
    assert unsettled_jobs(MORNING) == 0
    mark(doubted.id, PrintState.DOUBTFUL, "printer_silent")
    mark(stuck.id, PrintState.QUEUED, "printer_no_paper")
    mark(fine.id, PrintState.PRINTED)
    assert unsettled_jobs(MORNING) == 2
    assert unsettled_jobs(MORNING + timedelta(seconds=1)) == 0


def test_only_the_newest_jobs_are_remembered(stall):
    first = ask_print(*SITI, MORNING)
    for number in range(KEPT):
        ask_print("uji", str(number), MORNING)
    assert job(first.id) is None
    assert len(recent_jobs(2 * KEPT)) == KEPT
