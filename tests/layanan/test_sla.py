"""Working days between a complete file and the day it is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import Refused
from layanan.sla import due_date, national_calendar
from tests.layanan.vectors import vectors


@pytest.mark.parametrize("week", [5, 6])
@pytest.mark.parametrize("row", vectors("sla_vectors"), ids=lambda row: row["why"])
def test_vector(row, week):
    due = due_date(date.fromisoformat(row["complete_date"]), int(row["working_days"]), week)
    assert due.isoformat() == row[f"due_{week}day_week"]


def test_lebaran_2026_holds_everything_for_a_week():
    assert due_date(date(2026, 3, 17), 1, 5) == due_date(date(2026, 3, 17), 1, 6) == date(2026, 3, 25)


def test_same_day_service_waits_for_a_working_day():
    assert due_date(date(2026, 11, 20), 0, 5) == date(2026, 11, 20)
    assert due_date(date(2026, 11, 21), 0, 5) == date(2026, 11, 23)


@pytest.mark.parametrize("complete, days", [(date(2027, 12, 30), 5), (date(2025, 12, 31), 1), (date(2028, 1, 3), 0)])
def test_a_year_nobody_decreed_is_refused(complete, days):
    with pytest.raises(Refused) as refused:
        due_date(complete, days, 5)
    assert refused.value.code == "sla_year_undecreed"
    assert refused.value.slots["year"] in (2025, 2028)


@pytest.mark.parametrize("days, week", [(1, 7), (-1, 5)])
def test_a_week_has_five_or_six_days_and_no_duration_is_negative(days, week):
    with pytest.raises(ValueError):
        due_date(date(2026, 11, 23), days, week)


def test_local_days_off_and_corrections_count():
    calendar = national_calendar().corrected(off=[date(2026, 11, 24)], on=[date(2026, 12, 24)])
    assert due_date(date(2026, 11, 23), 1, 6, calendar) == date(2026, 11, 25)
    assert due_date(date(2026, 12, 23), 1, 6, calendar) == date(2026, 12, 24)


@given(st.dates(date(2026, 1, 1), date(2027, 9, 30)), st.integers(0, 30), st.sampled_from([5, 6]))
def test_one_day_more_is_later_and_always_a_working_day(complete, days, week):
    due = due_date(complete, days, week)
    assert national_calendar().works(due, week) and due >= complete
    assert due_date(complete, days + 1, week) > complete + timedelta(days=days)
