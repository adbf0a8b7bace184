"""Knows who may write to one database file right now; refuses to know what is written."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from layanan.problems import Refused
from store.failure import refusal_of_os_error

_POLL_SECONDS = 0.001


class WriteLock:
    """At most one holder among all threads of all processes that made a lock for the same database path.

    Threads queue on a lock in memory first, so that they wake at once and only one of them polls the lock file
    (`<database>.lock`, kept for ever: unlinking it would split waiters across two files). The operating system
    frees the file when its process dies. Not re-entrant: a nested `held()` is a mistake and raises RuntimeError.
    """

    def __init__(self, database: Path, *, patience: float = 30.0) -> None:
        self.database = Path(database)
        self._patience = patience
        self._thread = threading.Lock()
        self._holder: int | None = None
        self._file = FileLock(
            f"{database}.lock",
            mode=0o600,
            thread_local=False,
            poll_interval=_POLL_SECONDS,
            fallback_to_soft=False,
            preserve_lock_file=True,
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the block; raises Refused store_busy after `patience` seconds, or disk_*."""
        if self._holder == threading.get_ident():
            raise RuntimeError("the write lock is not re-entrant")
        if not self._thread.acquire(timeout=self._patience):
            raise Refused("store_busy")
        try:
            self._holder = threading.get_ident()
            self._take_file()
            try:
                yield
            finally:
                self._file.release()
        finally:
            self._holder = None
            self._thread.release()

    def _take_file(self) -> None:
        try:
            self._file.acquire(timeout=self._patience)
        except Timeout:
            raise Refused("store_busy") from None
        except OSError as error:
            raise refusal_of_os_error(error) from None
