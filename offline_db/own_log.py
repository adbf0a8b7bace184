"""Knows how this stall's log grows by one entry, gapless and chained; refuses to know what the entry is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from layanan.problems import Refused
from layanan.service import catalogue
from offline_db.base import moved_to
from offline_db.identity import Identity, read_identity
from offline_db.models import BookRow, EntryRow, IdentityRow, LogRow, OutboxRow, table
from sync.chain import Position, link
from sync.entry import Entry, Moment, SealedRef, entry_id, spelled_time
from sync.messages import Item
from sync.seal import OpenKey, ShiftKey, sealed_hash

# Built once: making and hashing a statement costs a save as much as running it.
_WHO, _LOG, _BOOK = table(IdentityRow), table(LogRow), table(BookRow)
HEAD = (
    select(
        *(_WHO.c.secret, _WHO.c.grant, _LOG.c.seq, _LOG.c.chain, _LOG.c.number),
        *(_BOOK.c.incarnation, _BOOK.c.seq.label("read_seq")),
    )
    .join_from(_WHO, _LOG, (_LOG.c.author == _WHO.c.device) & (_LOG.c.epoch == _WHO.c.epoch))
    .join(_BOOK, _BOOK.c.id == _WHO.c.id)
)
_ADD_ENTRY, _ADD_WAITING = insert(table(EntryRow)), insert(table(OutboxRow))
_MOVE_HEAD = (
    update(_LOG)
    .where(_LOG.c.author == bindparam("of_author"), _LOG.c.epoch == bindparam("of_epoch"))
    .values(seq=bindparam("new_seq"), chain=bindparam("new_chain"), number=bindparam("new_number"))
)

PERSONAL = "personal"
"""The name of a sealed part in its associated data."""


@dataclass(frozen=True)
class Head:
    """Where the log stands inside a writing transaction; nobody else moves it before the transaction ends."""

    identity: Identity
    seq: int
    chain: str
    number: int
    read: tuple[int, int]


@dataclass(frozen=True)
class Desk:
    """Who writes, with which key, when; `keys` are all keys that still open parts of this day."""

    operator: str
    shift: ShiftKey
    moment: Moment
    keys: Mapping[str, OpenKey]


def head(connection: Connection) -> Head:
    """Return the head of the log under the present grant. Raises Refused("not_enrolled")."""
    return read_head(connection.execute(HEAD).one_or_none())


def read_head(found: Any) -> Head:
    """Return the head that a row of HEAD, with whatever columns more, tells. Raises Refused("not_enrolled")."""
    if found is None:
        raise Refused("not_enrolled")
    identity = read_identity(found.secret, found.grant)
    return Head(identity, found.seq, found.chain, found.number, (found.incarnation, found.read_seq))


@dataclass(frozen=True)
class Deed:
    """What an entry is to say: its kind, the record it is about, plain fields, and a personal part to be sealed.

    `attachments` are hashes of scans that are sealed already.
    """

    kind: str
    record: str | None
    fields: Mapping[str, Any]
    personal: bytes | None = None
    attachments: tuple[str, ...] = ()


def append(connection: Connection, at: Head, deed: Deed, desk: Desk, *, number: int | None = None) -> Entry:
    """Write the entry, its place in the outbox and the new head; the caller's transaction makes them durable.

    `number` is the series number the entry gives out. Raises Refused entry_too_large, shift_key_gone.
    """
    grant = at.identity.grant
    sealed = _seal(desk.shift, deed, entry_id(grant.device, grant.epoch, at.seq + 1))
    ref = SealedRef(desk.shift.id, sealed_hash(sealed)) if sealed else None
    entry = _entry(at, deed, desk.moment, desk.operator, ref)
    keep(connection, Item(entry, sealed), link(at.chain, entry.hash), at.number if number is None else number)
    return entry


def append_unattended(connection: Connection, at: Head, deed: Deed, moment: Moment) -> Entry:
    """Write an entry that the stall makes by itself: no operator, nothing sealed."""
    entry = _entry(at, deed, moment, "", None)
    keep(connection, Item(entry, None), link(at.chain, entry.hash), at.number)
    return entry


def _entry(at: Head, deed: Deed, moment: Moment, operator: str, sealed: SealedRef | None) -> Entry:
    grant = at.identity.grant
    return Entry(
        id=entry_id(grant.device, grant.epoch, at.seq + 1),
        author=grant.device,
        epoch=grant.epoch,
        seq=at.seq + 1,
        kind=deed.kind,
        record=deed.record,
        at=moment.utc,
        zone=moment.zone,
        boot=moment.boot,
        mono=moment.mono_ms,
        trusted=moment.trusted,
        operator=operator,
        read=at.read,
        catalogue=catalogue().version,
        fields=deed.fields,
        sealed=sealed,
        attachments=deed.attachments,
    )


def keep(connection: Connection, item: Item, chain: str, number: int) -> None:
    """Store an entry as the new head of its log, waiting for headquarters."""
    entry = item.entry
    stored = connection.execute(
        _ADD_ENTRY,
        {
            "author": entry.author,
            "epoch": entry.epoch,
            "seq": entry.seq,
            "kind": entry.kind,
            "record_id": entry.record,
            "hash": entry.hash,
            "chain": chain,
            "raw": entry.raw,
            "sealed": item.sealed,
        },
    )
    waiting = {"entry_id": stored.lastrowid, "hash": entry.hash, "at": spelled_time(entry.at), "sent_at": None}
    connection.execute(_ADD_WAITING, waiting)
    new = {"new_seq": entry.seq, "new_chain": chain, "new_number": number}
    connection.execute(_MOVE_HEAD, {"of_author": entry.author, "of_epoch": entry.epoch, **new})
    moved_to(connection, Position(entry.author, entry.epoch, entry.seq, chain))


def _seal(shift: ShiftKey, deed: Deed, named: str) -> bytes | None:
    if deed.personal is None:
        return None
    return shift.seal(deed.personal, record=deed.record or "", entry=named, part=PERSONAL)
