"""Amend, cancel, hand over: what the counter may still do with a stored request.

Knows the forms and their checks; refuses to judge the life of a request (the fold does) and to edit what was stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from layanan.person import NAME_LENGTH, RELATIONS, SELF, Person, PersonalPart, check_personal
from layanan.problems import FormRefused, Refused
from layanan.status import MEANINGS, Status
from layanan.text import one_line
from offline_db.models import PermohonanRow
from offline_db.permohonan import amend, cancel, hand_over, personal
from offline_db.status_book import slip
from offline_db.typed import catalogue_of
from pasar.guard import operator, paused, typed
from pasar.permohonan import line, require
from pasar.permohonan_form import person_choices
from pasar.permohonan_new import PEMOHON, PERSON_FIELDS, check_papers, paper_field, typed_people
from pasar.receipt import known, marked
from pasar.stall import stall
from pasar.words import mark_choices, relation_choices
from web_base.errors import errors_of
from web_base.tongue import _

bp = Blueprint("permohonan_changes", __name__, url_prefix="/permohonan/<uuid:record_id>")
CANCEL_REASONS = ("berubah_pikiran", "salah_layanan", "urus_sendiri", "lainnya")
WHY_LENGTH = 120


@bp.get("/ubah")
def amend_page(record_id: UUID) -> ResponseReturnValue:
    """The form with what is still readable today; blank where the day's key is gone."""
    row = known(record_id)
    return _amend_form(row, _current(row))


@bp.post("/ubah")
def amend_now(record_id: UUID) -> ResponseReturnValue:
    """Store what differs as a new entry; a returned file goes back to headquarters with it."""
    row = known(record_id)
    before = _current(row)
    now = {**before, **typed()}
    if paused():
        return _amend_form(row, now)
    try:
        patch, people, why = _difference(row, before, now)
    except FormRefused as refused:
        return _amend_form(row, now, errors_of(refused))
    returned = Status(row.status) is Status.DIKEMBALIKAN
    if not patch and people is None and not returned:
        flash(_("Tidak ada yang berubah."), "info")
        return _done(row)
    amend(row.record_id, patch, people, stall().desk(operator()), why=why, resubmitted=returned)
    stall().loop.saved()
    flash(_("Dikirim lagi ke MPP begitu ada sambungan.") if returned else _("Perubahan tersimpan."), "ok")
    return _done(row)


@bp.get("/batal")
def cancel_page(record_id: UUID) -> ResponseReturnValue:
    """Ask before the request ends."""
    return _cancel_form(known(record_id), {})


@bp.post("/batal")
def cancel_now(record_id: UUID) -> ResponseReturnValue:
    """End the request because the person asks for it."""
    row, reason = known(record_id), typed().get("alasan", "")
    wrong = {} if reason in CANCEL_REASONS else {"alasan": Refused("field_missing").sentence()}
    if typed().get("yakin") != "ya":
        wrong["yakin"] = Refused("field_missing").sentence()
    if paused() or wrong:
        return _cancel_form(row, typed(), {} if paused() else wrong)
    cancel(row.record_id, reason, stall().desk(operator()))
    stall().loop.saved()
    flash(_("Permohonan dibatalkan."), "ok")
    return _done(row)


@bp.get("/serahkan")
def hand_over_page(record_id: UUID) -> ResponseReturnValue:
    """Whose document it is, as far as the slip can be opened, and who takes it."""
    return _hand_over_form(known(record_id), {})


@bp.post("/serahkan")
def hand_over_now(record_id: UUID) -> ResponseReturnValue:
    """Record who took the document and whether the papers went back."""
    row, given = known(record_id), typed()
    wrong = {name: Refused(code).sentence() for name, code in _missing(row, given).items()}
    if paused() or wrong:
        return _hand_over_form(row, given, {} if paused() else wrong)
    helped = given["kepada"] == "wakil"
    relation, taker = (given.get("relation", ""), _taker(given)) if helped else (SELF, None)
    back = given.get("papers_back") == "ya"
    hand_over(row.record_id, given["kepada"], relation, back, stall().desk(operator()), taker)
    stall().loop.saved()
    return redirect(url_for("permohonan_changes.handed_over_page", record_id=record_id), 303)


