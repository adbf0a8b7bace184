"""Knows the scans of a stall: sealed before they reach the disk, stored with their entry, kept until they are durable.

A scan and the entry that names it are one transaction, in one file: neither is ever there without the other. Refuses
to know cameras, file names and what a scan shows.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from layanan.attachments import media_type
from layanan.permohonan import Kind
from layanan.problems import Refused
from layanan.status import MEANINGS, Status
from offline_db.attachment_pieces import PRUNED, WAITING, erase_pieces, hash_of, keep_pieces, read_pieces
from offline_db.base import db, reading, writing
from offline_db.models import (
    AttachmentRow,
    EntryRow,
    OutboxRow,
    PermohonanRow,
    RefusalRow,
    run,
    table,
)
from offline_db.outbox import SqliteOutbox
from offline_db.own_log import Deed, Desk, append, head
from offline_db.permohonan_row import refold
from sync.attachment_messages import State, Told
from sync.attachment_ports import Waiting
from sync.canonical import encode
from sync.entry import Entry, spelled_time
from sync.messages import Capsule, Result, Sender
from sync.seal import sealed_hash

ASK_AGAIN = timedelta(hours=1)
Within = Callable[[Session], None] | None
"""What else belongs into the transaction that stores a scan."""

_ROW, _OUTBOX, _REFUSAL, _ENTRY = map(table, (AttachmentRow, OutboxRow, RefusalRow, EntryRow))
_REJECTED = select(_ENTRY.c.hash).where(
    _ENTRY.c.id.in_(select(_REFUSAL.c.entry_id).where(_REFUSAL.c.result == str(Result.REJECTED)))
)
_LONG_AGO = or_(
    _ROW.c.asked_at.is_(None), _ROW.c.asked_at <= bindparam("before"), _ROW.c.asked_at >= bindparam("beyond")
)
_DUE = or_(
    (_ROW.c.state == WAITING) & _ROW.c.entry_hash.not_in(select(_OUTBOX.c.hash).union_all(_REJECTED)),
    (_ROW.c.state == str(State.COMPLETE)) & _LONG_AGO,
)
_UNSETTLED = (
    select(_ROW.c.id, _ROW.c.sha256, _ROW.c.entry_hash, _ROW.c.key, _ROW.c.size)
    .where(_DUE, _ROW.c.id > bindparam("after"))
    .order_by(_ROW.c.id)
    .limit(bindparam("most", type_=Integer))
)

_OF_RECORD = (
    select(AttachmentRow, EntryRow.raw)
    .join(EntryRow, (EntryRow.record_id == AttachmentRow.record_id) & (EntryRow.hash == AttachmentRow.entry_hash))
    .where(AttachmentRow.record_id == bindparam("of_record"))
    .order_by(AttachmentRow.id)
)


@dataclass(frozen=True)
class Added:
    """The attachment that is stored now; `repeated`: this very scan was attached to the request before."""

    sha256: str
    repeated: bool = False


def add(
    record_id: str,
    plain: bytes,
    desk: Desk,
    *,
    paper: int | None = None,
    within: Within = None,
) -> Added:
    """Seal a scan and store it durably with its entry; the same scan again for the same request adds nothing.

    `paper` is the number of the requirement it shows; `within` joins the transaction that adds.
    Raises Refused attachment_type, attachment_too_large, permohonan_unknown, already_closed, not_enrolled,
    shift_key_gone, disk_*, store_busy.
    """
    fields: dict[str, Any] = {"media": media_type(plain), "key": desk.shift.id}
    if paper is not None:
        fields["paper"] = paper
    said = encode(["attachment", record_id, hashlib.sha256(plain).hexdigest()])
    with reading() as session:
        if before := _same(session, record_id, said, desk):
            return Added(before, repeated=True)
    # Sealing takes its time, so it comes before the write lock that a save at the counter may be waiting for.
    sealed = desk.shift.seal_attachment(plain, record=record_id)
    fields["size"] = len(sealed)
    with writing() as session:
        if before := _same(session, record_id, said, desk):
            return Added(before, repeated=True)
        _check_open(session, record_id)
        sha = sealed_hash(sealed)
        log = session.connection()
        entry = append(log, head(log), Deed(Kind.ATTACHED, record_id, fields, attachments=(sha,)), desk)
        _keep(session, entry, sealed, desk.shift.mac(said))
        refold(session, record_id)
        if within is not None:
            within(session)
    return Added(sha)


@dataclass(frozen=True)
class Scan:
    """An attachment as the counter sees it: how much of it is at headquarters, and why not when it never will be.

    `paper` is the number of the requirement it shows, `at` when it was taken, as its entry spells it.
    """

    sha256: str
    media: str
    size: int
    percent: int
    state: str
    problem: str | None
    paper: int | None
    at: str


def of_record(record_id: str) -> list[Scan]:
    """Return the scans of a request, oldest first."""
    return [_scan(row, Entry.decode(raw)) for row, raw in db.session.execute(_OF_RECORD, {"of_record": record_id})]


class SqliteAttachments:
    """The port `AttachmentOutbox` over the stall's file, inside an app context."""

    def identity(self) -> Sender:
        """See AttachmentOutbox. Raises Refused("not_enrolled")."""
        return SqliteOutbox().identity()

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """See AttachmentOutbox."""
        return SqliteOutbox().capsules(key_ids)

    def unsettled(self, after: int, most: int, now: datetime) -> list[Waiting]:
        """See AttachmentOutbox."""
        due = {
            "after": after,
            "most": most,
            "before": spelled_time(now - ASK_AGAIN),
            "beyond": spelled_time(now + ASK_AGAIN),
        }
        with reading() as session:
            rows: Iterable[Any] = run(session, _UNSETTLED, due)
            return [Waiting(*one) for one in rows]

    def is_whole(self, sha256: str) -> bool:
        """See AttachmentOutbox."""
        with reading() as session:
            whole = hash_of(session, sha256) == sha256
        if not whole:
            damaged = {"state": str(State.REFUSED), "problem": "attachment_damaged"}
            with writing() as session:
                run(session, update(_ROW).where(_ROW.c.sha256 == sha256).values(damaged))
        return whole

    def read(self, sha256: str, start: int, length: int) -> bytes:
        """See AttachmentOutbox."""
        with reading() as session:
            return read_pieces(session, sha256, start, length)

    def told(self, told: Sequence[Told], now: datetime, hq_now: datetime) -> None:
        """See AttachmentOutbox."""
        known = select(AttachmentRow.id, AttachmentRow.sha256, AttachmentRow.size, AttachmentRow.durable_at)
        said = {one.sha256: one for one in told}
        with writing() as session:
            for row in session.execute(known.where(AttachmentRow.sha256.in_(said))).all():
                values = {"asked_at": spelled_time(now), **_heard(row, said[row.sha256], hq_now)}
                run(session, update(_ROW).where(_ROW.c.id == row.id, _ROW.c.state != PRUNED).values(values))


