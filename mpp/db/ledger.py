"""Knows how every record is told in one line for a checker; refuses to know who reads it."""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from layanan.permohonan import content_sha256, fold
from mpp.db.models import PermohonanRow, StallEntry
from mpp.db.permohonan import events_of
from sync.messages import Result


def ledger(session: Session) -> Iterator[dict[str, object]]:
    """Yield every record, by id, counted anew from its entries: a row that outlived an entry must not speak for it.

    `acknowledged`: the stall has been told that each of its entries is taken.
    """
    waiting = exists().where(StallEntry.record_id == PermohonanRow.record_id, StallEntry.result == Result.WAITING)
    query = select(PermohonanRow, ~waiting).order_by(PermohonanRow.record_id).execution_options(yield_per=1000)
    for row, acknowledged in session.execute(query):
        events = events_of(session, row.record_id)
        yield {
            "record_id": row.record_id,
            "tracking_code": row.code,
            "series": row.series,
            "service": row.service,
            "status": str(fold(events).status),
            "entries": len(events),
            "content_sha256": content_sha256(events),
            "acknowledged": bool(acknowledged),
        }
