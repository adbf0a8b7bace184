"""Knows until when a document is promised once its file is complete; refuses to know pages and tables.

The clock runs from completeness, and pauses while the file is returned, unpaid, or waits for the person (UU 25/2009).
"""

from collections.abc import Sequence
from datetime import date, timedelta

from layanan.permohonan import Kind, Permohonan, Step
from layanan.problems import Refused
from layanan.sla import calendar_in_force, due_date
from layanan.status import MEANINGS, Clock, Status


def promised(state: Permohonan, days: int | None, week: int, today: date) -> date | None:
    """Return the due date of a file that is complete today: the earlier promise, moved by the pause, or a new one.

    None: nobody can compute it (no duration in the catalogue, or holidays of that year not decreed), so an officer
    has to name a day.
    """
    try:
        if state.due and _runs(state.status):
            return date.fromisoformat(state.due)
        paused = _paused_on(state.history)
        if state.due and paused:
            return due_date(today, _working_days(paused, date.fromisoformat(state.due), week), week)
        return None if days is None else due_date(today, days, week)
    except Refused:
        return None


def _runs(status: Status) -> bool:
    return MEANINGS[status].clock is Clock.RUNNING


def _paused_on(history: Sequence[Step]) -> date | None:
    """Return the day on which the clock stopped that had been running."""
    running, paused = False, None
    for step in history:
        if step.kind != Kind.STATUS or step.why in ("unknown_status",):
            continue
        runs = _runs(Status(step.status))
        if running and not runs:
            paused = date.fromisoformat(step.at[:10])
        running = runs
    return paused


def _working_days(after: date, until: date, week: int) -> int:
    calendar = calendar_in_force()
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return sum(calendar.works(day, week) for day in days)
