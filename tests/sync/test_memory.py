"""The ports in memory keep the behaviour that every other implementation is held to."""

from __future__ import annotations

import pytest

from layanan.permohonan import Kind
from sync.chain import start
from sync.keys import SigningKey
from sync.memory import MemoryBook, MemoryInbox, MemoryOutbox
from sync.messages import Capsule, Item, Sender
from sync.ports import KnownDevice
from tests.sync.behaviour_book import StatusBookBehaviour
from tests.sync.behaviour_inbox import InboxBehaviour
from tests.sync.behaviour_outbox import OutboxBehaviour
from tests.sync.cast import entry


class TestMemoryOutbox(OutboxBehaviour):
    @pytest.fixture
    def outbox(self) -> MemoryOutbox:
        return MemoryOutbox(Sender("hq", "1122334455667788", 2, "gtg"))

    def add(self, outbox: MemoryOutbox, item: Item) -> None:
        outbox.add(item)

    def know(self, outbox: MemoryOutbox, known: Capsule) -> None:
        outbox.keys[known.key] = known


class TestMemoryBook(StatusBookBehaviour):
    @pytest.fixture
    def book(self) -> MemoryBook:
        return MemoryBook(start("hq", 1))


class TestMemoryInbox(InboxBehaviour):
    @pytest.fixture
    def inbox(self) -> MemoryInbox:
        return MemoryInbox("hq")

    def office(self, inbox: MemoryInbox) -> tuple[str, int]:
        return inbox.hq, inbox.incarnation

    def enrolled(self, inbox: MemoryInbox, stall: str) -> KnownDevice:
        key = SigningKey.new()
        known = KnownDevice(key.id, stall, 1 + len(inbox.devices), key.public, False)
        inbox.enrol(known)
        return known

    def revoke(self, inbox: MemoryInbox, device: KnownDevice) -> KnownDevice:
        lost = KnownDevice(device.id, device.stall, device.epoch, device.public, True)
        inbox.enrol(lost)
        return lost

    def publish(self, inbox: MemoryInbox, stall: str) -> None:
        inbox.publish(stall, entry(inbox.hq, inbox.incarnation, len(inbox.logs[stall]) + 1, Kind.STATUS))
