"""Knows forms that are still being filled in, sealed like everything personal; refuses to know what is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from layanan.problems import Refused
from offline_db.base import db, writing
from offline_db.models import DraftRow, PermohonanRow, run, table
from offline_db.own_log import Desk
from offline_db.shift import local_day
from sync.canonical import decode, encode
from sync.entry import read_time, spelled_time
from sync.seal import OpenKey

_PART = "draft"
SERVICE = "layanan"
"""The one field without which a draft is nothing, and which never changes."""


@dataclass(frozen=True)
class Origin:
    """Who typed: a `page` in a browser, by a name of its own, and when by that browser's clock; or a form was sent.

    `base` is the revision from which it was typed on, `parcel` the phone's delivery that brought it.
    """

    base: int | None = None
    page: str | None = None
    made: int = 0
    parcel: str | None = None


@dataclass(frozen=True)
class Current:
    """A draft as it stands inside a transaction; `fields` is None when its key is gone."""

    revision: int
    page: str | None
    made: int
    fields: dict[str, Any] | None

    def is_newer(self, origin: Origin) -> bool:
        """Whether that page itself typed this, later: nothing of `origin` is missing here."""
        return bool(origin.page) and self.page == origin.page and self.made > origin.made

    def is_known_to(self, origin: Origin) -> bool:
        """Whether nobody else has kept it since that page saw it last."""
        return self.revision == origin.base or (self.page is not None and self.page == origin.page)


@dataclass(frozen=True)
class Unfinished:
    """A draft in the list: when it was kept last, by whom, whether a phone brought it, and what is typed."""

    record_id: str
    operator: str
    at: datetime
    parcel: str | None
    fields: Mapping[str, Any]


def put_draft(record_id: str, fields: Mapping[str, Any], desk: Desk) -> None:
    """Keep what was typed so far under the id of the record to be, in the place of what was kept before.

    Raises Refused sync_malformed for text that cannot be stored, shift_key_gone, disk_*.
    """
    with writing() as session:
        write_draft(session, record_id, fields, desk)


def keep_typed(record_id: str, typed: Mapping[str, str], origin: Origin, desk: Desk) -> int:
    """Lay what a page holds now over the draft, as it is, whole or not; return the draft's revision.

    Raises Refused draft_moved when somebody else has kept it since, draft_gone when there is none and `typed` names no
    service, already_stored, and as `put_draft`.
    """
    with writing() as session:
        current = current_draft(session, record_id, desk.keys)
        if current is None or current.fields is None:
            return _first(session, record_id, typed, origin, desk, none=current is None)
        if current.is_newer(origin):
            return current.revision
        if not current.is_known_to(origin):
            raise Refused("draft_moved")
        fields = laid_over(current.fields, typed)
        if fields == current.fields:
            return current.revision
        return write_draft(session, record_id, fields, desk, origin)


def write_draft(
    session: Session, record_id: str, fields: Mapping[str, Any], desk: Desk, origin: Origin | None = None
) -> int:
    """Keep a draft inside a writing transaction; returns its revision. Raises as `put_draft`."""
    sealed = desk.shift.seal(encode(dict(fields)), record=record_id, entry=_PART, part=_PART)
    by, at = origin or Origin(), spelled_time(desk.moment.utc)
    row = {
        "key": desk.shift.id, "sealed": sealed, "day": local_day(desk.moment).isoformat(), "operator": desk.operator,
        "at": at, "page": by.page, "made": by.made,
    }  # fmt: skip
    mine = DraftRow.record_id == record_id
    before = session.scalar(select(DraftRow.revision).where(mine))
    if before is None:
        run(session, insert(table(DraftRow)), {"record_id": record_id, **row, "revision": 1, "parcel": by.parcel})
        return 1
    run(session, update(table(DraftRow)).where(mine).values(**row, revision=before + 1))
    return before + 1


def current_draft(session: Session, record_id: str, keys: Mapping[str, OpenKey]) -> Current | None:
    """Return the draft of a record, inside a transaction."""
    row = session.get(DraftRow, record_id)
    return Current(row.revision, row.page, row.made, _opened(row, keys)) if row else None


def laid_over(kept: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """What is typed, over what was kept; the service stays."""
    return {**kept, **typed, **{name: kept[name] for name in (SERVICE,) if name in kept}}


def is_stored(session: Session, record_id: str) -> bool:
    """Whether the request of this id was saved."""
    return session.scalar(select(PermohonanRow.id).where(PermohonanRow.record_id == record_id)) is not None


def draft(record_id: str, keys: Mapping[str, OpenKey]) -> dict[str, Any]:
    """Return what was typed so far. Raises Refused("draft_gone") when it was saved, dropped or its key is gone."""
    row = db.session.get(DraftRow, record_id)
    fields = _opened(row, keys) if row else None
    if fields is None:
        raise Refused("draft_gone")
    return fields


def revision(record_id: str) -> int:
    """Return how often the draft was kept; 0 when there is none."""
    return db.session.scalar(select(DraftRow.revision).where(DraftRow.record_id == record_id)) or 0


def unfinished(keys: Mapping[str, OpenKey], operator: str | None = None) -> list[Unfinished]:
    """Return the drafts that can be read, of one operator or of all, the newest first."""
    newest = select(DraftRow).order_by(DraftRow.at.desc())
    rows = db.session.scalars(newest if operator is None else newest.where(DraftRow.operator == operator))
    opened = ((row, _opened(row, keys)) for row in rows if row.at)
    return [
        Unfinished(row.record_id, row.operator, read_time(row.at), row.parcel, fields)
        for row, fields in opened if fields is not None
    ]  # fmt: skip


def drop_draft(record_id: str, operator: str | None = None) -> None:
    """Forget what was typed; nothing happens when there is none, or when it is another operator's."""
    mine = DraftRow.record_id == record_id
    if operator is not None:
        mine &= DraftRow.operator == operator
    with writing() as session:
        run(session, delete(table(DraftRow)).where(mine))


def _first(
    session: Session, record_id: str, typed: Mapping[str, str], origin: Origin, desk: Desk, *, none: bool
) -> int:
    """A page that is still open types on after its draft died with the day, or was thrown away: it begins anew."""
    if is_stored(session, record_id):
        raise Refused("already_stored")
    if not none or SERVICE not in typed:
        raise Refused("draft_gone")
    return write_draft(session, record_id, typed, desk, origin)


def _opened(row: DraftRow, keys: Mapping[str, OpenKey]) -> dict[str, Any] | None:
    key = keys.get(row.key)
    if key is None:
        return None
    fields: dict[str, Any] = decode(key.open(row.sealed, record=row.record_id, entry=_PART, part=_PART))
    return fields
