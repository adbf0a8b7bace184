"""Knows a link by what it costs and how fast it is: measures every exchange and keeps within the budget.

Refuses to know what travels. Text and attachments go over the same line, so both know its pace and share its budget.
"""

import time
from collections.abc import Callable

from sync.kuota import ENVELOPE, Budget, Unlimited
from sync.pace import FIRST_ROWS, LEAST_PATIENCE, Pace
from sync.ports import Link, LinkDown

NEVER_SENT = frozenset({"link_no_address", "link_dns", "link_refused"})
"""With these not a byte of the frame left this machine."""


class Line:
    """A `Link` in front of a link. `pace` is what is known of it, to be kept for the next sync.

    `size` and `seconds` are of the last exchange: bytes both ways and how long it took. Pass `ticks` to turn the clock.
    """

    def __init__(
        self,
        link: Link,
        pace: Pace | None = None,
        budget: Budget | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link, self._ticks = link, ticks
        self.pace = pace or Pace()
        self.budget = budget or Unlimited()
        self.timeout = LEAST_PATIENCE
        self.size, self.seconds = 0, 0.0
        self._fresh = True

    def exchange(self, frame: bytes) -> bytes:
        """See Link. Raises LinkDown("link_kuota") before a byte is spent that the budget does not hold."""
        cost = len(frame) + ENVELOPE
        if cost > self.budget.left():
            raise LinkDown("link_kuota")
        self.link.timeout = self.timeout = self.pace.patience(cost, self._fresh)
        began = self._ticks()
        try:
            answer = self.link.exchange(frame)
        except LinkDown as down:
            if down.code not in NEVER_SENT:
                self.budget.spend(cost)
            raise
        self.size, self.seconds = cost + len(answer), self._ticks() - began
        self.budget.spend(self.size)
        self._fresh = False
        return answer

    def rows(self) -> int:
        """Return how many entries may go next; none when the budget has no room for one."""
        most = min(self.pace.rows, FIRST_ROWS) if self._fresh else self.pace.rows
        room = (self.budget.left() - 2 * ENVELOPE) / self.pace.row_bytes
        return max(0, int(min(most, room)))

    def carried(self, rows: int) -> None:
        """Learn from the last exchange, which carried so many entries."""
        self.pace = self.pace.took(rows, self.size, self.seconds)

    def choked(self, rows: int) -> None:
        """Learn that so many entries were too much."""
        self.pace = self.pace.halved(rows)
