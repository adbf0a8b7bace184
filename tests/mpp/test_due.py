"""Until when a document is promised: from the day the file is complete, moved on by every pause."""

from __future__ import annotations

from datetime import date

import pytest

from layanan.permohonan import Event, Kind, Permohonan, fold
from mpp.due import promised

FRIDAY = date(2026, 11, 20)


def history(*steps: tuple[str, str, str]) -> Permohonan:
    """A record that went through (status, day, due) by an officer's hand."""
    events = [Event(False, (1, 1), "00", (0, 0), Kind.ACCEPTED, {"code": "K"}, "2026-11-16T01:00:00.000Z")]
    for seq, (status, day, due) in enumerate(steps, 1):
        fields = {"status": status, "slots": {}} | ({"due": due} if due else {})
        events.append(Event(True, (1, seq), f"{seq:02}", (1, 1), Kind.STATUS, fields, f"{day}T02:00:00.000Z"))
    return fold(events)


@pytest.mark.parametrize(("days", "week", "due"), [(1, 5, "2026-11-23"), (1, 6, "2026-11-21"), (5, 5, "2026-11-27")])
def test_the_clock_starts_when_the_file_is_complete(days: int, week: int, due: str) -> None:
    assert promised(history(), days, week, FRIDAY) == date.fromisoformat(due)


def test_a_running_clock_keeps_its_promise() -> None:
    state = history(("DIPROSES", "2026-11-16", "2026-11-18"))
    assert promised(state, 2, 5, FRIDAY) == date(2026, 11, 18)


def test_a_pause_moves_the_promise_by_the_days_that_were_left() -> None:
    state = history(("DIPROSES", "2026-11-16", "2026-11-20"), ("MENUNGGU_HADIR", "2026-11-18", ""))
    assert promised(state, 4, 5, FRIDAY) == date(2026, 11, 24)


def test_nobody_computes_what_is_not_known() -> None:
    assert promised(history(), None, 5, FRIDAY) is None
    assert promised(history(), 400, 5, FRIDAY) is None
