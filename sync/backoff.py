"""Knows how long to wait before the next try; refuses to know the clock and to throw dice itself."""

FIRST = 5.0
CAP = 15 * 60.0
MOST_OBEYED = 60 * 60.0
"""A server may ask for up to an hour; more is taken for a mistake."""


def delay(failures: int, chance: float, retry_after: float | None = None) -> float:
    """Return seconds to wait after so many failures in a row; `chance` (0 to 1) spreads the stalls apart.

    Doubles from 5 s to 15 minutes, of which the upper half is left to chance. What a busy server asks for
    (`Retry-After`) is the least that is waited, up to an hour.
    """
    longest = min(CAP, FIRST * 2.0 ** min(max(failures, 1) - 1, 20))
    wait = longest * (0.5 + 0.5 * chance)
    return max(wait, min(retry_after or 0.0, MOST_OBEYED))
