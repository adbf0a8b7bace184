"""Knows how batches of stalls are stored and answered in one transaction; refuses to know HTTP and signatures.

The stall's row is locked first, so two batches of one stall take turns, whatever worker or machine they reach.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from mpp.db.database import Database
from mpp.db.down import note_heard, stretch
from mpp.db.intake import Intake
from mpp.db.many import table
from mpp.db.mending import found, note_lost
from mpp.db.models import Branch, Device
from mpp.db.regain import adopt, common_place, heads
from mpp.db.trust import key_entries, not_held, unheld, warn_of_lost_keys
from mpp.keys import KeyRing
from sync.chain import Position
from sync.entry import Entry
from sync.keys import VerifyKey
from sync.messages import Answer, Batch, Down, Item
from sync.ports import KnownDevice
from sync.recovery import Log

_D, _B = table(Device).c, table(Branch).c
_DEVICE = (
    select(_D.id, _D.stall, _B.epoch, _D.public, _D.revoked_at)
    .join_from(table(Device), table(Branch), _B.device == _D.id)
    .where(_D.id == bindparam("device"))
    .order_by(_B.epoch.desc())
    .limit(1)
)
_DURABLE = select(_B.durable_seq, _B.durable_chain).where(
    _B.device == bindparam("device"), _B.epoch == bindparam("epoch")
)
_REVOKED = select(_D.revoked_at).where(_D.id == bindparam("device"))


class SqlInbox:
    """The `Inbox` port over headquarters' database, PostgreSQL or SQLite."""

    def __init__(self, database: Database, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._now = now

    def device(self, key_id: str) -> KnownDevice | None:
        """Return the device of a signing key with its newest epoch."""
        with self._database.reading() as session:
            found = session.connection().execute(_DEVICE, {"device": key_id}).first()
        if found is None:
            return None
        device, stall, epoch, public, revoked_at = found
        return KnownDevice(device, stall, epoch, VerifyKey(public), revoked_at is not None)

    def store(self, device: KnownDevice, batch: Batch) -> tuple[list[Answer], Position]:
        """Store a batch in one transaction; every entry and every unreadable value gets an answer."""
        return self._database.change(lambda session: self._store(session, device, batch))

    def down(self, stall: str, cursor: Position, max_bytes: int) -> Down:
        """Return what follows `cursor` in the stall's log, unsigned."""
        with self._database.reading() as session:
            return stretch(session, stall, cursor, max_bytes)

    def durable(self, device: KnownDevice) -> Position | None:
        """Return how far this device's newest log was opened and stands in a verified backup; None before the first."""
        with self._database.reading() as session:
            log = {"device": device.id, "epoch": device.epoch}
            seq, chain = session.connection().execute(_DURABLE, log).one()
        return Position(device.id, device.epoch, seq, chain) if seq else None

    def heads(self, stall: str, logs: Sequence[Log]) -> tuple[Position, ...]:
        """Return the head of each of these logs of the stall."""
        if not logs:
            return ()
        with self._database.reading() as session:
            return heads(session, stall, logs)

    def common_place(self, stall: str, places: Sequence[Position]) -> Position | None:
        """Return the first of these places that is on the stall's log."""
        if not places:
            return None
        with self._database.reading() as session:
            return common_place(session, stall, places)

    def adopt(self, device: KnownDevice, base: Position, given: Sequence[Entry]) -> Position:
        """Take back headquarters' own entries, in one transaction that holds the stall's row."""
        return self._database.change(lambda session: self._adopt(session, device, base, given))

    def found(self, stall: str, hashes: Sequence[str]) -> list[Item]:
        """Return these entries of the stall's own, as they came, with their parts."""
        if not hashes:
            return []
        with self._database.reading() as session:
            return found(session, stall, hashes)

    def key_entries(self, stall: str) -> list[Entry]:
        """Return the KEY entries of the stall's log, oldest first."""
        with self._database.reading() as session:
            return key_entries(session, stall)

    def _adopt(self, session: Session, device: KnownDevice, base: Position, given: Sequence[Entry]) -> Position:
        place = adopt(session, device, base, given, self._now())
        lost = unheld([entry for entry in given if entry.kind == Kind.KEY], self._keys)
        warn_of_lost_keys(session, device, lost, self._now())
        return place

    def _store(self, session: Session, device: KnownDevice, batch: Batch) -> tuple[list[Answer], Position]:
        now = self._now()
        note_heard(session, device.stall, now)
        # Read under the lock: a revocation that was seen a moment ago counts for this batch already.
        revoked_at = session.connection().execute(_REVOKED, {"device": device.id}).scalar_one()
        note_lost(session, device, batch.recovery.lost, now)
        warn_of_lost_keys(session, device, not_held(self._keys, batch.recovery.trust), now)
        intake = Intake(session, self._keys, device.stall, revoked=revoked_at is not None, now=now)
        return intake.take(batch), intake.head(device.id, batch.sender.epoch)
