"""Knows how many people were told about which service, and what is asked for most; refuses to know who they were."""

from collections import Counter

from sqlalchemy import Index, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from layanan.service import Service, catalogue
from offline_db.base import Base, db, writing
from offline_db.models import PermohonanRow, run, table
from offline_db.own_log import Desk
from offline_db.shift import local_day

NEWEST = 300
"""So many of the newest requests and visits say what is asked for most: the cost does not grow with the rest."""


class VisitRow(Base):
    """One person who asked about a service the stall does not take; nothing about the person."""

    __tablename__ = "visit"
    __table_args__ = (Index("visit_day", "day", "service"),)
    visit_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str]
    service: Mapped[str]


def count_visit(visit_id: str, service: Service, desk: Desk) -> None:
    """Count one person who asked; the same `visit_id` again (a double tap) counts nothing. Raises Refused disk_*."""
    row = {"visit_id": visit_id[:64], "day": local_day(desk.moment).isoformat(), "service": service.code}
    with writing() as session:
        if session.get(VisitRow, row["visit_id"]) is None:
            run(session, insert(table(VisitRow)), row)


def visits(day: str) -> dict[str, int]:
    """Return the people counted on a local day (2026-11-21), by service code."""
    counted = select(VisitRow.service, func.count()).where(VisitRow.day == day).group_by(VisitRow.service)
    return {row[0]: row[1] for row in db.session.execute(counted)}


def often_asked(most: int) -> list[str]:
    """Return the codes of the services this stall is asked for most of late, filled up with those of every market."""
    requests = select(PermohonanRow.service).order_by(PermohonanRow.id.desc()).limit(NEWEST)
    asked = select(VisitRow.service).order_by(VisitRow.day.desc()).limit(NEWEST)
    counted = Counter([*db.session.scalars(requests), *db.session.scalars(asked)])
    known = {service.code for service in catalogue().services}
    usual = [service.code for service in catalogue().services if service.market_default]
    return list(dict.fromkeys([*(code for code, _ in counted.most_common() if code in known), *usual]))[:most]
