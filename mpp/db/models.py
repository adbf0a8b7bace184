"""Knows the tables of headquarters and their keys; refuses to know how rows come to be.

Times are UTC as ISO 8601 text: both databases keep, sort and back them up alike. Entries are kept as the exact bytes
that were signed. Personal data stands only inside sealed parts, and as a keyed hash for finding a person again.
"""

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite numbers rows by itself only in a column declared INTEGER.
_RowNumber = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Every table of headquarters."""

    type_annotation_map = {str: Text, bytes: LargeBinary, int: BigInteger}


class Headquarters(Base):
    """The one row that says whose database this is; `incarnation` grows at every restore."""

    __tablename__ = "headquarters"
    id: Mapped[str] = mapped_column(primary_key=True)
    incarnation: Mapped[int]
    name: Mapped[str]
    zone: Mapped[str]
    week: Mapped[int]
    complaint: Mapped[str]
    official_domain: Mapped[str]
    phone: Mapped[str]
    privacy_contact: Mapped[str]
    created_at: Mapped[str]
    phrase_confirmed_at: Mapped[str | None]


class Stall(Base):
    """A place. Its row is locked by whoever writes its log, so the log's numbers have no gaps."""

    __tablename__ = "stall"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    place: Mapped[str]
    label: Mapped[str] = mapped_column(unique=True)
    code_id: Mapped[str | None] = mapped_column(unique=True)
    code: Mapped[str | None]
    code_until: Mapped[str | None]
    code_used_by: Mapped[str | None]
    down_seq: Mapped[int]
    down_chain: Mapped[str]
    created_at: Mapped[str]
    last_heard_at: Mapped[str | None]


class Device(Base):
    """A key pair of a stall, named by its public key. Once revoked, what it sends is kept apart and raises an alarm."""

    __tablename__ = "device"
    id: Mapped[str] = mapped_column(primary_key=True)
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"))
    public: Mapped[bytes]
    created_at: Mapped[str]
    revoked_at: Mapped[str | None]
    forked_at: Mapped[str | None]


class Branch(Base):
    """One granted (device, epoch), a log with one writer: how far it is held without a gap, and how far it is safe."""

    __tablename__ = "branch"
    device: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(unique=True)
    granted_at: Mapped[str]
    head_seq: Mapped[int]
    head_chain: Mapped[str]
    durable_seq: Mapped[int]
    durable_chain: Mapped[str]


class StallEntry(Base):
    """An entry a stall sent. Two with one number are a fork; both are kept."""

    __tablename__ = "stall_entry"
    id: Mapped[int] = mapped_column(_RowNumber, primary_key=True)
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"))
    device: Mapped[str]
    epoch: Mapped[int]
    seq: Mapped[int]
    hash: Mapped[str]
    kind: Mapped[str]
    record_id: Mapped[str | None] = mapped_column(index=True)
    raw: Mapped[bytes]
    result: Mapped[str]
    problem: Mapped[str | None]
    received_at: Mapped[str]
    __table_args__ = (
        UniqueConstraint("device", "epoch", "seq", "hash"),
        Index("ix_stall_entry_hash", "hash"),
        Index("ix_stall_entry_kind", "stall", "kind", "epoch", "seq"),
    )


class SealedPart(Base):
    """The sealed personal part of an entry, apart from it so that erasure leaves the entry's hash valid."""

    __tablename__ = "sealed_part"
    entry_hash: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    device: Mapped[str]
    body: Mapped[bytes]
    opened_at: Mapped[str | None]
    person_key: Mapped[str | None] = mapped_column(index=True)
    subject_key: Mapped[str | None] = mapped_column(index=True)


class Capsule(Base):
    """A shift key, readable only with headquarters' unsealing key. Kept for ever: sealed parts need it."""

    __tablename__ = "capsule"
    key: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    capsule: Mapped[bytes]
    received_at: Mapped[str]


class DownEntry(Base):
    """An entry of the log that flows down to one stall."""

    __tablename__ = "down_entry"
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    incarnation: Mapped[int]
    hash: Mapped[str]
    chain: Mapped[str]
    kind: Mapped[str]
    record_id: Mapped[str | None] = mapped_column(index=True)
    raw: Mapped[bytes]
    at: Mapped[str]


