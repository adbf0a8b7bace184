"""Knows how one sync goes on until nothing waits: what goes next, what is tried again, when it is enough for now.

Refuses to know what an exchange does. Statuses come down with every exchange while text goes up, oldest first;
attachments have their own turn, after this.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sync.ahead import Ahead
from sync.exchange import Outcome, StallKeys, exchange, pending_beside
from sync.line import Line
from sync.pace import MOST_ROWS, even
from sync.ports import Link, Outbox, StatusBook
from sync.recovery import Stub

MOST_EXCHANGES = 1_000
"""In one sync; what is left goes with the next."""

RETRIES = 2
"""Tries at once, in a row, after a link dropped or was silent; then the back-off has its turn."""

MOST_ASIDE = 5
"""Entries set aside in one sync: when more than so many do not get through alone, it is the door that is wrong."""


def sync_until_quiet(
    outbox: Outbox, book: StatusBook, link: Link, keys: StallKeys, *, now: Callable[[], datetime]
) -> Outcome:
    """Exchange until neither side has more, or something is wrong. A `Line` in the place of the link knows its pace.

    The numbers are sums; the rest is of the last exchange. Stops after two answers in a row without progress
    (one such answer is what a restored headquarters gives before everything is sent again).
    """
    one = _Sync(outbox, book, link if isinstance(link, Line) else Line(link), keys, now)
    for _ in range(MOST_EXCHANGES):
        if not one.goes_on():
            break
    return one.total


@dataclass
class _Sync:
    outbox: Outbox
    book: StatusBook
    line: Line
    keys: StallKeys
    now: Callable[[], datetime]
    total: Outcome = field(default_factory=Outcome)
    most: int = MOST_ROWS
    failures: int = 0
    idle: int = 0
    set_aside: int = 0
    aside: list[Stub] = field(default_factory=list)
    ahead: Ahead = field(default_factory=Ahead)

    def goes_on(self) -> bool:
        """Make one exchange; return whether another one should follow."""
        rows = self._rows()
        step = exchange(
            self.outbox, self.book, self.line, self.keys,
            now=self.now, max_rows=rows, aside=tuple(self.aside), ahead=self.ahead,
        )  # fmt: skip
        self.total = _added(self.total, step)
        return self._failed(step, rows) if step.problem else self._went(step, rows)

    def _rows(self) -> int:
        rows = min(self.line.rows(), self.most)
        if self.failures:
            return rows
        counts = self.outbox.counts()
        return min(even(rows, counts.stored - counts.confirmed), self.most)

    def _went(self, step: Outcome, rows: int) -> bool:
        self.line.carried(step.sent)
        self.failures = 0
        self.aside.clear()
        self.idle = 0 if step.confirmed or step.pulled else self.idle + 1
        if step.has_more and not rows and not step.pulled:
            self.total = replace(self.total, problem="link_kuota")
            return False
        return step.has_more and self.idle <= 1

    def _failed(self, step: Outcome, rows: int) -> bool:
        if step.problem == "link_kuota":
            self.most = rows // 2
            return rows > 0
        if step.problem not in ("sync_too_large", "link_dropped", "link_timeout"):
            return False
        items = len(pending_beside(self.outbox, rows, self.aside))
        if step.problem == "sync_too_large":
            self.most = items // 2 or MOST_ROWS
            self.line.choked(items)
            return items > 1 or (items == 1 and self._sets_aside())
        self.failures += 1
        self.line.choked(items)
        return self.failures <= RETRIES

    def _sets_aside(self) -> bool:
        """Name the entry that alone is too much by a stub, if something shows that others do get through."""
        alone = pending_beside(self.outbox, 1, self.aside)
        if not alone or self.set_aside == MOST_ASIDE:
            return False
        entry = alone[0].entry
        self.aside.append(Stub(entry.author, entry.epoch, entry.seq, entry.hash, "entry_too_large"))
        self.set_aside += 1
        return self.total.confirmed > 0 or bool(pending_beside(self.outbox, 1, self.aside))


def _added(total: Outcome, step: Outcome) -> Outcome:
    return replace(
        step,
        sent=total.sent + step.sent,
        confirmed=total.confirmed + step.confirmed,
        pulled=total.pulled + step.pulled,
    )
