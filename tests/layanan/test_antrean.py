"""Whose turn it is: priority first, and nobody starves."""

from hypothesis import given
from hypothesis import strategies as st

from layanan.antrean import IN_A_ROW, Lane, next_lane, spoken_number

LANES = st.sampled_from(Lane)


def test_a_number_says_its_lane_and_nothing_else():
    assert spoken_number(Lane.ORDINARY, 12) == "A 12"
    assert spoken_number(Lane.PRIORITY, 3) == "P 3"


def test_nobody_waits():
    assert next_lane({}, [Lane.PRIORITY]) is None


@given(st.lists(LANES, max_size=60), st.lists(LANES, max_size=60))
def test_priority_goes_first_and_at_most_two_in_a_row_while_others_wait(here, coming):
    waiting, called, coming = {lane: here.count(lane) for lane in Lane}, [], list(coming)
    while lane := next_lane(waiting, called):
        assert waiting[lane] > 0
        others = waiting[Lane.ORDINARY]
        waiting[lane] -= 1
        called.insert(0, lane)
        if others and len(called) > IN_A_ROW:
            assert Lane.ORDINARY in called[: IN_A_ROW + 1]
        if coming:
            new = coming.pop()
            waiting[new] = waiting.get(new, 0) + 1
    assert sum(waiting.values()) == 0
    if Lane.PRIORITY in here:
        assert called[-1] is Lane.PRIORITY
