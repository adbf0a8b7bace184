"""A new request in four pages: service, papers, people, read-back. Every page is GET, and POST that redirects.

Knows the order of the pages and the draft between them; refuses to know how a draft or a request is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from layanan.nik import NIK_ABSENT_REASONS, NikOverride, absent_label, grouped, sixteen_digits
from layanan.person import SUBJEK
from layanan.problems import FormRefused, Refused
from layanan.service import Service, catalogue
from layanan.tracking import spoken
from offline_db.numbers import accepted_on
from offline_db.permohonan import Accepted, NewPermohonan, accept, find
from pasar.again import lent, told_before
from pasar.antrean import note_stored
from pasar.guard import operator, paused, typed
from pasar.kertas import for_next, spoken_time
from pasar.permohonan_new import (
    MARKED,
    PAPER,
    PEMOHON,
    PERSON_FIELDS,
    check_papers,
    check_people,
    marked_list,
    new_permohonan,
    paper_field,
)
from pasar.stall import stall
from pasar.words import mark_choices, mark_label, override_label, people, relation_choices, step_names
from web_base.errors import errors_of
from web_base.tongue import _

bp = Blueprint("permohonan_form", __name__, url_prefix="/permohonan/baru")
bp.add_app_template_filter(grouped, "berempat")
Draft = dict[str, str]


@bp.post("")
def begin() -> ResponseReturnValue:
    """Open the draft of a request; the id came with the service's page, so a second tap opens the same draft."""
    service = catalogue().service(typed().get("layanan", ""))
    if not service.opens_permohonan:
        raise Refused("service_not_here")
    record_id = _uuid(typed().get("record_id", "")) or str(uuid4())
    if find(record_id) is not None:
        return already_stored(record_id)
    if stall().draft(record_id) is None:
        told = lent(typed()["dari"], typed().get("siapa", "")) if typed().get("dari") else {}
        stall().keep_draft(record_id, {"layanan": service.code, "on_paper": for_next(), **told}, operator())
    return redirect(url_for("permohonan_form.papers_page", record_id=record_id), 303)


@bp.get("/<uuid:record_id>/berkas")
def papers_page(record_id: UUID) -> ResponseReturnValue:
    """Second page: each requirement and what became of it."""
    draft = stall().draft(str(record_id))
    return _papers(draft) if draft else already_stored(str(record_id))


@bp.post("/<uuid:record_id>/berkas")
def papers(record_id: UUID) -> ResponseReturnValue:
    """Keep the marks; one button marks what is unanswered as seen and given back. Who is known is not asked again."""
    draft = stall().draft(str(record_id))
    if draft is None:
        return already_stored(str(record_id), changed=True)
    service = catalogue().service(draft["layanan"])
    fields = [paper_field(index) for index in range(len(service.requirements))]
    draft |= _given(fields)
    if paused():
        return _papers(draft)
    if typed().get("semua") == "asli":
        draft |= {field: "asli" for field in fields if not draft.get(field)}
    try:
        check_papers(draft, service)
    except FormRefused as refused:
        return _papers(draft, refused)
    draft[MARKED] = marked_list(service)
    stall().keep_draft(str(record_id), draft, operator())
    page = "permohonan_form.check_page" if _whole(draft, service) else "permohonan_form.people_page"
    return redirect(url_for(page, record_id=record_id), 303)


@bp.get("/<uuid:record_id>/orang")
def people_page(record_id: UUID) -> ResponseReturnValue:
    """Third page: who applies, and for whom."""
    draft = stall().draft(str(record_id))
    return _people(draft) if draft else already_stored(str(record_id))


@bp.post("/<uuid:record_id>/orang")
def people_given(record_id: UUID) -> ResponseReturnValue:
    """Keep the people once every field is right, or as they are on the way back to the papers.

    What is wrong comes back with all that was typed. The NIK of somebody told today is enough.
    """
    draft = stall().draft(str(record_id))
    if draft is None:
        return already_stored(str(record_id), changed=True)
    draft |= _given(PERSON_FIELDS)
    back = typed().get("kembali") == "1"
    if paused():
        return _people(draft)
    draft |= _told(draft)
    try:
        if not back or any("\0" in text for text in draft.values()):
            check_people(draft, catalogue().service(draft["layanan"]), stall().clock.today())
        stall().keep_draft(str(record_id), draft, operator())
    except FormRefused as refused:
        return _people(draft, refused)
    page = "permohonan_form.papers_page" if back else "permohonan_form.check_page"
    return redirect(url_for(page, record_id=record_id), 303)


@bp.get("/<uuid:record_id>/periksa")
def check_page(record_id: UUID) -> ResponseReturnValue:
    """Fourth page: everything read back, and who will hold it (UU 27/2022 art. 21)."""
    draft = stall().draft(str(record_id))
    if draft is None:
        return already_stored(str(record_id))
    service = catalogue().service(draft["layanan"])
    if draft.get(MARKED, marked_list(service)) != marked_list(service):
        return _marked_anew(record_id, draft)
    try:
        new = new_permohonan(draft, str(record_id), service, stall().clock.today())
    except FormRefused as refused:
        return _back_to(record_id, refused)
    return _check(record_id, service, new)


