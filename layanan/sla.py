"""Knows working days: weeks of five or six days, national holidays and cuti bersama; refuses years nobody has decreed.

The clock starts when the file is complete and correct (service standard, UU 25/2009), so that day is day 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from layanan.problems import Refused
from layanan.tables import rows


@dataclass(frozen=True)
class Calendar:
    """Days off, and the years for which they are known to be complete."""

    days_off: frozenset[date]
    years: frozenset[int]

    def works(self, day: date, week: int) -> bool:
        """Whether an office with a week of five or six days works on this day.

        Raises Refused("sla_year_undecreed") outside the years known.
        """
        if day.year not in self.years:
            raise Refused("sla_year_undecreed", year=day.year)
        return day.isoweekday() <= week and day not in self.days_off

    def decreed(self, years: Iterable[int], off: Iterable[date]) -> "Calendar":
        """Return this calendar with the days off of whole years as they were decreed since."""
        known = frozenset(years)
        kept = frozenset(day for day in self.days_off if day.year not in known)
        return Calendar(kept | frozenset(off), self.years | known)

    def corrected(self, *, off: Iterable[date] = (), on: Iterable[date] = ()) -> "Calendar":
        """Return this calendar with local days off added and cancelled ones removed."""
        return Calendar((self.days_off | frozenset(off)) - frozenset(on), self.years)


@cache
def national_calendar() -> Calendar:
    """Return the decreed national holidays and cuti bersama of `tables/holidays.csv`."""
    days_off = frozenset(date.fromisoformat(row["date"]) for row in rows("holidays"))
    return Calendar(days_off, frozenset(day.year for day in days_off))


_in_force: list[Calendar] = []


def calendar_in_force() -> Calendar:
    """Return the calendar in force in this process: what headquarters has published, else the release's."""
    return _in_force[-1] if _in_force else national_calendar()


def put_in_force(calendar: Calendar | None) -> None:
    """Let `calendar_in_force` return this one from now on; None: the release's."""
    _in_force[:] = [calendar] if calendar else []


def due_date(complete: date, days: int, week: int, calendar: Calendar | None = None) -> date:
    """Return the last of `days` working days after the file was complete; zero days: that day or the next working one.

    Raises Refused("sla_year_undecreed") when the count leaves the decreed years, ValueError for a week not of 5 or 6.
    """
    if week not in (5, 6) or days < 0:
        raise ValueError("a week has 5 or 6 working days, a duration has none below zero")
    calendar = calendar or calendar_in_force()
    day = complete
    calendar.works(day, week)
    for _ in range(days):
        day = _next_working(day, week, calendar)
    return day if days or calendar.works(day, week) else _next_working(day, week, calendar)


def _next_working(day: date, week: int, calendar: Calendar) -> date:
    day += timedelta(days=1)
    while not calendar.works(day, week):
        day += timedelta(days=1)
    return day