@bp.get("/diserahkan")
def handed_over_page(record_id: UUID) -> ResponseReturnValue:
    """Done; the screen may now be turned for the survey."""
    row = known(record_id)
    require(row, Status.DIAMBIL)
    return render_template("pasar/handed_over.html", row=line(row))


def _done(row: PermohonanRow) -> ResponseReturnValue:
    return redirect(url_for("permohonan.page", record_id=row.record_id), 303)


def _current(row: PermohonanRow) -> dict[str, str]:
    """The form's fields as they stand; only papers when the personal part cannot be opened any more."""
    fields = {paper_field(index): mark for index, mark in row.papers}
    part = personal(row.record_id, stall().keys)
    return fields | (typed_people(part) if part else {"relation": row.relation})


def _difference(
    row: PermohonanRow, before: Mapping[str, str], now: Mapping[str, str]
) -> tuple[dict[str, object], PersonalPart | None, str]:
    """The patch of named fields, the people if anything about them changed, and the reason. Raises FormRefused."""
    service = catalogue_of(row.record_id).service(row.service)
    wrong: dict[str, Refused] = {}
    papers, people, why = None, None, ""
    try:
        papers = check_papers(now, service)
        if any(now.get(name, "") != before.get(name, "") for name in PERSON_FIELDS):
            people = check_personal(now, on=stall().clock.today(), service=service, prefix=PEMOHON)
            people = None if people == personal(row.record_id, stall().keys) else people
    except FormRefused as refused:
        wrong.update(refused.fields)
    try:
        why = one_line(now.get("why", ""), max_length=WHY_LENGTH, field="why")
    except Refused as refused:
        wrong["why"] = refused
    if wrong:
        raise FormRefused(wrong)
    changed = papers is not None and [list(pair) for pair in papers] != [list(pair) for pair in row.papers]
    return ({"papers": [list(pair) for pair in papers or ()]} if changed else {}), people, why


def _missing(row: PermohonanRow, given: Mapping[str, str]) -> dict[str, str]:
    wrong = {}
    if given.get("kepada") not in ("pemohon", "wakil"):
        wrong["kepada"] = "field_missing"
    elif given["kepada"] == "wakil":
        wrong |= _helper_missing(given)
    if marked(row, "ditinggal") and given.get("papers_back") != "ya":
        wrong["papers_back"] = "papers_not_back"
    return wrong


def _helper_missing(given: Mapping[str, str]) -> dict[str, str]:
    wrong = {} if given.get("relation") in RELATIONS else {"relation": "relation_missing"}
    try:
        if not one_line(given.get("wakil", ""), max_length=NAME_LENGTH, field="wakil"):
            wrong["wakil"] = "name_missing"
    except Refused as refused:
        wrong["wakil"] = refused.code
    return wrong


def _taker(given: Mapping[str, str]) -> PersonalPart:
    name = one_line(given["wakil"], max_length=NAME_LENGTH, field="wakil")
    return PersonalPart(Person(name, None, None, None, ""), None, given["relation"], "")


def _amend_form(
    row: PermohonanRow, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    page = render_template(
        "pasar/amend.html", row=line(row), values=values, errors=errors or {}, marks=mark_choices(),
        requirements=catalogue_of(row.record_id).service(row.service).requirements, blank="pemohon_name" not in values,
        returned=Status(row.status) is Status.DIKEMBALIKAN, **person_choices(),
        sentence=MEANINGS[Status(row.status)].sentence(row.slots or {}),
    )  # fmt: skip
    return page, 422 if errors else 200


def _cancel_form(
    row: PermohonanRow, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    words = (_("Berubah pikiran"), _("Salah pilih layanan"), _("Akan mengurus sendiri di instansi"), _("Lainnya"))
    reasons = list(zip(CANCEL_REASONS, words, strict=True))
    page = render_template("pasar/cancel.html", row=line(row), reasons=reasons, values=values, errors=errors or {})
    return page, 422 if errors else 200


def _hand_over_form(
    row: PermohonanRow, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    require(row, Status.SELESAI)
    page = render_template(
        "pasar/hand_over.html", row=line(row), slip=slip(row.record_id, stall().keys), values=values,
        errors=errors or {}, left=marked(row, "ditinggal"), relations=relation_choices(others_only=True),
    )  # fmt: skip
    return page, 422 if errors else 200
