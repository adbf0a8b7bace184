"""Knows how every record is told in one line for a checker; refuses to know who reads it."""

from collections.abc import Iterator

from sqlalchemy import exists, select

from layanan.permohonan import content_sha256
from offline_db.base import reading
from offline_db.models import EntryRow, OutboxRow, PermohonanRow
from offline_db.permohonan_row import events


def ledger() -> Iterator[dict[str, object]]:
    """Yield every record, by id, at one moment. `acknowledged`: headquarters has answered each of its entries."""
    waiting = (
        exists()
        .where(EntryRow.record_id == PermohonanRow.record_id)
        .where(OutboxRow.entry_id == EntryRow.id)
        .correlate(PermohonanRow)
    )
    query = select(PermohonanRow, ~waiting).order_by(PermohonanRow.record_id).execution_options(yield_per=500)
    with reading() as session:
        for row, acknowledged in session.execute(query):
            found = events(session, row.record_id)
            yield {
                "record_id": row.record_id,
                "tracking_code": row.code,
                "series": row.series,
                "service": row.service,
                "status": row.status,
                "entries": len(found),
                "content_sha256": content_sha256(found),
                "acknowledged": bool(acknowledged),
            }
