"""Knows the log that flows down to each stall: gapless, chained, one writer at a time; refuses to know what it says.

Whoever appends holds the stall's row lock, so no entry ever becomes visible behind a cursor that has passed it.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind, Place
from layanan.problems import Refused
from layanan.service import catalogue
from mpp.db.many import table
from mpp.db.models import DownEntry, Headquarters, Stall
from sync.chain import GENESIS, Position, link
from sync.entry import Entry, spelled_time
from sync.messages import Down

MAX_ROWS = 100
_D, _S, _H = table(DownEntry).c, table(Stall).c, table(Headquarters).c
_HEAD = select(_H.id, _H.incarnation, _S.down_seq, _S.down_chain).join_from(
    table(Headquarters), table(Stall), _S.id == bindparam("stall")
)
_HEARD = update(table(Stall)).where(_S.id == bindparam("row"))
_FROM = (
    select(_D.seq, _D.incarnation, _D.chain, _D.raw)
    .where(_D.stall == bindparam("stall"), _D.seq >= bindparam("seq"))
    .order_by(_D.seq)
    .limit(MAX_ROWS + 1)
)
"""From the cursor on: its own entry says whether it is a place of this log."""


def locked_stall(session: Session, stall: str) -> Stall:
    """Return the stall's row, held until the transaction ends. Raises Refused("stall_unknown")."""
    row = session.get(Stall, stall, with_for_update=True, populate_existing=True)
    if row is None:
        raise Refused("stall_unknown")
    return row


def note_heard(session: Session, stall: str, now: datetime) -> None:
    """Hold the stall's row until the transaction ends and note that it was heard. Raises Refused("stall_unknown")."""
    if session.connection().execute(_HEARD, {"row": stall, "last_heard_at": spelled_time(now)}).rowcount != 1:
        raise Refused("stall_unknown")


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
    hq, incarnation, seq, chain = session.connection().execute(_HEAD, {"stall": stall}).one()
    rows = session.connection().execute(_FROM, {"stall": stall, "seq": cursor.seq}).all()
    here = [row for row in rows if row.seq == cursor.seq]
    if cursor.author != hq or not _is_place(cursor, here[0] if here else None):
        return Down((), Position(hq, incarnation, seq, chain))
    raws, last = _within(rows[len(here) :][:MAX_ROWS], max_bytes)
    place = Position(hq, last.incarnation, last.seq, last.chain) if last else cursor
    return Down(raws, place, has_more=place.seq < seq)


def is_on_log(session: Session, stall: str, place: Position) -> bool:
    """Say whether this place is one of the log that flows down to the stall."""
    if place.author != session.scalars(select(Headquarters.id)).one():
        return False
    return _is_place(place, session.get(DownEntry, (stall, place.seq)))


def _is_place(place: Position, row: Any) -> bool:
    if place.seq == 0:
        return place.chain == GENESIS
    return row is not None and (row.incarnation, row.chain) == (place.epoch, place.chain)


def _within(rows: Sequence[Any], max_bytes: int) -> tuple[tuple[bytes, ...], Any]:
    raws: list[bytes] = []
    room = max_bytes
    for row in rows:
        room -= len(row.raw)
        if raws and room < 0:
            return tuple(raws), rows[len(raws) - 1]
        raws.append(row.raw)
    return tuple(raws), rows[-1] if rows else None