class PermohonanRow(Base):
    """The folded state of one record, for lists and search; rebuilding it from the entries gives the same row."""

    __tablename__ = "permohonan"
    record_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True)
    series: Mapped[str] = mapped_column(index=True)
    service: Mapped[str]
    agency: Mapped[str]
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"))
    status: Mapped[str]
    masked: Mapped[str]
    accepted_at: Mapped[str]
    due: Mapped[str]
    entries: Mapped[int]
    content_sha256: Mapped[str]
    flagged: Mapped[int]
    updated_at: Mapped[str]
    __table_args__ = (
        Index("ix_permohonan_recent", "updated_at", "record_id"),
        Index("ix_permohonan_inbox", "agency", "updated_at", "record_id"),
        Index("ix_permohonan_status", "agency", "status", "updated_at"),
        Index("ix_permohonan_accepted", "stall", "accepted_at"),
    )


class Officer(Base):
    """A person who signs in. `agency` None: the office that runs the MPP itself, sees every agency and the stalls."""

    __tablename__ = "officer"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency: Mapped[str | None]
    passphrase: Mapped[str]
    failures: Mapped[int]
    locked_until: Mapped[str | None]
    created_at: Mapped[str]
    active: Mapped[bool]


class Access(Base):
    """Who read whose personal data, when and why (UU 27/2022 art. 31). The database refuses to change or drop a row."""

    __tablename__ = "access"
    id: Mapped[int] = mapped_column(_RowNumber, primary_key=True)
    at: Mapped[str]
    officer: Mapped[str]
    record_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]


class Alarm(Base):
    """Something a person must look at: a fork, a revoked sender, a part that cannot be opened."""

    __tablename__ = "alarm"
    id: Mapped[int] = mapped_column(_RowNumber, primary_key=True)
    at: Mapped[str]
    stall: Mapped[str]
    device: Mapped[str]
    kind: Mapped[str]
    detail: Mapped[str]


class CourierBundle(Base):
    """A courier's file that arrived, by the SHA-256 of its list; `head_seq` is the head of the stall's log then.

    `cursor` is how far the stall had read headquarters' log, `arrived` counts the files of a stall as they came.
    """

    __tablename__ = "courier_bundle"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"), index=True)
    device: Mapped[str]
    epoch: Mapped[int]
    number: Mapped[int]
    head_seq: Mapped[int]
    cursor: Mapped[str]
    arrived: Mapped[int]


class CourierAnswer(Base):
    """The signed answer to a frame that came by courier, kept for the way back until a newer file replaces it."""

    __tablename__ = "courier_answer"
    frame: Mapped[str] = mapped_column(primary_key=True)
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"), index=True)
    device: Mapped[str]
    epoch: Mapped[int]
    number: Mapped[int]
    place: Mapped[int]
    raw: Mapped[bytes]


class CourierCounter(Base):
    """The number of the last file that headquarters gave a courier for a stall."""

    __tablename__ = "courier_counter"
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"), primary_key=True)
    number: Mapped[int]


class Attachment(Base):
    """A sealed scan that a stall's entry names: of whom, under which key, how large, and what has become of it.

    `state` is partial, complete or refused; `tries` counts how often it was opened to be checked.
    """

    __tablename__ = "attachment"
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(index=True)
    device: Mapped[str]
    key: Mapped[str]
    size: Mapped[int]
    state: Mapped[str]
    problem: Mapped[str | None]
    media: Mapped[str | None]
    tries: Mapped[int]
    durable: Mapped[bool]
    changed_at: Mapped[str]


class AttachmentChunk(Base):
    """A stretch of a sealed scan, from byte `start` up to `stop`; those of one scan never overlap."""

    __tablename__ = "attachment_chunk"
    stall: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int]
    body: Mapped[bytes]
    __table_args__ = (ForeignKeyConstraint(["stall", "sha256"], ["attachment.stall", "attachment.sha256"]),)


class Published(Base):
    """What every stall is told, whole: `kind` of the entries, `body` as JSON; the highest number is in force."""

    __tablename__ = "published"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    version: Mapped[str]
    body: Mapped[str]
    at: Mapped[str]
