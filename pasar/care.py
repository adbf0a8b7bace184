"""What this stall does for its own file: a look at the start, a whole one and a prune at night, and the words for it.

Knows when and what was found; refuses to mend (a person asks for that) and to know how damage is seen.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from layanan.problems import Refused
from offline_db.damage import damaged, note_damage
from offline_db.prune import prune
from offline_db.selfcheck import Finding, selfcheck
from offline_db.start_check import OLDER, start_check
from offline_db.typed import unapplied
from pasar.moment import StallClock, spoken_offset

NIGHT_HOUR = 2
KEPT_NAME = "nightly.json"
QUIET_SECONDS = 300.0
"""The whole look reads every entry, so it waits until nobody has saved for a while."""


class Care:
    """One per process; the findings of the last night outlive it in a small file beside the database."""

    def __init__(self, folder: Path, clock: StallClock, ticks: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / KEPT_NAME
        self._clock, self._ticks = clock, ticks
        self._day, at_night = _read(self._path)
        self._kept_at = _written_at(self._path)
        self._damaged: frozenset[int] = frozenset()
        self._busy_at = ticks()
        self.found: list[Finding] = at_night

    def at_start(self) -> None:
        """Look at what is new, inside an app context; the cost does not grow with what is stored."""
        self.found = list(dict.fromkeys([*start_check(), *self.found]))
        self._remember()

    def saved(self) -> None:
        """Somebody is at work."""
        self._busy_at = self._ticks()

    def is_due(self) -> bool:
        """Once a night, or at the first quiet moment after it; a clock that jumps costs a look too many, never none."""
        here = self._clock.now().astimezone(ZoneInfo(self._clock.zone))
        quiet = self._ticks() - self._busy_at >= QUIET_SECONDS
        return quiet and here.hour >= NIGHT_HOUR and here.date().isoformat() != self._day

    def at_night(self) -> None:
        """Read the whole file and erase what is due, inside an app context. Raises Refused disk_*."""
        self._day = self._clock.today().isoformat()
        self._look()
        if not self.found:
            prune()

    def synced(self) -> None:
        """Look again when headquarters has given back what was damaged, inside an app context."""
        if self.found and damaged() != self._damaged:
            self._look()

    def alarms(self) -> list[Refused]:
        """What the people at the counter must be told, worst first; what `pasar heal` has mended meanwhile no more."""
        written = _written_at(self._path)
        if written != self._kept_at:
            self._kept_at = written
            self._day, self.found = _read(self._path)
        return [*damage(self.found), *unapplied(), *_clock_alarm(self._clock)]

    def _look(self) -> None:
        self.found = list(dict.fromkeys([*start_check(), *selfcheck()]))
        keep(self._path.parent, self._day, self.found)
        self._kept_at = _written_at(self._path)
        self._remember()

    def _remember(self) -> None:
        with suppress(Refused):  # a full disk is told elsewhere, and headquarters is asked after the next look
            note_damage(self.found)
        self._damaged = damaged()


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def damage(found: Sequence[Finding]) -> list[Refused]:
    """The sentences for what a look found."""
    told = [Refused("store_went_back")] if any(one.kind == OLDER for one in found) else []
    if any(one.kind == "file" for one in found):
        told.append(Refused("store_damaged"))
    number = len({one.where for one in found if one.kind not in (OLDER, "file")})
    return [*told, Refused("store_entry_damaged", number=number)] if number else told


def keep(folder: Path, day: str, found: Sequence[Finding]) -> None:
    """Remember what a whole look found, for the next process too."""
    said = json.dumps({"day": day, "found": [[one.kind, one.where] for one in found]})
    fresh = folder / f"{KEPT_NAME}.new"
    with suppress(OSError):
        fresh.write_text(said, "utf-8")
        os.replace(fresh, folder / KEPT_NAME)


def today_utc() -> str:
    """The day a command writes beside its findings."""
    return datetime.now(UTC).date().isoformat()


def _read(path: Path) -> tuple[str, list[Finding]]:
    try:
        said = json.loads(path.read_bytes())
        return str(said["day"]), [Finding(str(kind), str(where)) for kind, where in said["found"]]
    except (OSError, ValueError, KeyError, TypeError):
        return "", []


def _clock_alarm(clock: StallClock) -> list[Refused]:
    if clock.ahead is None or not clock.is_wrong():
        return []
    return [Refused("clock_wrong", how=spoken_offset(clock.ahead))]
