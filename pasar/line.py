"""What this stall remembers of its line between two syncs: the pace, and the bytes spent in this window of the kuota.

Knows one small file beside the database; refuses to know how fast or how dear a line should be (`sync`).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

from offline_db.typed import present_settings
from sync.kuota import Kuota
from sync.pace import Pace
from web_base.formats import data_size, tanggal_pendek
from web_base.tongue import _

KEPT_NAME = "line.json"


@dataclass(frozen=True)
class Spent:
    """Bytes that travelled since `since`; `limit` is None without a kuota, `until` the day the next window begins."""

    size: int
    since: date
    limit: int | None
    until: date

    @property
    def used_up(self) -> bool:
        """Whether not even an empty question fits any more."""
        return self.limit is not None and self.size + LEAST > self.limit


LEAST = 1_000
"""Bytes without which nothing can be asked."""


def spoken(spent: Spent) -> str:
    """`1,2 MB hari ini`, `5 MB dari 5 MB; lanjut 22 Nov 2026`."""
    size = data_size(spent.size)
    if spent.limit is None:
        return _("%(size)s hari ini", size=size)
    limit, until = data_size(spent.limit), tanggal_pendek(spent.until)
    if spent.used_up:
        return _("%(size)s, jatah %(limit)s habis sampai %(until)s", size=size, limit=limit, until=until)
    return _("%(size)s dari jatah %(limit)s sampai %(until)s", size=size, limit=limit, until=until)


def told_kuota() -> Kuota | None:
    """The kuota headquarters has set for its stalls, inside an app context; None without one that can be read."""
    try:
        return Kuota.read(present_settings().get("kuota", ""))
    except ValueError:
        return None


class KeptLine:
    """The file, read once and written after every exchange. When it is lost, the line is measured anew.

    A `Budget`: `beyond` lets bytes go although the kuota is used up; they count all the same.
    """

    def __init__(self, folder: Path, kuota: Kuota | None, today: Callable[[], date], beyond: bool = False) -> None:
        self._path, self._kuota, self._today, self._beyond = folder / KEPT_NAME, kuota, today, beyond
        self.pace, self._since, self._size = _read(self._path)

    def spent(self) -> Spent:
        """What travelled in the present window; without a kuota the window is a day."""
        kuota, today = self._kuota or Kuota(0, "hari"), self._today()
        if kuota.begins(today).isoformat() != self._since:
            self._since, self._size = kuota.begins(today).isoformat(), 0
        return Spent(self._size, kuota.begins(today), self._kuota.size if self._kuota else None, kuota.ends(today))

    def left(self) -> float:
        """See Budget."""
        now = self.spent()
        return math.inf if self._beyond or now.limit is None else max(0, now.limit - now.size)

    def spend(self, size: int) -> None:
        """See Budget."""
        self._size = self.spent().size + size
        self._keep()

    def keep(self, pace: Pace) -> None:
        """Remember what is known of the line now."""
        self.pace = pace
        self._keep()

    def _keep(self) -> None:
        """A disk that takes no file has its own alarm; a sync does not fail for a note."""
        fresh = self._path.with_suffix(".new")
        said = json.dumps({"pace": asdict(self.pace), "since": self._since, "spent": self._size})
        with suppress(OSError):
            fresh.write_text(said, "ascii")
            os.replace(fresh, self._path)


def _read(path: Path) -> tuple[Pace, str, int]:
    try:
        said = json.loads(path.read_bytes())
        rows, *guessed = (float(said["pace"][one.name]) for one in fields(Pace))
        pace = Pace(int(rows), *guessed)
        if not all(0 <= value < math.inf for value in guessed) or pace.rows < 1 or pace.row_bytes < 1:
            raise ValueError("no pace of any line")
        return pace, str(said["since"]), max(0, int(said["spent"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return Pace(), "", 0
