"""The pace alone: whatever was measured, the next batch is neither nothing nor without bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sync.pace
from sync.pace import GROWTH, MOST_ROWS, Pace, even

FACTS = st.tuples(st.integers(0, 3_000), st.integers(0, 2_000_000), st.floats(0, 10_000))


@pytest.mark.clause("P39")
@given(st.lists(FACTS | st.integers(0, 3_000), max_size=30))
def test_whatever_happened_a_batch_has_bounds(facts: list[tuple[int, int, float] | int]) -> None:
    pace = Pace()
    for fact in facts:
        before = pace
        pace = pace.halved(fact) if isinstance(fact, int) else pace.took(*fact)
        sent = fact if isinstance(fact, int) else fact[0]
        assert 1 <= pace.rows <= MOST_ROWS
        assert pace.rows <= max(before.rows, sent * GROWTH)
        for size in (0, 1_000, 10**6):
            for fresh in (True, False):
                assert sync.pace.LEAST_PATIENCE <= pace.patience(size, fresh) <= sync.pace.MOST_PATIENCE


@pytest.mark.clause("P39")
@given(st.integers(0, MOST_ROWS), st.integers(0, 100_000))
def test_even_batches_reach_all_and_none_is_much_larger(rows: int, waiting: int) -> None:
    size = even(rows, waiting)
    assert size <= min(MOST_ROWS, max(rows + -(-rows // 2), rows))
    assert (size > 0) == (rows > 0)


def test_a_question_without_entries_tells_of_the_round_trip_only() -> None:
    pace = Pace().took(300, 34_000, 6.0).took(0, 700, 1.2)
    assert (pace.trip, pace.byte_seconds) == (1.2, 6.0 / 34_000)


@pytest.mark.clause("P39")
def test_batches_that_were_halved_to_one_entry_grow_again_over_small_exchanges() -> None:
    pace = Pace(rows=1, trip=1.2, byte_seconds=1 / 6_000, row_bytes=130.0)
    for _ in range(4):
        pace = pace.took(pace.rows, 200 + 130 * pace.rows, 1.2)
    assert 64 <= pace.rows <= 256


def test_a_question_without_entries_says_nothing_of_their_number() -> None:
    assert Pace(rows=1, trip=1.2).took(0, 700, 1.2).rows == 1
