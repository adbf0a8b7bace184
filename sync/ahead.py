"""Knows how the next question is made while headquarters works on this one; refuses to know what a question says.

What is made ahead is asked only when it is the very question to ask then: a guess that costs time, never an entry.
"""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

from layanan.problems import Refused
from sync.messages import Batch
from sync.ports import Link

WORTH = 100
"""Entries in a batch below which headquarters answers sooner than a thread pays."""


class Ahead:
    """Keeps at most one question that was made ahead."""

    def __init__(self) -> None:
        self._made: Batch | None = None

    def instead_of(self, batch: Batch) -> Batch:
        """Return what was made ahead if it says the same as this batch, else the batch."""
        made, self._made = self._made, None
        return made if made is not None and replace(batch, nonce=made.nonce) == made else batch

    def beside(self, link: Link, batch: Batch, following: Callable[[], Batch | None]) -> Link:
        """Return the link for this batch: while it waits for the answer, `following` is made and folded."""
        return _Meanwhile(link, lambda: self._make(following)) if len(batch.items) >= WORTH else link

    def _make(self, following: Callable[[], Batch | None]) -> None:
        try:
            made = following()
        except Refused:
            return
        if made is not None and made.short:
            self._made = made


class _Meanwhile:
    def __init__(self, link: Link, work: Callable[[], None]) -> None:
        self._link, self._work = link, work
        self.timeout = link.timeout

    def exchange(self, frame: bytes) -> bytes:
        """See Link. The link has the other thread: the database belongs to this one."""
        answers: list[bytes] = []
        failures: list[BaseException] = []

        def ask() -> None:
            try:
                answers.append(self._link.exchange(frame))
            except BaseException as error:  # noqa: BLE001  it is raised again where it was asked for
                failures.append(error)

        asking = Thread(target=ask, name="link", daemon=True)
        asking.start()
        try:
            self._work()
        finally:
            asking.join()
        if failures:
            raise failures[0]
        return answers[0]
