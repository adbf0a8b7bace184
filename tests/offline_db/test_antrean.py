"""The day's queue in the stall's file: numbers in order, two lanes, calls, and nothing about a person."""

import threading

import pytest

from layanan.antrean import Lane
from offline_db import antrean, open_stall
from offline_db.antrean import Standing, call_again, call_next, calls, finish, kinds, missed, serving, take, waiting

DAY = "2026-11-21"


@pytest.fixture
def stall(path):
    with open_stall(path):
        yield path


def queue(*lanes):
    return [take(f"tap-{place}", lane, DAY) for place, lane in enumerate(lanes)]


def test_numbers_run_by_lane_and_day_and_a_tap_counts_once(stall):
    taken = queue(Lane.ORDINARY, Lane.PRIORITY, Lane.ORDINARY)
    assert [each.text for each in taken] == ["A 1", "P 1", "A 2"]
    assert take("tap-2", Lane.ORDINARY, DAY) == taken[2]
    assert take("tomorrow", Lane.ORDINARY, "2026-11-22").text == "A 1"
    assert waiting(DAY) == {Lane.PRIORITY: 1, Lane.ORDINARY: 2}


def test_two_of_priority_then_one_ordinary(stall):
    queue(*[Lane.ORDINARY] * 3, *[Lane.PRIORITY] * 4)
    assert [call_next("1", DAY).text for _ in range(7)] == ["P 1", "P 2", "A 1", "P 3", "P 4", "A 2", "A 3"]
    assert call_next("1", DAY) is None


def test_calling_the_next_ends_the_one_before_at_this_desk_only(stall):
    queue(Lane.ORDINARY, Lane.ORDINARY, Lane.ORDINARY)
    first, second, third = call_next("1", DAY), call_next("2", DAY), call_next("1", DAY)
    assert antrean.find_number(first.id).state is Standing.SERVED
    assert serving("2", DAY).id == second.id
    assert serving("1", DAY).id == third.id
    assert [each.text for each in calls(DAY, 2)] == ["A 3", "A 2"]


def test_who_did_not_come_is_called_again_later(stall):
    queue(Lane.ORDINARY, Lane.ORDINARY)
    absent = call_next("1", DAY)
    finish("1", DAY, came=False)
    assert [each.id for each in missed(DAY)] == [absent.id]
    present = call_next("1", DAY)
    again = call_again(absent.id, "1", DAY)
    assert (again.text, again.turn) == ("A 1", present.turn + 1)
    assert antrean.find_number(present.id).state is Standing.SERVED
    assert missed(DAY) == []
    finish("1", DAY, came=True)
    assert call_again(absent.id, "1", DAY) is None
    assert call_again(absent.id, "1", "2026-11-22") is None


def test_the_number_is_remembered_with_what_was_stored_under_it(stall):
    queue(Lane.PRIORITY)
    antrean.served_record("1", DAY, "nobody-was-called")
    call_next("1", DAY)
    antrean.served_record("1", DAY, "stored")
    assert antrean.number_of("stored") == "P 1"
    assert antrean.number_of("nobody-was-called") == ""


def test_why_somebody_goes_first_is_a_count_of_the_day_and_stands_on_no_number(stall):
    for place, kind in enumerate(("lansia", "lansia", "hamil")):
        take(f"tap-{place}", Lane.PRIORITY, DAY, kind)
    take("tap-0", Lane.PRIORITY, DAY, "lansia")
    assert kinds(DAY) == {"lansia": 2, "hamil": 1}
    assert not {"kind", "priority"} & {column.name for column in antrean.AntreanRow.__table__.columns}


def test_many_taps_at_once_get_numbers_of_their_own(stall):
    from flask import current_app

    app, got = current_app._get_current_object(), []

    def tap(place):
        with app.app_context():
            got.append(take(f"thread-{place}", Lane.ORDINARY, DAY).number)

    threads = [threading.Thread(target=tap, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 9))