def forget_durable(before: datetime) -> int:
    """Erase the bytes of scans that were durable before this time of headquarters'; returns how many went.

    One at a time, each in one transaction: killed in the middle, the next call goes on.
    """
    due = select(AttachmentRow.id).where(
        AttachmentRow.state == str(State.DURABLE), AttachmentRow.durable_at <= spelled_time(before)
    )
    with reading() as session:
        ids = session.scalars(due).all()
    for one in ids:
        with writing() as session:
            erase_pieces(session, one)
    return len(ids)


def _scan(row: AttachmentRow, entry: Entry) -> Scan:
    paper, percent = entry.fields.get("paper"), row.held * 100 // row.size
    named = paper if isinstance(paper, int) else None
    return Scan(row.sha256, row.media, row.size, percent, row.state, row.problem, named, spelled_time(entry.at))


def _same(session: Session, record_id: str, said: bytes, desk: Desk) -> str | None:
    """The same scan of this request, as far as the keys of this day can tell."""
    keys = {**desk.keys, desk.shift.id: desk.shift}
    found = select(AttachmentRow.sha256, AttachmentRow.key, AttachmentRow.mac).where(
        AttachmentRow.record_id == record_id, AttachmentRow.problem.is_(None)
    )
    for sha, key, mac in session.execute(found):
        if key in keys and keys[key].mac(said) == mac:
            return str(sha)
    return None


def _check_open(session: Session, record_id: str) -> None:
    status = session.scalar(select(PermohonanRow.status).where(PermohonanRow.record_id == record_id))
    if status is None:
        raise Refused("permohonan_unknown")
    if MEANINGS[Status(status)].terminal:
        raise Refused("already_closed")


def _keep(session: Session, entry: Entry, sealed: bytearray, mac: bytes) -> None:
    row = {
        "sha256": entry.attachments[0],
        "entry_hash": entry.hash,
        "record_id": entry.record,
        "mac": mac,
        **{name: entry.fields[name] for name in ("key", "media", "size")},
        "held": 0,
        "state": WAITING,
        "problem": None,
        "asked_at": None,
        "durable_at": None,
    }
    attachment = run(session, insert(_ROW), row).lastrowid
    keep_pieces(session, attachment, sealed)


def _heard(row: Any, said: Told, hq_now: datetime) -> dict[str, Any]:
    if said.state is State.REFUSED:
        return {"state": str(State.REFUSED), "problem": said.problem, "held": 0}
    if said.state is State.DURABLE:
        return {"state": str(State.DURABLE), "held": row.size, "durable_at": row.durable_at or spelled_time(hq_now)}
    if said.state is State.COMPLETE:
        return {"state": str(State.COMPLETE), "held": row.size}
    return {"state": WAITING, "held": said.bytes_held}
