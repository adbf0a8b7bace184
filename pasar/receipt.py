"""The receipt (tanda terima) of a stored request, on screen and on 58 mm paper.

Knows the row and the stall's grant; refuses to know anything sealed, so it can be shown again on any later day.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from layanan.problems import Refused
from layanan.status import MEANINGS, Status
from layanan.tracking import spoken
from offline_db.models import PermohonanRow
from offline_db.permohonan import find
from offline_db.typed import catalogue_of
from pasar.stall import stall
from pasar.words import lama
from sync.entry import read_time
from sync.receipt import qr_text
from web_base.formats import waktu
from web_base.qr import qr_svg
from web_base.tongue import _

bp = Blueprint("receipt", __name__, url_prefix="/permohonan")


@dataclass(frozen=True)
class Paper:
    """Everything that stands on the receipt, ready to print."""

    record_id: str
    stall: str
    place: str
    service: str
    series: str
    code: str
    qr: Markup
    masked: str
    accepted: str
    duration: str
    fee: str
    left: tuple[str, ...]
    missing: tuple[str, ...]
    operator: str
    site: str
    phone: str
    complaint: str
    domain: str
    closed: str


@bp.get("/<uuid:record_id>/tanda-terima")
def page(record_id: UUID) -> ResponseReturnValue:
    """The receipt on screen. It exists exactly when the request is stored."""
    return render_template("pasar/receipt.html", paper=paper(known(record_id)))


@bp.get("/<uuid:record_id>/tanda-terima/cetak")
def print_page(record_id: UUID) -> ResponseReturnValue:
    """The same for a 58 mm roll."""
    return render_template("pasar/receipt_print.html", paper=paper(known(record_id)))


def known(record_id: UUID) -> PermohonanRow:
    """The row of a stored request. Raises Refused("permohonan_unknown")."""
    row = find(str(record_id))
    if row is None:
        raise Refused("permohonan_unknown")
    return row


def marked(row: PermohonanRow, mark: str) -> tuple[str, ...]:
    """The requirements that carry this mark, by name."""
    names = catalogue_of(row.record_id).service(row.service).requirements
    return tuple(names[index] for index, given in row.papers if given == mark and index < len(names))


def paper(row: PermohonanRow) -> Paper:
    """The receipt of a row."""
    grant, service = stall().granted(), catalogue_of(row.record_id).service(row.service)
    qr = qr_text(grant.status_url, row.code, row.device, row.epoch, row.receipt_date, row.receipt_sig)
    ended = Status(row.status) if MEANINGS[Status(row.status)].terminal else None
    return Paper(
        record_id=row.record_id, stall=grant.stall_name, place=grant.place, service=service.name, series=row.series,
        code=spoken(row.code), qr=qr_svg(qr, _("Kode QR tanda terima")), masked=row.masked,
        accepted=waktu(read_time(row.accepted_at), grant.zone), duration=lama(service), fee=service.fee_text,
        left=marked(row, "ditinggal"), missing=marked(row, "belum"), operator=row.operator,
        site=f"{grant.status_url}/c", phone=grant.phone, complaint=grant.complaint, domain=grant.official_domain,
        closed=MEANINGS[ended].label_id if ended else "",
    )  # fmt: skip
