"""Today's list, the search in it, and one request's page. Knows rows and their history; refuses to change anything."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.permohonan import Kind, Step
from layanan.problems import Refused
from layanan.service import catalogue
from layanan.status import MEANINGS, Status, shown
from layanan.tracking import spoken
from offline_db.models import PermohonanRow
from offline_db.permohonan import life, personal
from offline_db.permohonan_list import search
from pasar.contact import contact_card
from pasar.receipt import known
from pasar.stall import stall
from pasar.words import mark_label, people, tone
from sync.entry import read_time
from web_base.formats import jam, waktu
from web_base.informasi import lama
from web_base.tongue import _, as_written

bp = Blueprint("permohonan", __name__, url_prefix="/permohonan")
LONGEST_WORDS = 600
FILTERS = ("", Status.SELESAI, Status.DIKEMBALIKAN, Status.MENUNGGU_HADIR)


@dataclass(frozen=True)
class Line:
    """One row as lists and pages show it: masked, in words."""

    record_id: str
    series: str
    spoken: str
    masked: str
    service: str
    time: str
    label: str
    tone: str


@bp.get("")
def list_page() -> ResponseReturnValue:
    """Today's requests, those of one status, or what a code, a series number or four digits find."""
    words = request.args.get("q", "")[:LONGEST_WORDS].strip()
    chosen = request.args.get("status", "")
    number = max(1, request.args.get("hal", 1, type=int))
    found = search(words, stall().clock.today(), number, status=chosen if chosen in FILTERS else "")
    if words and len(found.rows) == 1 and number == 1:
        return redirect(url_for("permohonan.page", record_id=found.rows[0].record_id), 303)
    return render_template(
        "pasar/list.html", heading=_heading(words, chosen), words=words, chosen=chosen, filters=_filters(),
        rows=[line(row) for row in found.rows], nothing=_nothing(words),
        previous=_turn(words, chosen, number - 1) if number > 1 else "",
        next=_turn(words, chosen, number + 1) if found.more else "",
    )  # fmt: skip


@bp.get("/<uuid:record_id>")
def page(record_id: UUID) -> ResponseReturnValue:
    """Everything the stall knows of one request, and what may be done with it now."""
    row = known(record_id)
    service, status = catalogue().service(row.service), _status(row)
    state = life(row.record_id)
    part = personal(row.record_id, stall().keys)
    zone, names = stall().clock.zone, service.requirements
    steps = [_step(step, zone) for step in reversed(state.history)]
    return render_template(
        "pasar/one.html", row=line(row), duration=lama(service), acts=_acts(row), history=steps,
        sentence=MEANINGS[status].sentence(row.slots or {}), people=people(part, stall().clock.today()) if part else [],
        flags=[_why(step) for step in state.flagged], contact=contact_card(row),
        papers=[(as_written(names[i]), mark_label(mark)) for i, mark in row.papers if i < len(names)],
    )  # fmt: skip


def line(row: PermohonanRow) -> Line:
    """One row in words; the time alone when it is of today."""
    status, at, zone = _status(row), read_time(row.accepted_at), stall().clock.zone
    today = row.day == stall().clock.today().isoformat()
    return Line(
        row.record_id, row.series, spoken(row.code), row.masked, catalogue().service(row.service).called,
        jam(at, zone) if today else waktu(at, zone), MEANINGS[status].label, tone(status),
    )  # fmt: skip


def _turn(words: str, chosen: str, number: int) -> str:
    return url_for("permohonan.list_page", hal=number, q=words or None, status=chosen or None)


def _status(row: PermohonanRow) -> Status:
    return shown(Status(row.status), row.delivered)


def _acts(row: PermohonanRow) -> list[tuple[str, str, str]]:
    """What the status allows, the likeliest first."""
    status = Status(row.status)

    def page(name: str) -> str:
        return url_for(name, record_id=row.record_id)

    acts = [(_("Tanda terima"), "secondary", page("receipt.page"))]
    if status is Status.SELESAI:
        acts.insert(0, (_("Serahkan dokumen"), "", page("permohonan_changes.hand_over_page")))
    if status is Status.DIKEMBALIKAN:
        acts.insert(0, (_("Lengkapi dan kirim lagi"), "", page("permohonan_changes.amend_page")))
    elif not MEANINGS[status].terminal:
        acts.append((_("Ubah"), "secondary", page("permohonan_changes.amend_page")))
    if status not in (Status.SELESAI, Status.TTD) and not MEANINGS[status].terminal:
        acts.append((_("Batalkan"), "danger", page("permohonan_changes.cancel_page")))
    return acts


def _step(step: Step, zone: str) -> dict[str, str]:
    return {"text": _told(step), "time": waktu(read_time(step.at), zone), "why": _why(step) if step.why else ""}


def _told(step: Step) -> str:
    words = {
        Kind.ACCEPTED: _("Diterima di gerai."),
        Kind.AMENDED: _("Data diubah di gerai."),
        Kind.ATTACHED: _("Foto ditambahkan."),
        Kind.CANCELLED: _("Dibatalkan atas permintaan pemohon."),
        Kind.HANDED_OVER: _("Dokumen diserahkan."),
        Kind.SLIP: _("MPP mengirim nama untuk penyerahan."),
        Kind.ERASED: _("Data pribadi dihapus oleh MPP."),
    }
    if step.kind == Kind.AMENDED and step.fields.get("resubmitted"):
        return _("Dilengkapi dan dikirim lagi.")
    if step.kind == Kind.STATUS and step.status in list(Status):
        slots = step.fields.get("slots")
        return MEANINGS[Status(step.status)].sentence(slots if isinstance(slots, dict) else {})
    return words.get(step.kind, _("Catatan lain."))  # type: ignore[call-overload,no-any-return]


def _why(step: Step) -> str:
    """Why an entry did not count, for the person who must look."""
    words = {
        "crossed": _("MPP dan gerai mengubah permohonan ini bersamaan. Keputusan MPP yang berlaku; pastikan ke MPP."),
        "status_forbids": _("Langkah gerai ini datang setelah MPP memutuskan lain, jadi tidak berlaku."),
        "already_closed": _("Perubahan ini datang setelah permohonan ditutup, jadi tidak berlaku."),
        "not_returned": _("Dikirim lagi padahal tidak sedang dikembalikan; perubahan datanya tetap dicatat."),
        "accepted_twice": _("Tercatat diterima dua kali; yang pertama yang berlaku."),
    }
    return words.get(step.why, _("Catatan ini tidak dikenal versi gerai ini. Perbarui programnya."))


def _filters() -> list[tuple[str, str]]:
    words = (_("Hari ini"), _("Siap diambil"), _("Perlu dilengkapi"), _("Perlu hadir"))
    return [(str(status), word) for status, word in zip(FILTERS, words, strict=True)]


def _heading(words: str, chosen: str) -> str:
    if words:
        return _("Hasil pencarian")
    return MEANINGS[Status(chosen)].label if chosen in FILTERS and chosen else _("Permohonan hari ini")


def _nothing(words: str) -> str:
    if words:
        return _("Tidak ditemukan di gerai ini. Periksa kode atau nomor urutnya.")
    return _("Belum ada.")


def require(row: PermohonanRow, *statuses: Status) -> None:
    """Raise Refused("status_forbids") unless the row stands at one of these."""
    if Status(row.status) not in statuses:
        raise Refused("status_forbids")
