"""Scans and what surrounds them for tests: a picture of any size, its entry, the two sides in memory."""

from __future__ import annotations

import random
from dataclasses import dataclass

from layanan.permohonan import Kind
from sync.attachment_messages import Asked, Chunk, Offer, Told
from sync.attachment_receive import receive_attachment
from sync.entry import Entry
from sync.exchange import StallKeys
from sync.keys import SealingKey, SigningKey
from sync.memory_attachments import MemoryAttachmentInbox, MemoryAttachments
from sync.messages import Capsule, Sender
from sync.ports import KnownDevice
from sync.receive import HqKeys
from sync.seal import ShiftKey, open_capsule, sealed_hash
from tests.sync.cast import MORNING, entry

JPEG = b"\xff\xd8\xff\xe0" + b"\0\x10JFIF" + bytes(2_000)


def picture(size: int, seed: int = 0) -> bytes:
    """A picture of so many bytes that no packer makes smaller."""
    return JPEG[:4] + random.Random(seed).randbytes(size - 4)


def attached(
    sender: Sender, seq: int, record: str, shift: ShiftKey, plain: bytes, *, sealed_for: str = "",
    paper: int | None = None,
) -> tuple[Entry, bytes]:  # fmt: skip
    """An ATTACHED entry as a stall writes it, and the sealed scan it names; `sealed_for`: another record's."""
    sealed = bytes(shift.seal_attachment(plain, record=sealed_for or record))
    fields = {"media": "image/jpeg", "size": len(sealed), "key": shift.id}
    fields |= {} if paper is None else {"paper": paper}
    made = entry(sender.device, sender.epoch, seq, Kind.ATTACHED, record=record)
    named = {name: getattr(made, name) for name in ("id", "author", "epoch", "seq", "kind", "record", "at", "zone")}
    rest = {name: getattr(made, name) for name in ("boot", "mono", "trusted", "operator", "read", "catalogue")}
    return Entry(**named, **rest, fields=fields, attachments=(sealed_hash(sealed),)), sealed


@dataclass
class Pair:
    """A stall with a shift key and a headquarters that knows its entries, in memory."""

    stall: str = "gtg"

    def __post_init__(self) -> None:
        self.device, self.office, seal = SigningKey.new(), SigningKey.new(), SealingKey.new()
        self.sender = Sender("hq", self.device.id, 1, self.stall)
        self.shift = ShiftKey.new("hq", seal.public, self.device.id)
        self.capsule = Capsule(self.shift.id, self.device.id, self.shift.capsule)
        opened = open_capsule(self.shift.capsule, seal, "hq", self.device.id, self.shift.id)
        self.known = KnownDevice(self.device.id, self.stall, 1, self.device.public, False)
        self.outbox = MemoryAttachments(self.sender)
        self.outbox.keys[self.shift.id] = self.capsule
        self.inbox = MemoryAttachmentInbox({self.device.id: self.known}, {self.shift.id: opened})
        self.keys = StallKeys(self.device, {self.office.id: self.office.public})
        self.seq = 0

    def add(self, plain: bytes, record: str = "r-1", *, sent: bool = True) -> str:
        """Attach a scan; `sent`: headquarters has its entry already."""
        self.seq += 1
        made, sealed = attached(self.sender, self.seq, record, self.shift, plain)
        if sent:
            self.inbox.entries[self.stall, made.hash] = made
            self.outbox.answered.add(made.hash)
        return self.outbox.add(made, sealed, self.shift.id)

    def receive(self, frame: bytes) -> bytes:
        """Headquarters' door."""
        return receive_attachment(frame, self.inbox, HqKeys("hq", self.office), now=lambda: MORNING)

    def whole(self, sha256: str) -> bool:
        """Say whether headquarters holds exactly the bytes of the stall, checked and opened."""
        one = self.inbox.arrived.get((self.stall, sha256))
        if one is None or one.media is None:
            return False
        return b"".join(body for _, body in sorted(one.chunks.items())) == self.outbox.kept[sha256].sealed


def offer(sender: Sender, made: Entry, chunk: tuple[int, bytes] | None = None, *capsules: Capsule) -> Offer:
    """A question about the one attachment of an entry, with some of its bytes."""
    (sha,) = made.attachments
    return Offer(sender, (Asked(sha, made.hash),), capsules, Chunk(sha, *chunk) if chunk else None)


def state_of(told: list[Told]) -> str:
    """What was said of the only attachment that was asked about."""
    (one,) = told
    return str(one.state)
