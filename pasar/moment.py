"""The stall's clock: wall time, zone, boot id, monotonic offset, and whether anybody vouched for the date.

Refuses to order or to deduplicate anything: a Raspberry Pi has no clock battery.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from sync.entry import Moment
from web_base.formats import relative_age
from web_base.tongue import _

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


def _ticks() -> float:
    """Seconds that nobody can set, and that pass while the machine sleeps (CLOCK_BOOTTIME where there is one)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class StallClock:
    """One per process. `wall` and `ticks` (seconds, monotonic) can be given, so that a test may turn the clock.

    What was once known of the true time is carried on by the ticks, so that a jump in mid-run shows at once.
    """

    def __init__(
        self,
        zone: str = DEFAULT_ZONE,
        wall: Callable[[], datetime] = _utc_now,
        ticks: Callable[[], float] = _ticks,
    ) -> None:
        self.zone = zone
        self.ticks = ticks
        self._wall = wall
        self._boot = boot_id()
        self._known: tuple[datetime, float] | None = None
        self._by_headquarters = False

    def now(self) -> datetime:
        """Wall time, UTC, aware."""
        return self._wall()

    def likely(self) -> datetime:
        """The true time as headquarters told it, carried on by the ticks; wall time where it has not."""
        with suppress(OverflowError):
            return self._wall() - timedelta(seconds=(self.ahead or 0.0) if self._by_headquarters else 0.0)
        return self._wall()

    def today(self) -> date:
        """The stall's local date; what an operator confirms in the morning."""
        return self._wall().astimezone(ZoneInfo(self.zone)).date()

    def vouch(self) -> None:
        """A person says the date is right; holds until the clock jumps or headquarters knows better."""
        if not self._by_headquarters:
            self._known = self._wall(), self.ticks()

    def doubt(self) -> None:
        """A person says the date is wrong: durations stay promised, dates do not."""
        self._known, self._by_headquarters = None, False

    def compared(self, ahead_seconds: float) -> None:
        """Headquarters' signed answer told its time: within five minutes the clock is right, beyond it is not."""
        with suppress(OverflowError):
            self._known, self._by_headquarters = (self._wall() - timedelta(seconds=ahead_seconds), self.ticks()), True

    @property
    def ahead(self) -> float | None:
        """Seconds by which the wall clock is ahead of the true time (behind: negative); None when nobody has said."""
        if self._known is None:
            return None
        at, ticks = self._known
        return (self._wall() - at).total_seconds() - (self.ticks() - ticks)

    @property
    def trusted(self) -> bool:
        """Whether somebody vouched for the date, and the clock has not left it since."""
        return self.ahead is not None and not self.is_wrong()

    def is_wrong(self) -> bool:
        """Whether the clock is known to be more than five minutes off."""
        return self.ahead is not None and abs(self.ahead) > TOLERATED_SECONDS

    def moment(self) -> Moment:
        """What an entry records of its time."""
        return Moment(self._wall(), self.zone, self._boot, int(self.ticks() * 1000), self.trusted)


def spoken_offset(ahead_seconds: float) -> str:
    """`2 jam lebih cepat`, `3 hari lebih lambat`."""
    way = _("lebih cepat") if ahead_seconds > 0 else _("lebih lambat")
    return f"{relative_age(timedelta(seconds=abs(ahead_seconds)))} {way}"