@bp.post("/<uuid:record_id>/periksa")
def save(record_id: UUID) -> ResponseReturnValue:
    """Store the request, then, and only then, show the receipt. Any number of taps store it once."""
    draft = stall().draft(str(record_id))
    if draft is None or paused():
        return already_stored(str(record_id))
    service = catalogue().service(draft["layanan"])
    if draft.get(MARKED, marked_list(service)) != marked_list(service):
        return _marked_anew(record_id, draft)
    try:
        new = new_permohonan(draft, str(record_id), service, stall().clock.today())
    except FormRefused as refused:
        return _back_to(record_id, refused)
    stored = accept(new, stall().desk(operator()))
    note_stored(stored.record_id)
    stall().loop.saved()
    if draft.get("dari"):
        stall().told.follows(stored.record_id, draft["dari"])
    return _receipt(stored)


def _marked_anew(record_id: UUID, draft: Draft) -> ResponseReturnValue:
    """Marks are numbers in the list of papers; headquarters may have published another one meanwhile."""
    kept = {name: value for name, value in draft.items() if name != MARKED and not name.startswith(PAPER)}
    stall().keep_draft(str(record_id), kept, operator())
    flash(_("Daftar berkas layanan ini baru saja diubah MPP. Tandai sekali lagi."), "wait")
    return redirect(url_for("permohonan_form.papers_page", record_id=record_id), 303)


def already_stored(record_id: str, *, changed: bool = False) -> ResponseReturnValue:
    """The answer to a page of a draft that is no more: its receipt, or that there is none. Raises draft_gone."""
    row = find(record_id)
    if row is None:
        raise Refused("draft_gone")
    if not changed:
        flash(_("Permohonan ini sudah tersimpan. Ini tanda terimanya, dengan kode yang sama."), "info")
        return redirect(url_for("receipt.page", record_id=record_id), 303)
    sentence = _("Sudah tersimpan dengan kode %(code)s. Isian yang baru tidak dipakai.", code=spoken(row.code))
    change = url_for("permohonan_changes.amend_page", record_id=record_id)
    flash(Markup('%s <a href="%s">%s</a>') % (sentence, change, _("Ubah permohonan")), "wait")
    return redirect(url_for("permohonan.page", record_id=record_id), 303)


def _receipt(stored: Accepted) -> ResponseReturnValue:
    if stored.differs:
        return already_stored(stored.record_id, changed=True)
    if stored.repeated:
        return already_stored(stored.record_id)
    return redirect(url_for("receipt.page", record_id=stored.record_id), 303)


def _whole(draft: Draft, service: Service) -> bool:
    """Whether nothing is left to ask about the people: told before, or on the way back from the read-back."""
    try:
        check_people(draft, service, stall().clock.today())
    except FormRefused:
        return False
    return True


def _told(draft: Draft) -> Draft:
    """What today's earlier requests say of a person of whom only the NIK was typed."""
    found: Draft = {}
    for who in (PEMOHON, SUBJEK):
        if not draft.get(who + "name"):
            told = told_before(sixteen_digits(draft.get(who + "nik", ""))[0])
            found |= {who + name: text for name, text in told.items() if not draft.get(who + name)}
    return found


def _back_to(record_id: UUID, refused: FormRefused) -> ResponseReturnValue:
    unmarked = any(name.startswith("berkas_") for name in refused.fields)
    page = "permohonan_form.papers_page" if unmarked else "permohonan_form.people_page"
    return redirect(url_for(page, record_id=record_id), 303)


def _papers(draft: Mapping[str, str], refused: FormRefused | None = None) -> ResponseReturnValue:
    page = render_template(
        "pasar/form_papers.html", service=catalogue().service(draft["layanan"]), steps=step_names(), values=draft,
        marks=mark_choices(), errors=errors_of(refused) if refused else {},
    )  # fmt: skip
    return page, 422 if refused else 200


def _people(draft: Mapping[str, str], refused: FormRefused | None = None) -> ResponseReturnValue:
    said = errors_of(refused) if refused else {}
    page = render_template(
        "pasar/form_person.html", service=catalogue().service(draft["layanan"]), steps=step_names(), values=draft,
        errors={name: said[name] for name in PERSON_FIELDS if name in said}, known_hint=_known_hint(),
        **person_choices(),
    )  # fmt: skip
    return page, 422 if refused else 200


def person_choices() -> dict[str, object]:
    """The lists that the fields of a person offer."""
    return {
        "relations": relation_choices(),
        "absent_reasons": [(reason, absent_label(reason)) for reason in NIK_ABSENT_REASONS],
        "override_reasons": [(str(reason), override_label(reason)) for reason in NikOverride],
    }


def _known_hint() -> str:
    today = stall().clock.today().isoformat()
    return _("16 angka. Sudah dicatat hari ini? Cukup NIK, lalu Lanjut.") if accepted_on(today) else ""


def _check(record_id: UUID, service: Service, new: NewPermohonan) -> ResponseReturnValue:
    grant, today = stall().granted(), stall().clock.today()
    return render_template(
        "pasar/form_check.html", service=service, agency=catalogue().agency(service.agency), steps=step_names(),
        papers=[(service.requirements[index], mark_label(mark)) for index, mark in new.papers],
        people=people(new.personal, today), on_paper=spoken_time(new.on_paper),
        papers_url=url_for("permohonan_form.papers_page", record_id=record_id),
        person_url=url_for("permohonan_form.people_page", record_id=record_id),
        stall_name=grant.stall_name, contact=grant.privacy_contact,
    )  # fmt: skip


def _given(names: Iterable[str]) -> Draft:
    return {name: typed()[name] for name in names if name in typed()}


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
