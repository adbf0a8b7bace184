"""Knows what the counter does with a permohonan: accept, amend, cancel, hand over, find; refuses to know pages.

A receipt exists only after the transaction that stored row, entry and outbox together is on the disk.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from layanan import person_bytes
from layanan.permohonan import Kind, Permohonan, fold
from layanan.person import PersonalPart, masked_name
from layanan.problems import Refused
from layanan.series import series
from layanan.service import Service
from layanan.status import MEANINGS, Setter, Status, may_follow
from layanan.tracking import new_code
from offline_db.base import db, writing
from offline_db.models import DraftRow, EntryRow, PermohonanRow, table
from offline_db.own_log import HEAD, PERSONAL, Deed, Desk, Head, append, head, read_head
from offline_db.permohonan_row import columns, events, first_columns, refold
from offline_db.shift import local_day
from sync.canonical import encode
from sync.entry import Entry
from sync.receipt import sign_receipt
from sync.seal import OpenKey

_MOST_PERSONAL = 4096
_ROW, _DRAFT = table(PermohonanRow), table(DraftRow)
_RECORD: BindParameter[str] = bindparam("of_record")
_BEFORE = (
    HEAD.add_columns(_ROW.c.code, _ROW.c.series, _ROW.c.form_mac, _ROW.c.form_key, _DRAFT.c.key.label("draft_key"))
    .outerjoin(_ROW, _ROW.c.record_id == _RECORD)
    .outerjoin(_DRAFT, _DRAFT.c.record_id == _RECORD)
)
_ADD_ROW = insert(_ROW)
_DROP_DRAFT = delete(_DRAFT).where(_DRAFT.c.record_id == _RECORD)

Papers = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class NewPermohonan:
    """A checked form. `record_id` was made when the form was opened, so that any number of taps save it once.

    `on_paper` is when it was taken on paper, as entries spell times; empty for one taken at the counter.
    """

    record_id: str
    service: Service
    papers: Papers
    personal: PersonalPart
    priority: str | None = None
    on_paper: str = ""


@dataclass(frozen=True)
class Accepted:
    """What is stored now. `repeated`: it was stored before; `differs`: with other content, or nobody can tell."""

    record_id: str
    code: str
    series: str
    repeated: bool = False
    differs: bool = False


def accept(form: NewPermohonan, desk: Desk) -> Accepted:
    """Store a permohonan durably and return what its receipt says; the same form again returns the same.

    Raises Refused not_enrolled, service_not_here, personal_too_long, shift_key_gone, disk_*, store_busy.
    """
    if not form.service.opens_permohonan:
        raise Refused("service_not_here")
    spelled = _spelled(form.personal)
    said = encode([form.record_id, form.service.code, form.papers, form.priority]) + encode(form.personal.to_fields())
    with writing() as session:
        connection, this = session.connection(), {"of_record": form.record_id}
        before = connection.execute(_BEFORE, this).one_or_none()
        at = read_head(before)
        assert before is not None
        if before.code is not None:
            return _repeated(form.record_id, before, said, desk)
        fields = _first_fields(form, at, desk)
        deed = Deed(Kind.ACCEPTED, form.record_id, fields, spelled)
        entry = append(connection, at, deed, desk, number=at.number + 1)
        _insert_row(connection, entry, _receipt_signature(fields, at), desk.shift.mac(said), desk.shift.id)
        if before.draft_key is not None:
            connection.execute(_DROP_DRAFT, this)
    return Accepted(form.record_id, fields["code"], fields["series"])


def _repeated(record_id: str, before: Any, said: bytes, desk: Desk) -> Accepted:
    key = {**desk.keys, desk.shift.id: desk.shift}.get(before.form_key)
    same = key is not None and key.mac(said) == before.form_mac
    return Accepted(record_id, before.code, before.series, repeated=True, differs=not same)


def _first_fields(form: NewPermohonan, at: Head, desk: Desk) -> dict[str, Any]:
    grant, day = at.identity.grant, local_day(desk.moment)
    code, date = new_code(os.urandom(7)), f"{day:%y%m%d}"
    fields: dict[str, Any] = {
        "code": code,
        "series": series(grant.label, day, at.number + 1),
        "service": form.service.code,
        "stall": grant.stall,
        "relation": form.personal.relation,
        "papers": [list(mark) for mark in form.papers],
        "masked": masked_name(form.personal.pemohon.name),
        "receipt_date": date,
    }
    if form.priority:
        fields["priority"] = form.priority
    if form.service.presence:
        fields["presence"] = True
    if form.on_paper:
        fields["on_paper"] = form.on_paper
    return fields


def _receipt_signature(fields: Mapping[str, Any], at: Head) -> str:
    """Stays at the stall: headquarters needs it on paper only, and 64 bytes nobody can compress stay off the link."""
    grant = at.identity.grant
    return sign_receipt(at.identity.key, fields["code"], grant.device, grant.epoch, fields["receipt_date"])


def _insert_row(connection: Connection, entry: Entry, signature: str, mac: bytes, key: str) -> None:
    local = {"delivered": False, "receipt_sig": signature, "form_mac": mac, "form_key": key}
    row = {**first_columns(entry), **columns([entry.event(hq=False)]), **local}
    connection.execute(_ADD_ROW, row)


def amend(
    record_id: str,
    patch: Mapping[str, Any],
    personal: PersonalPart | None,
    desk: Desk,
    *,
    resubmitted: bool = False,
    why: str = "",
) -> None:
    """Add a correction of named fields (papers, priority) and, when given, a whole new personal part.

    `resubmitted`: what was returned is complete now and goes to the agency again. Raises Refused
    permohonan_unknown, already_closed, not_returned, personal_too_long, shift_key_gone, disk_*.
    """
    named = {name: [list(mark) for mark in patch[name]] if name == "papers" else patch[name] for name in patch}
    if personal is not None:
        named |= {"relation": personal.relation, "masked": masked_name(personal.pemohon.name)}
    fields: dict[str, Any] = {"patch": named, "resubmitted": resubmitted}
    if why:
        fields["why"] = why
    spelled = _spelled(personal) if personal else None
    with writing() as session:
        status = _status(session, record_id)
        if MEANINGS[status].terminal:
            raise Refused("already_closed")
        if resubmitted and status is not Status.DIKEMBALIKAN:
            raise Refused("not_returned")
        _add(session, Deed(Kind.AMENDED, record_id, fields, spelled), desk)


def cancel(record_id: str, reason: str, desk: Desk) -> None:
    """Withdraw a permohonan for its pemohon. Raises Refused permohonan_unknown, status_forbids, disk_*."""
    with writing() as session:
        _may_become(session, record_id, Status.DIBATALKAN)
        _add(session, Deed(Kind.CANCELLED, record_id, {"reason": reason}), desk)


def hand_over(
    record_id: str, to: str, relation: str, papers_back: bool, desk: Desk, taker: PersonalPart | None = None
) -> None:
    """Record that the document was given to the `pemohon` or a `wakil`; raises Refused as `cancel` does.

    `taker` names the wakil as its pemohon; it is sealed like every name.
    """
    fields = {"to": to, "relation": relation, "papers_back": papers_back}
    spelled = _spelled(taker) if taker else None
    with writing() as session:
        _may_become(session, record_id, Status.DIAMBIL)
        _add(session, Deed(Kind.HANDED_OVER, record_id, fields, spelled), desk)


def find(record_id: str) -> PermohonanRow | None:
    """Return the row of a permohonan of this stall."""
    return db.session.scalar(select(PermohonanRow).where(PermohonanRow.record_id == record_id))


def by_code(code: str) -> PermohonanRow | None:
    """Return the row of a tracking code as `read_code` gives it."""
    return db.session.scalar(select(PermohonanRow).where(PermohonanRow.code == code))


def life(record_id: str) -> Permohonan:
    """Return the permohonan with its whole history, folded from the entries of both logs."""
    return fold(events(db.session(), record_id))


def personal(record_id: str, keys: Mapping[str, OpenKey]) -> PersonalPart | None:
    """Return the newest personal part, or None when it was pruned or its key is gone (the day was closed)."""
    newest = (
        select(EntryRow.raw, EntryRow.sealed)
        .where(EntryRow.record_id == record_id, EntryRow.kind.in_((Kind.ACCEPTED, Kind.AMENDED)))
        .order_by(EntryRow.id.desc())
    )
    for raw, sealed in db.session.execute(newest):
        entry = Entry.decode(raw)
        if entry.sealed is None:
            continue
        key = keys.get(entry.sealed.key)
        if key is None or sealed is None:
            return None
        plain = key.open(sealed, record=record_id, entry=entry.id, part=PERSONAL)
        return person_bytes.unpacked(plain)
    return None


def _spelled(part: PersonalPart) -> bytes:
    spelled = person_bytes.packed(part)
    if len(spelled) > _MOST_PERSONAL:
        raise Refused("personal_too_long")
    return spelled


def _status(session: Session, record_id: str) -> Status:
    status = session.scalar(select(PermohonanRow.status).where(PermohonanRow.record_id == record_id))
    if status is None:
        raise Refused("permohonan_unknown")
    return Status(status)


def _may_become(session: Session, record_id: str, status: Status) -> None:
    if not may_follow(_status(session, record_id), status, Setter.OPERATOR):
        raise Refused("status_forbids")


def _add(session: Session, deed: Deed, desk: Desk) -> None:
    log = session.connection()
    append(log, head(log), deed, desk)
    refold(session, deed.record or "")
