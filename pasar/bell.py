"""A thread of this process that sleeps until its bell rings. Knows when to wake; refuses to know the work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

A_MOMENT = 2.0
"""Seconds that `stop` waits: the process must end, and whoever is cut off here loses nothing."""


class Bell:
    """One thread and what wakes it. `ring` and `stop` may be called from any thread."""

    def __init__(self, name: str) -> None:
        self.stopped = False
        self._name = name
        self._rung = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` in the thread; it ends itself once `stopped`."""
        self._thread = threading.Thread(target=work, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say that it is over and wait a moment for what runs."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(A_MOMENT)

    def ring(self) -> None:
        """Wake the thread, or keep it from falling asleep."""
        with self._changed:
            self._rung = True
            self._changed.notify_all()

    def sleep(self, wake_at: Callable[[bool], float], look: float) -> None:
        """Sleep until `wake_at` (told whether the bell has rung; `time.monotonic` seconds) has come, or `stop`.

        It is asked at each ring and at the latest every `look` seconds.
        """
        with self._changed:
            while not self.stopped and (left := wake_at(self._rung) - time.monotonic()) > 0:
                self._changed.wait(min(left, look))
            self._rung = False
