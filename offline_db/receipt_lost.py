"""Knows how a request is found for somebody whose receipt is gone, and who did so; refuses to keep what was asked.

The stall can read no names. The first letters of a name, a service and some days leave a few requests; the slip or the
identity card decides which is meant.
"""

from datetime import date, timedelta

from sqlalchemy import Index, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from layanan.person import masked_name
from offline_db.base import Base, db, writing
from offline_db.models import PermohonanRow, run, table
from offline_db.own_log import Desk
from offline_db.shift import local_day
from sync.entry import spelled_time

DAYS = 31
"""So many days back are looked through: the cost is theirs, not that of everything stored."""
MOST = 20


class ReceiptLostRow(Base):
    """One request that was opened without its receipt, when and by whom."""

    __tablename__ = "receipt_lost"
    __table_args__ = (Index("receipt_lost_day", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str]
    day: Mapped[str]
    at: Mapped[str]
    operator: Mapped[str]


def look_for(name: str, service: str, until: date) -> list[PermohonanRow]:
    """Return the requests of the last DAYS whose masked name is this one's, newest first, at most MOST.

    `service` may be empty. Another spelling of the name with the same first letters finds the same.
    """
    masked = masked_name(name)
    first = (until - timedelta(days=DAYS)).isoformat()
    within = PermohonanRow.day.between(first, until.isoformat()), PermohonanRow.masked.collate("NOCASE") == masked
    found = select(PermohonanRow).where(*within, *([PermohonanRow.service == service] if service else []))
    return list(db.session.scalars(found.order_by(PermohonanRow.id.desc()).limit(MOST)))


def note_found(record_id: str, desk: Desk) -> None:
    """Log that this request was opened without its receipt. Raises Refused disk_*."""
    day, at = local_day(desk.moment).isoformat(), spelled_time(desk.moment.utc)
    row = {"record_id": record_id, "day": day, "at": at, "operator": desk.operator}
    with writing() as session:
        run(session, insert(table(ReceiptLostRow)), row)


def found_on(day: str) -> int:
    """Return how many were opened on a local day."""
    counted = select(func.count()).select_from(ReceiptLostRow).where(ReceiptLostRow.day == day)
    return db.session.scalar(counted) or 0
