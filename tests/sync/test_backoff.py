"""Patience: doubling, capped, spread, and obedient within reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.backoff import CAP, delay


@pytest.mark.clause("P40")
def test_the_wait_doubles_to_a_quarter_of_an_hour() -> None:
    assert [delay(n, 1.0) for n in (0, 1, 2, 3, 8, 9, 99_999)] == [5.0, 5.0, 10.0, 20.0, 640.0, CAP, CAP]
    assert delay(3, 0.0) == 10.0


@pytest.mark.clause("P40")
@given(st.integers(0, 10**6), st.floats(0, 1), st.none() | st.floats(0, 10**9))
def test_the_wait_stays_in_its_bounds(failures: int, chance: float, asked: float | None) -> None:
    wait = delay(failures, chance, asked)
    assert 2.5 <= wait <= max(CAP, 3600.0)
    assert asked is None or wait >= min(asked, 3600.0)
