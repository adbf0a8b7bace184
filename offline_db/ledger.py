"""Knows how every record is told in one line for a checker; refuses to know who reads it.

Counted from the entries, never from the rows made of them: otherwise a lost entry could hide behind its row.
"""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from layanan.permohonan import Event, content_sha256
from offline_db.base import reading
from offline_db.models import EntryRow, HqEntryRow, OutboxRow, PermohonanRow
from offline_db.permohonan_row import event_of
from sync.entry import Entry


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
        ours, theirs = _Log(session, EntryRow), _Log(session, HqEntryRow)
        for row, acknowledged in session.execute(query):
            found = ours.events_of(row.record_id) + theirs.events_of(row.record_id)
            yield {
                "record_id": row.record_id,
                "tracking_code": row.code,
                "series": row.series,
                "service": row.service,
                "status": row.status,
                "entries": len({event.hash for event in found}),
                "content_sha256": content_sha256(found),
                "acknowledged": bool(acknowledged),
            }


class _Log:
    """One of the two logs, read once from end to end in the order of its records."""

    def __init__(self, session: Session, log: type[EntryRow] | type[HqEntryRow]) -> None:
        self._hq = log is HqEntryRow
        query = select(log.record_id, log.raw).where(log.record_id.is_not(None)).order_by(log.record_id)
        found = session.execute(query.execution_options(yield_per=500))
        self._groups = groupby(found, key=lambda row: str(row[0]))
        self._next = next(self._groups, None)

    def events_of(self, record_id: str) -> list[Event]:
        """Return the events of a record; records are asked for in rising order."""
        while self._next and self._next[0] < record_id:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != record_id:
            return []
        return [event_of(Entry.decode(raw), self._hq) for _, raw in self._next[1]]
