"""Who sits at which browser, and since when nobody has touched it. Lives in memory: a restart asks for the pass-phrase.

Knows seats and the monotonic clock only; a wall clock that jumps locks nobody out and lets nobody in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

DAY_SECONDS = 16 * 3600
"""An introduced browser may use PINs this long: a market day with room, shorter than until the next morning."""


@dataclass
class Seat:
    """One browser that a pass-phrase has introduced. `operator` is who sat there last."""

    operator: str
    since: float
    touched: float
    locked: bool = False


class Desks:
    """All seats of this process. Every method may be called from any thread."""

    def __init__(self, idle_seconds: float, ticks: Callable[[], float]) -> None:
        self._idle = idle_seconds
        self._ticks = ticks
        self._seats: dict[str, Seat] = {}
        self._lock = Lock()

    def introduce(self, operator: str) -> str:
        """A new seat for a browser whose operator gave the pass-phrase; the returned id is its session's secret."""
        now = self._ticks()
        with self._lock:
            self._seats = {key: seat for key, seat in self._seats.items() if now - seat.since < DAY_SECONDS}
            key = secrets.token_urlsafe(18)
            self._seats[key] = Seat(operator, now, now)
        return key

    def known(self, key: str) -> Seat | None:
        """The seat if a PIN is enough there, whoever types it; None asks for the pass-phrase."""
        with self._lock:
            seat = self._seats.get(key)
            return seat if seat and self._ticks() - seat.since < DAY_SECONDS else None

    def sit(self, key: str, operator: str) -> None:
        """`operator` has given the PIN at a known seat."""
        seat = self.known(key)
        if seat:
            seat.operator, seat.locked, seat.touched = operator, False, self._ticks()

    def operator(self, key: str) -> str | None:
        """Who may work here now; a seat nobody touched for the idle time locks itself."""
        seat = self.known(key)
        if seat is None or seat.locked:
            return None
        if self._ticks() - seat.touched >= self._idle:
            seat.locked = True
            return None
        seat.touched = self._ticks()
        return seat.operator

    def is_here(self, operator: str) -> bool:
        """Whether anybody works under this name at any seat right now."""
        with self._lock:
            seats = list(self._seats.values())
        now = self._ticks()
        return any(
            seat.operator == operator and not seat.locked and now - seat.touched < self._idle for seat in seats
        )

    def lock(self, key: str) -> None:
        """Ask for a PIN from now on."""
        seat = self.known(key)
        if seat:
            seat.locked = True

    def forget(self, key: str) -> None:
        """The browser is a stranger again."""
        with self._lock:
            self._seats.pop(key, None)

    def forget_operator(self, operator: str) -> None:
        """Every seat of this operator asks for the pass-phrase (five wrong PINs)."""
        with self._lock:
            self._seats = {key: seat for key, seat in self._seats.items() if seat.operator != operator}
