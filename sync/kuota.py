"""Knows how many bytes a stall may spend on its link in a window of days; refuses to know where that is kept."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf
from typing import Protocol

ENVELOPE = 400
"""Bytes an exchange costs beside its two frames: packets, headers, acknowledgements of TCP, TLS and HTTP, roughly."""

_UNITS = {"kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
_SPELLED = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]))? ?(kb|mb|gb) ?(?:/|per) ?(hari|minggu|bulan)", re.IGNORECASE)


class Budget(Protocol):
    """What may still travel."""

    def left(self) -> float:
        """Return bytes, infinite without a limit."""
        ...

    def spend(self, size: int) -> None:
        """Note that so many bytes travelled, over restarts."""
        ...


class Unlimited:
    """A budget without end, that notes nothing."""

    def left(self) -> float:
        """See Budget."""
        return inf

    def spend(self, size: int) -> None:
        """See Budget."""


@dataclass(frozen=True)
class Kuota:
    """So many bytes, both ways together, in each `hari`, `minggu` (from Monday) or `bulan` of the stall's calendar."""

    size: int
    window: str

    @classmethod
    def read(cls, text: str) -> "Kuota | None":
        """Return what `5 MB/hari`, `200 KB per hari` or `1,5 GB/bulan` says; None for nothing. Raises ValueError."""
        if not text.strip():
            return None
        found = _SPELLED.fullmatch(text.strip())
        if found is None:
            raise ValueError("not a size and a window")
        whole, tenth, unit, window = found.groups()
        size = (int(whole) * 10 + int(tenth or 0)) * _UNITS[unit.lower()] // 10
        if not size:
            raise ValueError("a window without a byte")
        return cls(size, window.lower())

    def begins(self, today: date) -> date:
        """Return the first day of the window that `today` is in."""
        if self.window == "minggu":
            return today - timedelta(days=today.weekday())
        return today.replace(day=1) if self.window == "bulan" else today

    def ends(self, today: date) -> date:
        """Return the first day of the next window."""
        if self.window == "bulan":
            return (self.begins(today) + timedelta(days=31)).replace(day=1)
        return self.begins(today) + timedelta(days=7 if self.window == "minggu" else 1)
