"""Knows who opened whose personal data, when and why; refuses to know the data. The log only grows."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.db.models import Access
from sync.entry import spelled_time

REASONS = ("periksa", "hubungi", "terbitkan", "aduan", "hak")
"""Why personal data may be opened, by code; `mpp/words.py` words them."""


def log_access(session: Session, officer: str, record_id: str, reason: str, now: datetime) -> None:
    """Write down that an officer opens a record, before anything of it is shown."""
    session.add(Access(at=spelled_time(now), officer=officer, record_id=record_id, reason=reason))


def accesses(session: Session, record_id: str) -> list[Access]:
    """Return who opened the record, newest first."""
    return list(session.scalars(select(Access).where(Access.record_id == record_id).order_by(Access.id.desc())))
