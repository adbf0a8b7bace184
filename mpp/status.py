"""The shopper's page at headquarters: what a code, or a receipt's QR, says. Refuses to show a person."""

from datetime import datetime

from sqlalchemy.orm import Session

from layanan.permohonan import Permohonan
from layanan.problems import Refused
from layanan.service import catalogue
from layanan.status import MEANINGS, Status
from layanan.tracking import read_code, spoken
from mpp.db.models import PermohonanRow, Stall
from mpp.db.office import office
from mpp.db.permohonan import by_code, folded
from mpp.db.stall import issuer
from mpp.office import Office, utc_now
from mpp.words import label, tone
from sync.entry import read_time
from sync.keys import VerifyKey
from sync.receipt import Receipt, read_qr, verify_receipt
from web_base.status_page import Contact, Outcome, StatusView
from web_base.tongue import _


def look_up(opened: Office, text: str) -> StatusView | None:
    """Return what a shopper may see; of a receipt that has not arrived, whether one of our stalls issued it.

    Raises Refused("code_invalid").
    """
    code = read_code(text)
    with opened.database.reading() as session:
        row = by_code(session, code)
        if row is not None:
            return _view(session, row)
        receipt = read_qr(text)
        return _unreceived(session, receipt) if receipt else None


def contact(opened: Office) -> Contact:
    """Whom a shopper may ask."""
    with opened.database.reading() as session:
        about = office(session)
    return Contact(about.phone, about.complaint, about.official_domain)


def _view(session: Session, row: PermohonanRow) -> StatusView:
    state, stall = folded(session, row.record_id), session.get(Stall, row.stall)
    name = stall.name if stall else ""
    return StatusView(
        outcome=Outcome.FOUND, code=spoken(row.code), per=utc_now(), zone=office(session).zone,
        title=_public_name(row.service) or name, status=label(row.status), tone=tone(row.status),
        sentence=_sentence(state), series=row.series, stall=name,
        advice=_advice(state), history=_history(state),
    )  # fmt: skip


def _unreceived(session: Session, receipt: Receipt) -> StatusView | None:
    known = issuer(session, receipt.device, receipt.epoch)
    if known is None:
        return None
    device, stall = known
    key = VerifyKey(device.public)
    if not verify_receipt(key, receipt.code, receipt.device, receipt.epoch, receipt.date, receipt.signature):
        return None
    outcome = Outcome.LOST_DEVICE if device.revoked_at else Outcome.GENUINE
    return StatusView(outcome, spoken(receipt.code), utc_now(), office(session).zone, stall=stall.name)


def _public_name(service: str) -> str:
    try:
        return catalogue().public_name(service)
    except Refused:
        return ""


def _sentence(state: Permohonan) -> str:
    status = Status.TERKIRIM if state.status is Status.DITERIMA else state.status
    return MEANINGS[status].sentence(state.slots or {})


def _advice(state: Permohonan) -> tuple[str, ...]:
    """Papers still missing, unless their names would tell what is told to nobody (health, crime)."""
    try:
        service = catalogue().service(state.service)
    except Refused:
        return ()
    names = service.requirements
    missing = [names[n] for n, mark in state.papers if mark == "belum" and 0 <= n < len(names)]
    named = service.public_name("") == service.called
    if state.status is not Status.DITERIMA or not missing or not named:
        return ()
    return (_("Masih harus dibawa: %(papers)s.", papers="; ".join(missing)),)


def _history(state: Permohonan) -> tuple[tuple[str, datetime], ...]:
    steps: list[tuple[str, datetime]] = []
    last = ""
    for step in state.history:
        if not step.why and step.status != last:
            steps.append((label(step.status), read_time(step.at)))
            last = step.status
    return tuple(reversed(steps))
