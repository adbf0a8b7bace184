"""Knows the log that flows down to each stall: gapless, chained, one writer at a time; refuses to know what it says.

Whoever appends holds the stall's row lock, so no entry ever becomes visible behind a cursor that has passed it.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind, Place
from layanan.problems import Refused
from layanan.service import catalogue
from mpp.db.models import DownEntry, Headquarters, Stall
from sync.chain import GENESIS, Position, link
from sync.entry import Entry, spelled_time
from sync.messages import Down

MAX_ROWS = 100


def locked_stall(session: Session, stall: str) -> Stall:
    """Return the stall's row, held until the transaction ends. Raises Refused("stall_unknown")."""
    row = session.get(Stall, stall, with_for_update=True, populate_existing=True)
    if row is None:
        raise Refused("stall_unknown")
    return row


def append(
    session: Session, stall: Stall, kind: Kind, fields: Mapping[str, Any], *,
    record: str | None, read: Place, operator: str, now: datetime, entry_id: str = "",
) -> Entry:  # fmt: skip
    """Append one entry to the log of a stall whose row is locked; `read` is how far the stall's own log was seen."""
    office = session.scalars(select(Headquarters)).one()
    entry = Entry(
        id=entry_id or str(uuid.uuid4()), author=office.id, epoch=office.incarnation, seq=stall.down_seq + 1, kind=kind,
        record=record, at=now, zone=office.zone, boot="", mono=0, trusted=True, operator=operator, read=read,
        catalogue=catalogue().version, fields=fields,
    )  # fmt: skip
    keep(session, stall, entry)
    session.flush()
    return entry


def keep(session: Session, stall: Stall, entry: Entry) -> None:
    """Store an entry as the new head of the log of a stall whose row is locked."""
    stall.down_seq, stall.down_chain = entry.seq, link(stall.down_chain, entry.hash)
    session.add(
        DownEntry(
            stall=stall.id, seq=entry.seq, incarnation=entry.epoch, hash=entry.hash, chain=stall.down_chain,
            kind=entry.kind, record_id=entry.record, raw=entry.raw, at=spelled_time(entry.at),
        )
    )  # fmt: skip


def stretch(session: Session, stall: str, cursor: Position, max_bytes: int) -> Down:
    """Return what follows `cursor`, at least one entry if there is one; a foreign cursor gets the head alone."""
    office = session.scalars(select(Headquarters)).one()
    row = session.get_one(Stall, stall)
    head = Position(office.id, office.incarnation, row.down_seq, row.down_chain)
    if not is_on_log(session, stall, cursor):
        return Down((), head)
    newer = DownEntry.seq > cursor.seq
    rows = session.scalars(
        select(DownEntry).where(DownEntry.stall == stall, newer).order_by(DownEntry.seq).limit(MAX_ROWS)
    )
    raws, last = _within(list(rows), max_bytes)
    place = Position(office.id, last.incarnation, last.seq, last.chain) if last else cursor
    return Down(raws, place, has_more=place.seq < row.down_seq)


def is_on_log(session: Session, stall: str, place: Position) -> bool:
    """Say whether this place is one of the log that flows down to the stall."""
    if place.author != session.scalars(select(Headquarters.id)).one():
        return False
    if place.seq == 0:
        return place.chain == GENESIS
    row = session.get(DownEntry, (stall, place.seq))
    return row is not None and (row.incarnation, row.chain) == (place.epoch, place.chain)


def _within(rows: list[DownEntry], max_bytes: int) -> tuple[tuple[bytes, ...], DownEntry | None]:
    raws: list[bytes] = []
    room = max_bytes
    for row in rows:
        room -= len(row.raw)
        if raws and room < 0:
            return tuple(raws), rows[len(raws) - 1]
        raws.append(row.raw)
    return tuple(raws), rows[-1] if rows else None
