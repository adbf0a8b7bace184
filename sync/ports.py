"""Knows what the protocol needs of a stall's disk, of headquarters' and of a link; refuses to know what they are.

Every implementation passes the one behaviour suite of its port.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from layanan.problems import Refused
from sync.chain import Position
from sync.entry import Entry
from sync.keys import VerifyKey
from sync.messages import Acknowledgement, Answer, Batch, Capsule, Down, Item, Sender
from sync.recovery import Confirmed, Log, Returned, Stub

MAX_ROWS = 100
"""Entries in one batch or one answer: a transaction of more keeps the counter waiting too long."""


@dataclass(frozen=True)
class Counts:
    """The three honest numbers of a stall, in entries, and since when the oldest unconfirmed one waits.

    `stored` is everything in the log, `sent` what left at least once, `confirmed` what headquarters has answered.
    """

    stored: int
    sent: int
    confirmed: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class KnownDevice:
    """A device as headquarters knows it; `epoch` is the newest it was granted."""

    id: str
    stall: str
    epoch: int
    public: VerifyKey
    revoked: bool


class LinkDown(Refused):
    """No verified answer came; the code says why. `retry_after` is what a busy server asked for, in seconds."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Outbox(Protocol):
    """A stall's entries on their way to headquarters."""

    def identity(self) -> Sender:
        """Return who sends: the present grant, whatever device or epoch wrote the entries."""
        ...

    def pending(self, max_rows: int, max_bytes: int) -> list[Item]:
        """Return entries without an answer, oldest first, no more than asked; one too large for `max_bytes` alone.

        Those that cannot be sent are passed over: `stubs` names them.
        """
        ...

    def stubs(self, max_rows: int) -> list[Stub]:
        """Return a stub for each of the oldest pending entries that is damaged or larger than anybody takes."""
        ...

    def asked(self, max_rows: int) -> list[str]:
        """Return hashes of entries that were last answered `waiting`, and some of every log whose head is foreign.

        Those are answered entries in steps that double (`regain.rungs`): no head of ours tells that they are there.
        """
        ...

    def wanted(self, max_rows: int) -> list[str]:
        """Return hashes of own entries that are known to be damaged here."""
        ...

    def mend(self, found: Sequence[Item]) -> int:
        """Put entries that headquarters gave back in the place of damaged ones; return how many are whole again.

        Only bytes whose hash is the one this stall wrote down count.
        """
        ...

    def lost(self) -> list[Confirmed]:
        """Return the logs that headquarters had confirmed further than its head says now, and how far."""
        ...

    def logs(self) -> list[Log]:
        """Return the logs this stall holds besides the one it writes now."""
        ...

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """Return the capsules of these shift keys, each once; keys not known here are left out."""
        ...

    def sent(self, hashes: Sequence[str], at: datetime) -> None:
        """Note that these entries left; says nothing about whether they arrived."""
        ...

    def answered(self, ack: Acknowledgement) -> None:
        """Take a verified acknowledgement in one transaction: answers, head and durable mark, or nothing at all.

        An answer that is not `final` leaves its entry pending. A head of the same log that is lower than the last
        one means that headquarters was restored: everything of that log above it is pending again, even what this
        very acknowledgement answers (above a gap the next restore would not show). So do the heads of earlier logs.
        One that is foreign (on another branch of a fork) opens its whole log, once, and again when one of the entries
        that were asked for is not answered. An entry that waited for its record is settled
        when an answer says so.
        Raises Refused("sync_fork") and changes nothing when the head is not on this stall's own chain.
        """
        ...

    def counts(self) -> Counts:
        """Return the three numbers, counted from rows and not from memory."""
        ...


class StatusBook(Protocol):
    """What a stall knows of headquarters' log."""

    def cursor(self) -> Position:
        """Return how far headquarters' log was read."""
        ...

    def receive(self, down: Down) -> int:
        """Take entries, the rows they touch and the cursor in one transaction; return how many were new.

        The entries continue the cursor's chain without a gap and end at `down.position`.
        Raises Refused("sync_gap") and changes nothing otherwise.
        """
        ...

    def ladder(self) -> tuple[Position, ...]:
        """Return the cursor and places before it, in steps that double (`regain.rungs`)."""
        ...

    def above(self, base: Position, max_bytes: int) -> Returned:
        """Return what was read after `base`, up to a proven place; one stretch at least.

        Raises Refused("sync_gap") when `base` is not a place of this book or nothing proven stands above it.
        """
        ...

    def rewind(self, place: Position) -> None:
        """Forget what was read after `place`, which headquarters has told it holds, in one transaction with the rows.

        Raises Refused("sync_gap") when `place` is not a place of this book.
        """
        ...


class Inbox(Protocol):
    """Headquarters' side: every entry of every stall, and the log that flows down to each."""

    def device(self, key_id: str) -> KnownDevice | None:
        """Return the device of a signing key."""
        ...

    def store(self, device: KnownDevice, batch: Batch) -> tuple[list[Answer], Position]:
        """Store a batch in one transaction; return an answer for every entry and the sender's head.

        Nothing is dropped: what cannot be taken is kept raw and answered `rejected`. A revoked device's entries
        are kept apart. The head is the last place of (device, epoch) up to which no entry is missing.
        """
        ...

    def down(self, stall: str, cursor: Position, max_bytes: int) -> Down:
        """Return what follows `cursor` in the stall's log, at least one entry if there is one, at most `MAX_ROWS`.

        `proof` stays empty. A cursor that is not on this log gets no entries and the log's own head as position.
        """
        ...

    def durable(self, device: KnownDevice) -> Position | None:
        """Return how far the device's entries were opened and stand in a verified backup."""
        ...

    def heads(self, stall: str, logs: Sequence[Log]) -> tuple[Position, ...]:
        """Return the head of each of these logs; of one that nobody was granted at this stall its beginning."""
        ...

    def common_place(self, stall: str, places: Sequence[Position]) -> Position | None:
        """Return the first of these places that is on the stall's log."""
        ...

    def found(self, stall: str, hashes: Sequence[str]) -> list[Item]:
        """Return these entries of the stall's own, as they came, with their parts; those not held are left out."""
        ...

    def key_entries(self, stall: str) -> list[Entry]:
        """Return the KEY entries of the stall's log, oldest first."""
        ...

    def adopt(self, device: KnownDevice, base: Position, given: Sequence[Entry]) -> Position:
        """Take back entries of headquarters' own log that were proven genuine, in one transaction (`regain.merged`).

        Returns where the stall stands on the log now, or reads on from. When `base` is not on the log (an
        earlier stretch was held elsewhere), what is missing comes behind its head (`regain.gathered`), and `base` is
        returned.
        """
        ...


class Link(Protocol):
    """The way to headquarters. `timeout`: seconds of silence after which it gives up; may be set before an exchange."""

    timeout: float

    def exchange(self, frame: bytes) -> bytes:
        """Return headquarters' answer. Raises LinkDown when there is none."""
        ...
