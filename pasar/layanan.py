"""Finding a service and reading what it needs. Knows the catalogue; refuses to know people and requests."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.life_event import life_event, life_events
from layanan.service import OutpostRole, Service, catalogue
from offline_db.catalogue import by_agency, search
from offline_db.permohonan_list import names_permohonan
from offline_db.print_job import PrintJob, last_job
from offline_db.visits import count_visit as count_one
from offline_db.visits import often_asked
from pasar.guard import operator, typed
from pasar.slip import BRING, bring
from pasar.stall import stall
from pasar.ticket import Part
from pasar.words import step_names
from web_base.formats import tanggal
from web_base.informasi import agencies
from web_base.tongue import _, document

bp = Blueprint("layanan", __name__, url_prefix="/layanan")
MOST = 10
FAVOURITES = 8
LONGEST_WORDS = 200


@bp.get("")
def search_page() -> ResponseReturnValue:
    """What fits the words, best first; a code or number of a receipt leads to its request."""
    words = request.args.get("q", "")[:LONGEST_WORDS].strip()
    if names_permohonan(words, stall().clock.today()):
        return redirect(url_for("permohonan.list_page", q=words), 303)
    if not words:
        return render_template("pasar/finder.html", often=often(FAVOURITES), events=life_events())
    heading = _("Layanan yang cocok")
    return render_template("pasar/search.html", heading=heading, words=words, services=search(words, MOST))


def often(most: int) -> list[Service]:
    """What is asked for most at this stall."""
    return [catalogue().service(code) for code in often_asked(most)]


@bp.get("/peristiwa/<event>")
def event_page(event: str) -> ResponseReturnValue:
    """What an event of life brings, in the order it is needed."""
    known = life_event(event)
    return render_template("pasar/search.html", heading=known.called, words="", services=known.services)


@bp.get("/instansi")
def agencies_page() -> ResponseReturnValue:
    """All agencies with the number of their services."""
    return render_template("pasar/search.html", heading=_("Pilih instansi"), words="", agencies=agencies())


@bp.get("/instansi/<agency>")
def agency_page(agency: str) -> ResponseReturnValue:
    """One agency's services."""
    office = catalogue().agency(agency)
    return render_template("pasar/search.html", heading=office.called, words="", services=by_agency(office.code))


@bp.get("/<code>")
def page(code: str) -> ResponseReturnValue:
    """One service: papers, fee, duration, promise; a button to apply, or to count a visit. Every opening has its id."""
    service = catalogue().service(code)
    agency = catalogue().agency(service.agency)
    return render_template(
        "pasar/service.html", service=service, agency=agency, record_id=uuid4(), steps=step_names(),
        place="" if service.opens_permohonan else _place(service, agency.called), help=_help(service),
    )  # fmt: skip


@bp.post("/<code>/kunjungan")
def count_visit(code: str) -> ResponseReturnValue:
    """One tap counts somebody who was told what to bring, and shows the slip; nothing about the person is stored."""
    service = catalogue().service(code)
    count_one(typed().get("kunjungan", ""), service, stall().desk(operator()))
    flash(_("Kunjungan dicatat."), "ok")
    return redirect(url_for("layanan.bring_page", code=code), 303)


@bp.get("/<code>/bawa")
def bring_page(code: str) -> ResponseReturnValue:
    """The slip of what to bring."""
    service = catalogue().service(code)
    return render_template("pasar/bring.html", service=service, parts=_bring(service), job=last_job(BRING, code))


@bp.post("/<code>/bawa")
def print_bring(code: str) -> ResponseReturnValue:
    """The same by the stall's printer."""
    stall().leave_job(BRING, catalogue().service(code).code)
    return redirect(url_for("layanan.bring_page", code=code, _anchor="cetakan"), 303)


def to_print(job: PrintJob) -> Sequence[Part]:
    """What the printer's thread puts on paper for a job of BRING. Raises Refused("service_unknown")."""
    return _bring(catalogue().service(job.reference))


@document()
def _bring(service: Service) -> tuple[Part, ...]:
    agency = catalogue().agency(service.agency)
    place = "" if service.opens_permohonan else _place(service, agency.called)
    return bring(service, agency, stall().granted(), place=place, day=tanggal(stall().clock.today()))


def _place(service: Service, agency: str) -> str:
    if service.role is OutpostRole.APPOINT:
        return _("%(agency)s di MPP; gerai membantu membuat janji.", agency=agency)
    return _("Sistem %(agency)s; petugas gerai membantu mengisi.", agency=agency)


def _help(service: Service) -> str:
    if service.role is OutpostRole.APPOINT:
        return _("Terangkan syaratnya, lalu buatkan janji datang ke MPP.")
    return _("Bantu orangnya mengajukan sendiri di sistem instansi; terangkan syaratnya dulu.")
