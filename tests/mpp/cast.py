"""Headquarters and a stall for tests: real keys, a real database, entries as a stall would write them.

Ratna is the officer, Budi the stall's operator, Siti the pemohon. Refuses to know pages.
"""

from __future__ import annotations

import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from layanan.permohonan import Kind
from layanan.person import Person, PersonalPart
from layanan.tracking import new_code
from mpp.db.database import Database, open_database
from mpp.db.inbox import SqlInbox
from mpp.db.office import confirm_phrase, found_office
from mpp.db.officers import Signed
from mpp.db.schema import upgrade
from mpp.db.stall import add_stall, enrol
from mpp.keys import KeyRing
from sync.canonical import encode
from sync.chain import Position, start
from sync.enrol import Grant, read_answer, request
from sync.entry import Entry, SealedRef
from sync.keys import SealingPublic, SigningKey
from sync.messages import Answer, Batch, Capsule, Item, Sender
from sync.ports import KnownDevice
from sync.receipt import sign_receipt
from sync.seal import ShiftKey, sealed_hash

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""Friday, 20 November 2026, nine in the morning in Banyuwangi."""

RATNA = Signed("ratna", "Ratna", "DUKCAPIL")
OTHER = Signed("wayan", "Wayan", "DINKES")
SITI = Person("Siti Aminah", "3510164107859901", None, "+6281234567890", "Genteng Wetan")


@dataclass
class Headquarters:
    """A headquarters that has been set up and may enrol stalls; `now` is what its clock says."""

    database: Database
    keys: KeyRing
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    @property
    def inbox(self) -> SqlInbox:
        return SqlInbox(self.database, self.keys, self.clock)

    def enrolled(self, name: str) -> tuple[Grant, SigningKey]:
        """Enrol a new device at a stall of this name, in the two steps two machines take."""
        device = SigningKey.new()
        with self.database.writing() as session:
            _, code = add_stall(session, name, self.now)
        asked = request(code, device.public, b"n" * 16)
        with self.database.writing() as session:
            answered = enrol(session, self.keys, "http://mpp.test", asked, self.now)
        return read_answer(code, asked, answered), device


def headquarters(url: str, folder: Path) -> Headquarters:
    """Set one up in an empty database."""
    database, keys = open_database(url, folder), KeyRing.new()
    upgrade(database)
    with database.writing() as session:
        found_office(session, keys.hq, NOW)
        confirm_phrase(session, NOW)
    return Headquarters(database, keys)


@dataclass(eq=False)
class StallAtWork:
    """A stall as headquarters meets it: it writes entries one after the other and sends what it was told to."""

    office: Headquarters
    name: str = "gtg"
    seq: int = 0
    unsent: list[Item] = field(default_factory=list)
    written: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.grant, self.key = self.office.enrolled(self.name)
        self.cursor = start(self.grant.hq, self.grant.incarnation)
        public = SealingPublic(self.grant.seal_public)
        self.shift = ShiftKey.new(self.grant.hq, public, self.grant.device)
        capsule = {"key": self.shift.id, "capsule": b64encode(self.shift.capsule).decode()}
        self.write(Kind.SHIFT_KEY, capsule)

    @property
    def device(self) -> KnownDevice:
        known = self.office.inbox.device(self.grant.device)
        assert known is not None
        return known

    def write(
        self, kind: Kind, fields: dict[str, Any], *, record: str | None = None, person: Person | None = None,
        read: tuple[int, int] = (0, 0),
    ) -> Item:  # fmt: skip
        """Append an entry to the stall's log, with a sealed part when there is a person."""
        self.seq += 1
        entry_id, sealed, ref = str(uuid.uuid4()), None, None
        if person and record:
            plain = encode(PersonalPart(person, None, "diri_sendiri", "").to_fields())
            sealed = self.shift.seal(plain, record=record, entry=entry_id, part="personal")
            ref = SealedRef(self.shift.id, sealed_hash(sealed))
        entry = Entry(
            id=entry_id, author=self.grant.device, epoch=self.grant.epoch, seq=self.seq, kind=kind, record=record,
            at=self.office.now + timedelta(seconds=self.seq), zone="Asia/Jakarta", boot="b", mono=self.seq,
            trusted=True, operator="budi", read=read, catalogue="v", fields=fields, sealed=ref,
        )  # fmt: skip
        item = Item(entry, sealed)
        self.unsent.append(item)
        self.written.append(item)
        return item

    def accept(self, *, service: str = "DKC-01", person: Person | None = SITI) -> str:
        """Take a request of Siti's; returns its record id."""
        record, code = str(uuid.uuid4()), new_code(uuid.uuid4().bytes)
        fields = {
            "code": code, "series": f"{self.grant.label}-261120-{self.seq:04d}", "service": service,
            "stall": self.grant.stall, "relation": "diri_sendiri", "papers": [[0, "asli"], [1, "belum"]],
            "masked": "S••• A•••", "receipt_date": "261120",
            "receipt_sig": sign_receipt(self.key, code, self.grant.device, self.grant.epoch, "261120"),
        }  # fmt: skip
        self.write(Kind.ACCEPTED, fields, record=record, person=person)
        return record

    def sender(self) -> Sender:
        return Sender(self.grant.hq, self.grant.device, self.grant.epoch, self.grant.stall)

    def batch(self, items: list[Item], **more: Any) -> Batch:
        capsules = (Capsule(self.shift.id, self.grant.device, self.shift.capsule),)
        return Batch(self.sender(), b"n" * 16, tuple(items), capsules, self.cursor, **more)

    def send(self) -> tuple[list[Answer], Position]:
        """Send everything that was not sent yet."""
        items, self.unsent = self.unsent, []
        return self.office.inbox.store(self.device, self.batch(items))

    def news(self) -> list[Entry]:
        """Read headquarters' log on from where the stall stands."""
        down = self.office.inbox.down(self.grant.stall, self.cursor, 1_000_000)
        self.cursor = down.position
        return [Entry.decode(raw) for raw in down.entries]
