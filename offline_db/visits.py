"""Knows how many people asked about services the stall does not take; refuses to know who they were."""

from sqlalchemy import func, insert, select

from layanan.service import Service
from offline_db.base import db, writing
from offline_db.models import VisitRow, run, table
from offline_db.own_log import Desk
from offline_db.shift import local_day


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
