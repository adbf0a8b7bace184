"""The one thread that owns the printer: takes the oldest job, renders it, prints it, says what became of it.

Knows order, patience and doubt; refuses to know what stands on a paper (the sources render it) and how bytes travel.
Nobody waits for it: a page only leaves a job and rings the bell.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from flask import Flask

from layanan.problems import Refused
from offline_db.print_job import PrintJob, PrintState, doubt_unfinished, give_up, mark, next_job
from pasar.bell import Bell
from pasar.printer_address import Patience, PrinterAddress
from pasar.printer_port import look, put_on_paper
from pasar.ticket import Part
from pasar.ticket_bytes import ticket_bytes

LOG = logging.getLogger("pasar.spooler")
LOCK_NAME = "printer.lock"
LONGEST_WAIT = timedelta(minutes=30)
"""Later the person has gone home: a ticket that then comes out by itself would only puzzle."""
AGAIN = (2.0, 4.0, 8.0, 15.0)
"""Seconds between tries: a person stands there, and asking a printer costs nothing."""
BUSY_SECONDS = 3.0
WATCH_SECONDS = 60.0

Source = Callable[[PrintJob], Sequence[Part]]
"""What renders one kind of job at the moment it is printed. Raises Refused when there is nothing to print."""


class Spooler:
    """One per process that has a printer; a lock file keeps a second process off it."""

    def __init__(
        self,
        address: PrinterAddress,
        folder: Path,
        sources: Mapping[str, Source],
        now: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self.problem: Refused | None = None
        self._address, self._folder, self._sources, self._now = address, folder, sources, now
        self._patience = patience or Patience()
        self._bell = Bell("printer")
        self._failures = 0
        self._talks = False

    def start(self, app: Flask) -> None:
        """Run until `stop`; what waits since the last time comes first."""
        self._bell.start(lambda: self._run(app))

    def stop(self) -> None:
        """End after the job that runs, waiting for it a moment only: cut off, it is in doubt and nothing is lost."""
        self._bell.stop()

    def asked(self) -> None:
        """A job waits, or somebody has put paper in: try at once."""
        self._bell.ring()

    def check(self) -> Refused | None:
        """Ask the printer how it is, in the caller's thread; None when it could print now."""
        try:
            with alone(self._folder, BUSY_SECONDS):
                self._talks = look(self._address, self._patience, talked=self._talks)
            self.problem = None
        except Refused as refused:
            self.problem = refused
        return self.problem

    def _run(self, app: Flask) -> None:
        while not self._bell.stopped:
            with app.app_context():
                pause = self._round()
            self._sleep(pause)

    def _sleep(self, pause: float) -> None:
        morning = time.monotonic() + pause
        self._bell.sleep(lambda rung: 0.0 if rung else morning, pause)

    def _round(self) -> float:
        """Print all that waits; returns the seconds until the next look."""
        try:
            with alone(self._folder, BUSY_SECONDS):
                doubt_unfinished("printer_interrupted")
                give_up(self._now() - LONGEST_WAIT, "printer_late")
                while not self._bell.stopped and (job := next_job()):
                    self._print(job)
        except Refused as refused:
            self.problem = refused
            self._failures += 1
            return AGAIN[min(self._failures, len(AGAIN)) - 1]
        except Exception as error:  # noqa: BLE001  the thread must outlive any job; the text may hold personal data
            LOG.error("printer: %s", type(error).__name__)
            return WATCH_SECONDS
        self._failures = 0
        return WATCH_SECONDS

    def _print(self, job: PrintJob) -> None:
        """Raises Refused when the job must wait; what is in doubt does not wait, a person decides about it."""
        paper = self._rendered(job)
        if paper is None:
            return
        begun = False

        def begin() -> None:
            nonlocal begun
            mark(job.id, PrintState.PRINTING)
            begun = True

        try:
            self._talks = put_on_paper(paper, self._address, self._patience, begin, talked=self._talks)
        except Refused as refused:
            if not begun:
                if refused.code != job.problem:
                    mark(job.id, PrintState.QUEUED, refused.code)
                raise
            mark(job.id, PrintState.DOUBTFUL, refused.code)
            raise
        mark(job.id, PrintState.PRINTED)
        self.problem = None
        self._failures = 0

    def _rendered(self, job: PrintJob) -> bytes | None:
        try:
            return ticket_bytes(self._sources[job.kind](job))
        except Refused as refused:
            if refused.code == "printer_software":
                raise
            code = refused.code
        except Exception as error:  # noqa: BLE001  a job that cannot be rendered must not hold up the others
            LOG.error("printer: %s", type(error).__name__)
            code = "internal"
        mark(job.id, PrintState.FAILED, code)
        return None


def wanted(address: PrinterAddress | None) -> PrinterAddress:
    """The address where there is one. Raises Refused("printer_none")."""
    if address is None:
        raise Refused("printer_none")
    return address


@contextmanager
def alone(folder: Path, patience: float) -> Iterator[None]:
    """Hold the one lock of this stall's printer. Raises Refused("printer_busy") after `patience` seconds."""
    lock = FileLock(folder / LOCK_NAME, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise Refused("printer_busy") from None
    try:
        yield
    finally:
        lock.release()
