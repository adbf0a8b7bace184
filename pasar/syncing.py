"""When this stall talks to headquarters: after a save, every few minutes, nightly, and when asked; one at a time.

Knows the clockwork and the one lock; refuses to know the protocol (`sync`) and what is stored (`offline_db`).
"""

from __future__ import annotations

import contextlib
import logging
import math
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout
from flask import Flask

from layanan.problems import Refused
from offline_db.base import checkpoint
from offline_db.identity import grant, identity
from offline_db.outbox import SqliteOutbox, note_sync
from offline_db.prune import note_durable
from offline_db.status_book import SqliteStatusBook
from offline_db.trust import stall_keys
from pasar.attachments import with_scans
from pasar.bell import Bell
from pasar.care import Care
from pasar.line import LEAST, KeptLine, told_kuota
from pasar.moment import StallClock
from sync.backoff import delay
from sync.exchange import Outcome
from sync.kuota import Kuota
from sync.line import Line
from sync.link import HttpLink
from sync.until_quiet import sync_until_quiet

LOG = logging.getLogger("pasar.syncing")
LOCK_NAME = "sync.lock"
CHEAP = frozenset({"link_no_address", "link_dns", "link_refused"})
"""Failures that cost neither bytes nor time: asking again soon finds the link as soon as it is back."""
CHEAP_SECONDS = 15.0
LOOK_SECONDS = 60.0
"""So often the loop looks whether it is night: a clock that is set meanwhile must not make it sleep over one."""
SOONEST = 3.0
BETWEEN_SECONDS = 1.0
"""A first save goes out at once; in a rush the next ones share a batch, which costs less of a weak link."""
IDLE_SECONDS = 2.0
"""Folding the log back holds the write lock for a moment, so it waits until nobody is saving."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def sync_here(
    hq_url: str, folder: Path, now: Callable[[], datetime] = _utc_now, kuota: Kuota | None = None, beyond: bool = False
) -> Outcome:
    """One whole sync, inside an app context; never raises Refused, says it in the outcome.

    `sync_busy` when another one of this stall runs, in whatever process; the system frees the lock of a dead one.
    `link_kuota` when the bytes of this window are spent, unless a person said `beyond`.
    Without `hq_url` the address headquarters gave at enrolment is used.
    """
    try:
        with alone(folder):
            grant = identity().grant
            zone = ZoneInfo(grant.zone)
            kept = KeptLine(folder, kuota or told_kuota(), lambda: now().astimezone(zone).date(), beyond)
            if kept.left() < LEAST:
                raise Refused("link_kuota")
            line = Line(HttpLink(hq_url or grant.status_url), kept.pace, kept)
            try:
                return _over(line, now)
            finally:
                kept.keep(line.pace)
    except Refused as refused:
        return Outcome(problem=refused.code)


def _over(line: Line, now: Callable[[], datetime]) -> Outcome:
    """Statuses come down while text goes up; scans have their turn when no text waits any more."""
    return with_scans(lambda: _text(line, now), line, now)


def _text(line: Line, now: Callable[[], datetime]) -> Outcome:
    outcome = sync_until_quiet(SqliteOutbox(), SqliteStatusBook(), line, stall_keys(), now=now)
    if outcome.problem is None and outcome.clock_ahead is not None:
        note_durable(now() - timedelta(seconds=outcome.clock_ahead))
    return outcome


@contextlib.contextmanager
def alone(folder: Path, patience: float = 0.0) -> Iterator[None]:
    """Hold the one lock of syncs of this stall. Raises Refused("sync_busy") after `patience` seconds."""
    lock = FileLock(folder / LOCK_NAME, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise Refused("sync_busy") from None
    try:
        yield
    finally:
        lock.release()


class SyncLoop:
    """The thread that syncs. `saved` asks for a round soon; a link that failed is not hammered."""

    def __init__(
        self, hq_url: str, folder: Path, minutes: int, clock: StallClock, care: Care, kuota: Kuota | None = None
    ) -> None:
        self._hq_url, self._folder, self._minutes, self._clock, self._care = hq_url, folder, minutes, clock, care
        self._kuota = kuota
        self._retry_after: float | None = None
        self._bell = Bell("sync")
        self._failures = 0
        self._saved_at = 0.0
        self._problem: str | None = None

    def start(self, app: Flask) -> None:
        """Run until `stop`; the first round comes at once."""
        self._bell.start(lambda: self._run(app))

    def stop(self) -> None:
        """End after the round that runs, waiting for it a moment only: a cut-off sync loses nothing."""
        self._bell.stop()

    def saved(self) -> None:
        """Something new waits: sync at once if the link was there last time."""
        self._saved_at = time.monotonic()
        self._bell.ring()
        self._care.saved()

    def now(self, beyond: bool = False) -> Outcome:
        """One sync in the caller's own thread and app context; `beyond` the kuota when a person said so."""
        return self._noted(sync_here(self._hq_url, self._folder, self._clock.now, self._kuota, beyond))

    def _run(self, app: Flask) -> None:
        ended = 0.0
        while not self._bell.stopped:
            with app.app_context():
                self._round()
            ended = time.monotonic()
            self._wait(ended)

    def _round(self) -> None:
        try:
            if grant() is not None:
                self.now()
            if time.monotonic() - self._saved_at >= IDLE_SECONDS:
                checkpoint()
            self._care.synced()
            if self._care.is_due():
                self._care.at_night()
        except Refused as refused:
            LOG.warning("sync: %s", refused.code)
        except Exception as error:  # noqa: BLE001  the loop must outlive any round; the text may hold personal data
            LOG.error("sync: %s", type(error).__name__)

    def _noted(self, outcome: Outcome) -> Outcome:
        if outcome.problem == "sync_busy":
            return outcome
        self._problem, self._retry_after = outcome.problem, outcome.retry_after
        self._failures = self._failures + 1 if outcome.problem else 0
        if outcome.clock_ahead is not None:
            self._clock.compared(outcome.clock_ahead)
        note_sync(self._clock.now(), outcome.problem)
        return outcome

    def _wait(self, ended: float) -> None:
        pause = self._pause()
        soonest = ended + self._soonest(pause)

        def wake_at(rung: bool) -> float:
            if self._care.is_due():
                return 0.0
            return soonest if rung else ended + pause

        self._bell.sleep(wake_at, LOOK_SECONDS)

    def _soonest(self, pause: float) -> float:
        """A save does not wait for the back-off, but for what a busy headquarters has asked for."""
        if self._retry_after:
            return pause
        return min(pause, SOONEST) if self._failures else BETWEEN_SECONDS

    def _pause(self) -> float:
        regular = self._minutes * 60.0 or math.inf
        if not self._failures:
            return regular
        again = delay(self._failures, random.random(), self._retry_after)
        if self._retry_after:
            return again
        return min(regular, CHEAP_SECONDS if self._problem in CHEAP else again)
