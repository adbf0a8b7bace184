"""Knows the one row that says whose database this is; refuses to know keys and stalls."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.problems import Refused
from mpp.db.models import Headquarters
from sync.entry import spelled_time

FACTS: Mapping[str, str] = {
    "name": "Mal Pelayanan Publik",
    "zone": "Asia/Jakarta",
    "complaint": "SP4N-LAPOR! 1708",
    "official_domain": "",
    "phone": "",
    "privacy_contact": "",
}
"""What an office says of itself on receipts and pages, with what stands there until it says so."""


def office(session: Session) -> Headquarters:
    """Return the row. Raises Refused("hq_not_initialised")."""
    row = session.scalars(select(Headquarters)).one_or_none()
    if row is None:
        raise Refused("hq_not_initialised")
    return row


def found_office(session: Session, hq: str, now: datetime) -> Headquarters:
    """Return the row, made if the database is empty. Raises Refused("sync_wrong_hq") for another's database."""
    row = session.scalars(select(Headquarters)).one_or_none()
    if row is None:
        row = Headquarters(
            id=hq, incarnation=1, week=5, created_at=spelled_time(now), phrase_confirmed_at=None, **FACTS
        )
        session.add(row)
    if row.id != hq:
        raise Refused("sync_wrong_hq")
    return row


def confirm_phrase(session: Session, now: datetime) -> None:
    """Note that the recovery phrase is on paper; from now on stalls may enrol."""
    office(session).phrase_confirmed_at = spelled_time(now)
