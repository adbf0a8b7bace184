"""Finding a service and reading what it needs. Knows the catalogue; refuses to know people and requests."""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.service import OutpostRole, Service, catalogue
from offline_db.catalogue import by_agency, search
from offline_db.permohonan_list import names_permohonan
from offline_db.visits import count_visit as count_one
from pasar.guard import operator, typed
from pasar.stall import stall
from pasar.words import lama, step_names
from web_base.tongue import _

bp = Blueprint("layanan", __name__, url_prefix="/layanan")
bp.add_app_template_filter(lama)
MOST = 10
LONGEST_WORDS = 200


@bp.get("")
def search_page() -> ResponseReturnValue:
    """What fits the words, best first; a code or number of a receipt leads to its request."""
    words = request.args.get("q", "")[:LONGEST_WORDS].strip()
    if names_permohonan(words, stall().clock.today()):
        return redirect(url_for("permohonan.list_page", q=words), 303)
    if not words:
        return redirect(url_for("layanan.agencies_page"), 303)
    heading = _("Layanan yang cocok")
    return render_template("pasar/search.html", heading=heading, words=words, services=search(words, MOST))


@bp.get("/instansi")
def agencies_page() -> ResponseReturnValue:
    """All agencies with the number of their services."""
    book = catalogue()
    counts = [(agency, sum(s.agency == agency.code for s in book.services)) for agency in book.agencies]
    shown = sorted(((a, n) for a, n in counts if n), key=lambda pair: (-pair[1], pair[0].name))
    return render_template("pasar/search.html", heading=_("Pilih instansi"), words="", agencies=shown)


@bp.get("/instansi/<agency>")
def agency_page(agency: str) -> ResponseReturnValue:
    """One agency's services."""
    office = catalogue().agency(agency)
    return render_template("pasar/search.html", heading=office.name, words="", services=by_agency(office.code))


@bp.get("/<code>")
def page(code: str) -> ResponseReturnValue:
    """One service: papers, fee, duration, promise; a button to apply, or to count a visit. Every opening has its id."""
    service = catalogue().service(code)
    agency = catalogue().agency(service.agency)
    return render_template(
        "pasar/service.html", service=service, agency=agency, record_id=uuid4(), steps=step_names(),
        place="" if service.opens_permohonan else _place(service, agency.name), help=_help(service),
    )  # fmt: skip


@bp.post("/<code>/kunjungan")
def count_visit(code: str) -> ResponseReturnValue:
    """One tap counts somebody who was told what to bring; nothing about the person is stored."""
    service = catalogue().service(code)
    count_one(typed().get("kunjungan", ""), service, stall().desk(operator()))
    flash(_("Kunjungan dicatat."), "ok")
    return redirect(url_for("home.page"), 303)


def _place(service: Service, agency: str) -> str:
    if service.role is OutpostRole.APPOINT:
        return _("%(agency)s di MPP; gerai membantu membuat janji.", agency=agency)
    return _("Sistem %(agency)s; petugas gerai membantu mengisi.", agency=agency)


def _help(service: Service) -> str:
    if service.role is OutpostRole.APPOINT:
        return _("Terangkan syaratnya, lalu buatkan janji datang ke MPP.")
    return _("Bantu orangnya mengajukan sendiri di sistem instansi; terangkan syaratnya dulu.")
