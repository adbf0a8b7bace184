"""How often one caller may try. Knows counts in this process's memory; refuses to know what is tried.

One process serves a stall, so memory is enough; several workers of headquarters each allow the same number.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from layanan.problems import Refused


class RateLimit:
    """`times` tries at once, refilled evenly over `seconds`. Safe across threads; remembers at most `keep` callers."""

    def __init__(
        self, times: int, seconds: float, *, keep: int = 4096, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._times, self._rate, self._keep, self._clock = times, times / seconds, keep, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, key: str) -> None:
        """Raise Refused("rate_limited", seconds) when the caller has no try left; takes nothing."""
        with self._lock:
            left = self._now(key)
        if left < 1:
            raise Refused("rate_limited", seconds=math.ceil((1 - left) / self._rate))

    def spend(self, key: str) -> None:
        """Take one try (for look-ups: only after a wrong guess, many honest people share one address)."""
        with self._lock:
            self._left[key] = (max(0.0, self._now(key) - 1), self._clock())
            self._left.move_to_end(key)
            while len(self._left) > self._keep:
                self._left.popitem(last=False)

    def forget(self, key: str) -> None:
        """Give the caller every try back, after a success."""
        with self._lock:
            self._left.pop(key, None)

    def _now(self, key: str) -> float:
        left, at = self._left.get(key, (float(self._times), 0.0))
        return min(float(self._times), left + max(0.0, self._clock() - at) * self._rate)


def caller_of(address: str | None) -> str:
    """One key for one caller: the IPv4 address, or the /64 network of an IPv6 address."""
    try:
        read = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((read, 64), strict=False)) if read.version == 6 else str(read)
