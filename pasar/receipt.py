"""The receipt (tanda terima) of a stored request: on screen, on 58 mm paper, and copied by hand.

Knows the row and the stall's grant; refuses to know anything sealed, so it can be shown again on any later day.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from layanan.status import MEANINGS, Status
from layanan.tracking import same_signs, spoken
from offline_db.antrean import number_of
from offline_db.models import PermohonanRow
from offline_db.permohonan import find, life
from offline_db.print_job import PrintJob, PrintState, ask_print, last_job
from offline_db.typed import catalogue_of
from pasar.guard import typed
from pasar.kertas import spoken_time
from pasar.stall import stall
from pasar.ticket import Part, Ticket
from sync.entry import read_time
from sync.receipt import qr_text
from web_base.formats import waktu
from web_base.informasi import lama
from web_base.qr import qr_svg
from web_base.tongue import _, document

bp = Blueprint("receipt", __name__, url_prefix="/permohonan")
KIND = "tanda_terima"
"""The kind of a receipt's print job; its reference is the record's id."""


@bp.get("/<uuid:record_id>/tanda-terima")
def page(record_id: UUID) -> ResponseReturnValue:
    """The receipt on screen. It exists exactly when the request is stored."""
    shown = _shown(ticket(known(record_id)))
    return render_template("pasar/receipt.html", **shown, job=last_job(KIND, str(record_id)))


@bp.post("/<uuid:record_id>/tanda-terima/cetak")
def print_now(record_id: UUID) -> ResponseReturnValue:
    """Leave a job for the spooler, or hand the receipt to the browser where there is no printer or it was asked for."""
    here, row = stall(), known(record_id)
    if here.spooler is None or request.form.get("lewat") == "peramban":
        ask_print(KIND, row.record_id, here.clock.now(), browser=True)
        return redirect(url_for("receipt.print_page", record_id=record_id, langsung=1), 303)
    here.leave_job(KIND, row.record_id)
    return redirect(url_for("receipt.page", record_id=record_id, _anchor="cetakan"), 303)


@bp.get("/<uuid:record_id>/tanda-terima/cetak")
def print_page(record_id: UUID) -> ResponseReturnValue:
    """The same for the browser's own printing, on a 58 mm roll or whatever paper it has."""
    row = known(record_id)
    shown = _shown(ticket(row, copied=_copied(last_job(KIND, row.record_id))))
    return render_template("pasar/receipt_print.html", **shown, at_once="langsung" in request.args)


@bp.get("/<uuid:record_id>/tanda-terima/salin")
def copy_page(record_id: UUID) -> ResponseReturnValue:
    """The code in huge letters, to be copied by hand where nothing prints."""
    return _copy_page(record_id, "")


@bp.post("/<uuid:record_id>/tanda-terima/salin")
def copied(record_id: UUID) -> ResponseReturnValue:
    """One group was read back from the shopper's own paper: is it the one on the screen?"""
    group = _groups(record_id)[_asked_group(record_id)]
    if not same_signs(typed().get("kelompok", ""), group):
        return _copy_page(record_id, Refused("code_group_differs").sentence())
    flash(_("Cocok. Tulisan pemohon sudah benar."), "ok")
    return redirect(url_for("receipt.page", record_id=record_id), 303)


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


@document()
def ticket(row: PermohonanRow, copied: str = "") -> Ticket:
    """The receipt of a row; `copied` is when a copy of it was asked for."""
    grant, service = stall().granted(), catalogue_of(row.record_id).service(row.service)
    ended = Status(row.status) if MEANINGS[Status(row.status)].terminal else None
    return Ticket(
        record_id=row.record_id, stall=grant.stall_name, place=grant.place, service=service.name, series=row.series,
        code=spoken(row.code), masked=row.masked,
        qr=qr_text(grant.status_url, row.code, row.device, row.epoch, row.receipt_date, row.receipt_sig),
        accepted=waktu(read_time(row.accepted_at), grant.zone), duration=lama(service), fee=service.fee_text,
        left=marked(row, "ditinggal"), missing=marked(row, "belum"), operator=row.operator,
        site=f"{grant.status_url}/c", phone=grant.phone, complaint=grant.complaint, domain=grant.official_domain,
        closed=MEANINGS[ended].label if ended else "", copied=copied, queue=number_of(row.record_id),
        on_paper=spoken_time(life(row.record_id).on_paper),
    )  # fmt: skip


def to_print(job: PrintJob) -> Sequence[Part]:
    """What the spooler puts on paper for a job of KIND. Raises Refused("permohonan_unknown")."""
    return ticket(known(UUID(job.reference)), copied=_at(job) if job.copy else "").parts


@document()
def _shown(shown: Ticket) -> dict[str, object]:
    return {"ticket": shown, "parts": shown.parts, "qr": qr_svg(shown.qr, _("Kode QR tanda terima"))}


@document()
def _at(job: PrintJob) -> str:
    return waktu(job.at, stall().clock.zone)


@document()
def _copied(last: PrintJob | None) -> str:
    """When the paper that the browser prints now is a copy: the time it was asked for."""
    if last is None or last.state in (PrintState.FAILED, PrintState.QUEUED):
        return ""
    if last.state is PrintState.BROWSER:
        return _at(last) if last.copy else ""
    return waktu(stall().clock.now(), stall().clock.zone)


def _copy_page(record_id: UUID, error: str) -> ResponseReturnValue:
    ordinals = (_("pertama"), _("kedua"), _("ketiga"))
    return render_template(
        "pasar/receipt_copy.html", ticket=ticket(known(record_id)), groups=_groups(record_id),
        asked=ordinals[_asked_group(record_id)], errors={"kelompok": error} if error else {},
    )  # fmt: skip


def _groups(record_id: UUID) -> list[str]:
    return spoken(known(record_id).code).split("-")


def _asked_group(record_id: UUID) -> int:
    """Not always the same group, and for one receipt always the same."""
    return record_id.int % 3
