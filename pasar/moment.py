"""The stall's clock: wall time, zone, boot id, monotonic offset, and whether anybody vouched for the date.

Refuses to order or to deduplicate anything: a Raspberry Pi has no clock battery.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from sync.entry import Moment

BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")
DEFAULT_ZONE = "Asia/Jakarta"
TOLERATED_SECONDS = 300.0


def boot_id() -> str:
    """The kernel's id of this boot; where there is none, one for this process."""
    try:
        return BOOT_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid4())


def _utc_now() -> datetime:
    return datetime.now(UTC)


class StallClock:
    """One per process. `wall` and `ticks` (seconds, monotonic) can be given, so that a test may turn the clock."""

    def __init__(
        self,
        zone: str = DEFAULT_ZONE,
        wall: Callable[[], datetime] = _utc_now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.zone = zone
        self.ticks = ticks
        self.trusted = False
        self._wall = wall
        self._boot = boot_id()

    def now(self) -> datetime:
        """Wall time, UTC, aware."""
        return self._wall()

    def today(self) -> date:
        """The stall's local date; what an operator confirms in the morning."""
        return self._wall().astimezone(ZoneInfo(self.zone)).date()

    def vouch(self) -> None:
        """A person (or headquarters' signed answer) says the date is right; holds until the process ends."""
        self.trusted = True

    def doubt(self) -> None:
        """A person says the date is wrong: durations stay promised, dates do not."""
        self.trusted = False

    def compared(self, ahead_seconds: float) -> None:
        """Headquarters' signed answer told its time: within five minutes the clock is right, beyond it is not."""
        self.trusted = abs(ahead_seconds) <= TOLERATED_SECONDS

    def moment(self) -> Moment:
        """What an entry records of its time."""
        return Moment(self._wall(), self.zone, self._boot, int(self.ticks() * 1000), self.trusted)
