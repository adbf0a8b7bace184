"""Knows what a stall that lost its machine is told of its own requests; refuses to know who was at fault.

The entries travel word for word in headquarters' log, so that the new machine folds the same state from the same bytes.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.berkas import sendings_of
from mpp.db.down import append
from mpp.db.models import DownEntry, PermohonanRow, Stall, StallEntry
from mpp.db.permohonan import COUNTED, ENDED
from sync.entry import Entry


def replay(session: Session, stall: Stall, now: datetime) -> int:
    """Append every entry of the stall's own about its open requests to the log that flows down; return how many.

    So is every list of folders that names one of them. The stall's row is locked. What was replayed before is in that
    log already and is not said again.
    """
    still_open = select(PermohonanRow.record_id).where(
        PermohonanRow.stall == stall.id, PermohonanRow.status.not_in(ENDED)
    )
    said = _said(session, stall.id)
    own = select(StallEntry).where(
        StallEntry.stall == stall.id, StallEntry.result.in_(COUNTED), StallEntry.record_id.in_(still_open)
    )
    entries = [*session.scalars(own.order_by(StallEntry.id)), *_lists(session, stall.id, still_open)]
    rows = [row for row in entries if row.raw.decode() not in said]
    return sum(_append(session, stall, row, now) for row in rows)


def _lists(session: Session, stall: str, still_open: Select[str]) -> list[StallEntry]:
    """Without them the folders of the open requests would be sent twice."""
    records = set(session.scalars(still_open))
    sent = sendings_of(session, stall)
    return [row for row, said in sent if records & {folder.record for folder in said.folders}]


def _said(session: Session, stall: str) -> set[str]:
    before = select(DownEntry.raw).where(DownEntry.stall == stall, DownEntry.kind == str(Kind.REPLAY))
    return {str(Entry.decode(raw).fields.get("raw")) for raw in session.scalars(before)}


def _append(session: Session, stall: Stall, row: StallEntry, now: datetime) -> bool:
    fields = {"record": row.record_id, "raw": row.raw.decode()}
    place = (row.epoch, row.seq)
    try:
        append(session, stall, Kind.REPLAY, fields, record=None, read=place, operator="", now=now)
    except Refused:
        # An entry that nearly fills its 16 KB does not fit into another one; its request is still found by its code.
        return False
    return True
