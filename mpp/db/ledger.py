"""Knows how every record is told in one line for a checker; refuses to know who reads it."""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mpp.db.models import PermohonanRow, StallEntry
from sync.messages import Result


def ledger(session: Session) -> Iterator[dict[str, object]]:
    """Yield every record, by id. `acknowledged`: the stall has been told that each of its entries is taken."""
    waiting = exists().where(StallEntry.record_id == PermohonanRow.record_id, StallEntry.result == Result.WAITING)
    query = select(PermohonanRow, ~waiting).order_by(PermohonanRow.record_id).execution_options(yield_per=1000)
    for row, acknowledged in session.execute(query):
        yield {
            "record_id": row.record_id,
            "tracking_code": row.code,
            "series": row.series,
            "service": row.service,
            "status": row.status,
            "entries": row.entries,
            "content_sha256": row.content_sha256,
            "acknowledged": bool(acknowledged),
        }
