"""Knows the tables of the stall's file; refuses to know the rules by which they are filled.

The catalogue's tables are not here: sqlite-utils keeps them (catalogue.py). Times are text as entries spell them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    JSON,
    CheckConstraint,
    CursorResult,
    Executable,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from offline_db.base import Base


def table(row: type[Base]) -> Table:
    """Return the plain table of a model: writing through it costs a third of going through objects."""
    return cast(Table, row.__table__)


Rows = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def run(session: Session, statement: Executable, rows: Rows | None = None) -> CursorResult[Any]:
    """Run a statement about plain tables in the session's transaction, past the session's objects."""
    return session.connection().execute(statement, rows)


class IdentityRow(Base):
    """The one row that says who this machine is: its key, and what headquarters granted it (JSON), once it has."""

    __tablename__ = "identity"
    __table_args__ = (CheckConstraint("id = 1", name="one_identity"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    device: Mapped[str]
    secret: Mapped[bytes]
    epoch: Mapped[int | None]
    grant: Mapped[str | None]


class LogRow(Base):
    """The head of one log this machine writes or wrote: (author, epoch), its last place, its last series number.

    `sent` and `answered` count entries that left at least once and that were answered; `answered_seq` is the head
    headquarters last signed, `durable_seq` how far its verified backup reaches, `lost_seq` what it had
    before it lost some.
    """

    __tablename__ = "log"
    author: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    chain: Mapped[str]
    number: Mapped[int]
    sent: Mapped[int]
    answered: Mapped[int]
    answered_seq: Mapped[int]
    durable_seq: Mapped[int]
    lost_seq: Mapped[int] = mapped_column(server_default="0", default=0)


class EntryRow(Base):
    """One entry of the stall, never changed: `raw` verbatim, the chain after it, its sealed part while it is kept."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("author", "epoch", "seq", name="entry_place"),
        Index("entry_record", "record_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str]
    epoch: Mapped[int]
    seq: Mapped[int]
    kind: Mapped[str]
    record_id: Mapped[str | None]
    hash: Mapped[str]
    chain: Mapped[str]
    raw: Mapped[bytes]
    sealed: Mapped[bytes | None]


class OutboxRow(Base):
    """An entry that headquarters has not answered. The row goes with the answer, so every count is of what waits."""

    __tablename__ = "outbox"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    at: Mapped[str]
    sent_at: Mapped[str | None]


class RefusalRow(Base):
    """An answer a person should see: headquarters kept the entry as conflict, rejected or waiting, and why."""

    __tablename__ = "refusal"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    result: Mapped[str]
    problem: Mapped[str | None]


class HqEntryRow(Base):
    """One entry of headquarters' log for this stall; `proof` vouches for the place of the last entry of a stretch."""

    __tablename__ = "hq_entry"
    __table_args__ = (Index("hq_entry_record", "record_id"),)
    seq: Mapped[int] = mapped_column(primary_key=True)
    incarnation: Mapped[int]
    kind: Mapped[str]
    record_id: Mapped[str | None]
    hash: Mapped[str]
    chain: Mapped[str]
    raw: Mapped[bytes]
    proof: Mapped[bytes | None]


class BookRow(Base):
    """The one row that says how far headquarters' log was read; `common`: from where to give back by courier."""

    __tablename__ = "book"
    __table_args__ = (CheckConstraint("id = 1", name="one_book"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str]
    incarnation: Mapped[int]
    seq: Mapped[int]
    chain: Mapped[str]
    common: Mapped[str | None]


class PermohonanRow(Base):
    """A permohonan as its entries add up, for lists and search; rebuilding it from them gives the same row.

    Not from entries: `delivered` (headquarters has answered for the acceptance), `receipt_sig` (which never leaves the
    stall but on paper) and `form_mac` under `form_key`, by which a repeated save is known for a day. `last4` is of the
    series number, `day` the stall's local date.
    """

    __tablename__ = "permohonan"
    __table_args__ = (
        Index("permohonan_series", "series"),
        Index("permohonan_day", "day"),
        Index("permohonan_last4", "day", "last4"),
        Index("permohonan_status", "status"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    series: Mapped[str]
    last4: Mapped[str]
    day: Mapped[str]
    device: Mapped[str]
    epoch: Mapped[int]
    stall: Mapped[str]
    operator: Mapped[str]
    service: Mapped[str]
    agency: Mapped[str]
    status: Mapped[str]
    masked: Mapped[str]
    relation: Mapped[str]
    priority: Mapped[str]
    papers: Mapped[list[Any]] = mapped_column(JSON)
    slots: Mapped[dict[str, str]] = mapped_column(JSON)
    due: Mapped[str]
    receipt_sig: Mapped[str]
    receipt_date: Mapped[str]
    accepted_at: Mapped[str]
    updated_at: Mapped[str]
    entries: Mapped[int]
    flagged: Mapped[int]
    erased: Mapped[bool]
    delivered: Mapped[bool]
    form_mac: Mapped[bytes | None]
    form_key: Mapped[str | None]


class ShiftKeyRow(Base):
    """A shift key's capsule for headquarters, which outlives everything, and the local day it was made."""

    __tablename__ = "shift_key"
    key: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    capsule: Mapped[bytes]
    day: Mapped[str]


class ShiftWrapRow(Base):
    """A shift key wrapped under one operator's pass-phrase, until the day is closed or the next one opened."""

    __tablename__ = "shift_wrap"
    key: Mapped[str] = mapped_column(ForeignKey("shift_key.key"), primary_key=True)
    operator: Mapped[str] = mapped_column(ForeignKey("operator.name", ondelete="CASCADE"), primary_key=True)
    wrapped: Mapped[bytes]


class OperatorRow(Base):
    """Who may sign in: a verifier of the pass-phrase, a hash of the PIN, and wrong PINs since the last good one."""

    __tablename__ = "operator"
    name: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    verifier: Mapped[bytes]
    pin_salt: Mapped[bytes | None]
    pin_hash: Mapped[bytes | None]
    failures: Mapped[int]


class DraftRow(Base):
    """A form that is being filled in, sealed under a shift key; one per record to be. Each time it is kept counts.

    `page` typed it last (a browser's page, by a name of its own; none: a form that was sent) and `made` says when, by
    that browser's clock. `parcel`: a phone brought it.
    """

    __tablename__ = "draft"
    record_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    sealed: Mapped[bytes]
    day: Mapped[str]
    operator: Mapped[str] = mapped_column(server_default="", default="")
    at: Mapped[str] = mapped_column(server_default="", default="")
    revision: Mapped[int] = mapped_column(server_default="1", default=1)
    made: Mapped[int] = mapped_column(server_default="0", default=0)
    page: Mapped[str | None]
    parcel: Mapped[str | None]


class SyncRow(Base):
    """The one row that remembers the last sync and the last one that headquarters answered."""

    __tablename__ = "sync"
    __table_args__ = (CheckConstraint("id = 1", name="one_sync"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    tried_at: Mapped[str]
    answered_at: Mapped[str | None]
    problem: Mapped[str | None]


class CourierFrameRow(Base):
    """A frame that was given to a courier in file `number`, by its SHA-256, until (and after) its answer came back.

    `known_seq` is the head headquarters had signed when the frame was made: by it an old answer and a restored
    headquarters are told apart.
    """

    __tablename__ = "courier_frame"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    known_seq: Mapped[int]
    answered: Mapped[bool]
    gives_back: Mapped[bool] = mapped_column(server_default="0", default=False)


class AttachmentRow(Base):
    """A sealed scan of a record, stored with the entry that names it; `held` bytes of it are at headquarters.

    `state` is waiting, complete, durable, pruned or refused. `mac` under shift key `key` tells the same scan again.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("attachment_record", "record_id"), Index("attachment_state", "state"))
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    entry_hash: Mapped[str]
    record_id: Mapped[str]
    key: Mapped[str]
    mac: Mapped[bytes]
    media: Mapped[str]
    size: Mapped[int]
    held: Mapped[int]
    state: Mapped[str]
    problem: Mapped[str | None]
    asked_at: Mapped[str | None]
    durable_at: Mapped[str | None]


class AttachmentPieceRow(Base):
    """A stretch of a sealed scan: short rows, so that reading a chunk never brings the whole scan into memory."""

    __tablename__ = "attachment_piece"
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes]


class DamagedRow(Base):
    """An own entry whose bytes are not what its hash says; headquarters is asked for it."""

    __tablename__ = "damaged"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
