"""Knows how much to send at once over a link, from what the last exchanges took; refuses to know links and clocks.

All of it is a guess that the next exchange corrects: a wrong one costs seconds, never an entry.
"""

from dataclasses import dataclass, replace

GOAL = 4.0
"""Seconds an exchange should take: long beside a round trip, short beside the time a bad link holds."""

FIRST_ROWS, MOST_ROWS = 300, 2_000
"""Entries at most in the first batch of a sync (a busy day: 35 KB, 7 s on GPRS), and in any."""

GROWTH = 4
"""A batch has at most so many times the entries of one that went through."""

SMALL = 3_000
"""Bytes of an exchange that says more of the round trip than of the goodput."""

LEAST_PATIENCE, MOST_PATIENCE = 15.0, 180.0
_TOLERANCE = 3.0
_UNKNOWN = 1 / 4_000
"""Seconds a byte on a link that has not answered yet: half of what GPRS carries."""


@dataclass(frozen=True)
class Pace:
    """What is known of a link: entries it may get next, seconds of a round trip and of a byte, bytes of an entry."""

    rows: int = FIRST_ROWS
    trip: float = 0.0
    byte_seconds: float = 0.0
    row_bytes: float = 130.0

    def took(self, rows: int, size: int, seconds: float) -> "Pace":
        """Return what is known after an exchange of so many entries and bytes, both ways, took so long."""
        if size < SMALL:
            return replace(self, trip=_mean(self.trip, seconds))
        trip = min(self.trip, seconds)
        # a round trip that was measured on a slower day must not make the bytes look free
        goodput = _mean(self.byte_seconds, max(seconds - trip, seconds / 4, 1e-6) / size)
        row_bytes = _mean(self.row_bytes, size / rows) if rows else self.row_bytes
        wanted = max(GOAL - trip, GOAL / 2) / (goodput * row_bytes)
        grown = max(self.rows, rows * GROWTH)
        return Pace(max(1, int(min(wanted, grown, MOST_ROWS))), trip, goodput, row_bytes)

    def halved(self, rows: int) -> "Pace":
        """Return what is known after so many entries did not get through."""
        return replace(self, rows=max(1, min(rows, self.rows) // 2))

    def patience(self, size: int, fresh: bool) -> float:
        """Return the seconds to wait for an exchange of so many bytes; `fresh`: nothing was answered in this sync."""
        byte = max(self.byte_seconds, _UNKNOWN if fresh or not self.byte_seconds else 0.0)
        return min(MOST_PATIENCE, LEAST_PATIENCE + _TOLERANCE * (self.trip + size * byte))


def even(rows: int, waiting: int) -> int:
    """Return how many to send of those that wait, so that the last batch is no small rest; at most half more."""
    if not rows or not waiting:
        return rows
    batches = max(1, round(waiting / rows))
    return min(MOST_ROWS, -(-waiting // batches))


def _mean(old: float, new: float) -> float:
    return (old + new) / 2 if old else new
