"""Knows what the lane of attachments needs of a stall's disk and of headquarters'; refuses to know what they are.

Every implementation passes the one behaviour suite of its port.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.attachment_messages import Asked, Offer, Told
from sync.messages import Capsule, Sender
from sync.ports import KnownDevice


@dataclass(frozen=True)
class Waiting:
    """An attachment to be asked about. `number` grows with age of the stall; `size` is of the sealed bytes."""

    number: int
    sha256: str
    entry: str
    key: str
    size: int

    @property
    def asked(self) -> Asked:
        """What the question names it by."""
        return Asked(self.sha256, self.entry)


class AttachmentOutbox(Protocol):
    """A stall's attachments on their way to headquarters."""

    def identity(self) -> Sender:
        """Return who sends: the present grant."""
        ...

    def unsettled(self, after: int, most: int, now: datetime) -> list[Waiting]:
        """Return attachments with a greater number than `after`, oldest first, that headquarters is to be asked about.

        Those it does not have yet and whose entry it has answered, and of those it has but not durably the ones that
        were not asked about for an hour.
        """
        ...

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """Return the capsules of these shift keys, each once; keys not known here are left out."""
        ...

    def is_whole(self, sha256: str) -> bool:
        """Say whether the sealed bytes are here and are those of the hash; what is damaged is then never sent."""
        ...

    def read(self, sha256: str, start: int, length: int) -> bytes:
        """Return these sealed bytes, fewer at the end."""
        ...

    def told(self, told: Sequence[Told], now: datetime, hq_now: datetime) -> None:
        """Take a verified answer in one transaction: what headquarters has, lost, refused, or holds durably.

        `now` is this machine's time, `hq_now` the one headquarters signed.
        """
        ...


class AttachmentInbox(Protocol):
    """Headquarters' side: what it has of the attachments that stalls' entries name."""

    def device(self, key_id: str) -> KnownDevice | None:
        """Return the device of a signing key."""
        ...

    def take(self, device: KnownDevice, offer: Offer) -> list[Told]:
        """Store the chunk durably, if there is one, and return what is here of each attachment asked about.

        Overlapping, repeated and out of order chunks and two at once are the same as once each. With the last byte the
        attachment is checked against its hash and opened, once: one that differs is forgotten and begins anew, one
        that does not open or is no picture or document is kept apart and `refused`, with an alarm. Nothing is taken of
        an attachment that no entry of this stall names.
        """
        ...
