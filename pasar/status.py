"""The shopper's page at the stall: what this stall knows of a code, as of the last time headquarters was heard.

Knows rows and public names; refuses to show a person, and names health and criminal matters by their agency only.
"""

from __future__ import annotations

from datetime import datetime

from layanan.service import catalogue
from layanan.status import MEANINGS, Status, shown
from layanan.tracking import read_code, spoken
from offline_db.models import PermohonanRow
from offline_db.outbox import last_sync
from offline_db.permohonan import by_code, life
from offline_db.typed import present_grant
from pasar.receipt import marked
from pasar.stall import stall
from pasar.words import tone
from sync.entry import read_time
from web_base.status_page import Contact, Outcome, StatusView
from web_base.tongue import _


def look_up(text: str) -> StatusView | None:
    """What a shopper may see of the code in `text`; None when this stall has never stored it."""
    row = by_code(read_code(text))
    return None if row is None else view(row)


def contact() -> Contact:
    """Whom a shopper may ask."""
    given = present_grant()
    return Contact(given.phone, given.complaint, given.official_domain) if given else Contact()


def view(row: PermohonanRow) -> StatusView:
    """The public face of a row; an erased one shows its status and nothing else."""
    given, status = stall().granted(), shown(Status(row.status), row.delivered)
    return StatusView(
        outcome=Outcome.FOUND, code=spoken(row.code), per=per(row), zone=given.zone,
        title=catalogue().public_name(row.service), status=MEANINGS[status].label, tone=tone(status),
        sentence=MEANINGS[status].sentence(row.slots or {}), series=row.series, stall=given.stall_name,
        advice=_advice(row, status), history=_history(row),
    )  # fmt: skip


def per(row: PermohonanRow) -> datetime:
    """The moment this was true: for what came from headquarters the last answer, else what was stored here."""
    last = last_sync()
    heard = last.answered_at if last else None
    stored = read_time(row.updated_at)
    return max(heard, stored) if heard else stored


def _advice(row: PermohonanRow, status: Status) -> tuple[str, ...]:
    missing = marked(row, "belum")
    if not missing or status not in (Status.DITERIMA, Status.TERKIRIM):
        return ()
    return (_("Masih harus dibawa: %(papers)s.", papers="; ".join(missing)),)


def _history(row: PermohonanRow) -> tuple[tuple[str, datetime], ...]:
    steps: list[tuple[str, datetime]] = []
    last = ""
    for step in life(row.record_id).history:
        if not step.why and step.status != last:
            steps.append((MEANINGS[Status(step.status)].label, read_time(step.at)))
            last = step.status
    return tuple(reversed(steps))
