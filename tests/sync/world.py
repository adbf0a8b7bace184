"""A stall and a headquarters in memory with real keys between them; the link in between is the test's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from layanan.permohonan import Kind
from sync.chain import start
from sync.exchange import Outcome, StallKeys, exchange
from sync.keys import SigningKey
from sync.memory import MemoryBook, MemoryInbox, MemoryLink, MemoryOutbox
from sync.messages import Item, Sender
from sync.ports import KnownDevice, Link
from sync.receive import HqKeys, receive
from sync.until_quiet import sync_until_quiet
from tests.sync.cast import MORNING, entry, items

HQ = "hq"


def clock() -> datetime:
    return MORNING


@dataclass
class World:
    """`answer` is headquarters; `link` goes straight to it unless a test puts something in between."""

    stall: str = "gtg"
    device: SigningKey = field(default_factory=SigningKey.new)
    office: HqKeys = field(default_factory=lambda: HqKeys(HQ, SigningKey.new()))
    inbox: MemoryInbox = field(default_factory=lambda: MemoryInbox(HQ))
    frames: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outbox = MemoryOutbox(Sender(HQ, self.device.id, 1, self.stall))
        self.book = MemoryBook(start(HQ, 1))
        self.keys = StallKeys(self.device, {self.office.sign.id: self.office.sign.public})
        self.link: Link = MemoryLink(self.answer)
        self.inbox.enrol(KnownDevice(self.device.id, self.stall, 1, self.device.public, False))

    def answer(self, frame: bytes) -> bytes:
        self.frames.append(frame)
        return receive(frame, self.inbox, self.office, now=clock)

    def exchange(self) -> Outcome:
        return exchange(self.outbox, self.book, self.link, self.keys, now=clock)

    def sync(self) -> Outcome:
        return sync_until_quiet(self.outbox, self.book, self.link, self.keys, now=clock)

    def accept(self, count: int = 1) -> list[Item]:
        """Take so many requests at the counter."""
        made = items(self.outbox.identity(), count, len(self.outbox.rows) + 1)
        for item in made:
            self.outbox.add(item)
        return made

    def decide(self, count: int = 1) -> None:
        """Write so many statuses at headquarters."""
        log = self.inbox.logs[self.stall]
        for _ in range(count):
            log.append(entry(HQ, self.inbox.incarnation, len(log) + 1, Kind.STATUS))

    def ledgers_equal(self) -> bool:
        """Both logs stand on both sides, each entry once and word for word."""
        up = [row.item.entry.raw for row in self.outbox.rows]
        there = [item.entry.raw for item in self.inbox.entries.values()]
        down = [one.raw for one in self.inbox.logs[self.stall]]
        return sorted(up) == sorted(there) and down == [one.raw for one in self.book.entries]
