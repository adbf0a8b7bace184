"""Knows forms that are still being filled in, sealed like everything personal; refuses to know what is in them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from layanan.problems import Refused
from offline_db.base import db, writing
from offline_db.models import DraftRow, run, table
from offline_db.own_log import Desk
from offline_db.shift import local_day
from sync.canonical import decode, encode
from sync.seal import OpenKey

_PART = "draft"


def put_draft(record_id: str, fields: Mapping[str, Any], desk: Desk) -> None:
    """Keep what was typed so far under the id of the record to be, in the place of what was kept before.

    Raises Refused sync_malformed for text that cannot be stored, shift_key_gone, disk_*.
    """
    sealed = desk.shift.seal(encode(dict(fields)), record=record_id, entry=_PART, part=_PART)
    row = {"key": desk.shift.id, "sealed": sealed, "day": local_day(desk.moment).isoformat()}
    with writing() as session:
        changed = run(session, update(table(DraftRow)).where(DraftRow.record_id == record_id).values(row))
        if not changed.rowcount:
            run(session, insert(table(DraftRow)), {"record_id": record_id, **row})


def draft(record_id: str, keys: Mapping[str, OpenKey]) -> dict[str, Any]:
    """Return what was typed so far. Raises Refused("draft_gone") when it was saved, dropped or its key is gone."""
    row = db.session.execute(select(DraftRow.key, DraftRow.sealed).where(DraftRow.record_id == record_id)).one_or_none()
    key = keys.get(row.key) if row else None
    if row is None or key is None:
        raise Refused("draft_gone")
    fields: dict[str, Any] = decode(key.open(row.sealed, record=record_id, entry=_PART, part=_PART))
    return fields


def drop_draft(record_id: str) -> None:
    """Forget what was typed; nothing happens when there is none."""
    with writing() as session:
        run(session, delete(table(DraftRow)).where(DraftRow.record_id == record_id))
