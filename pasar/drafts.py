"""Forms that are not saved yet: kept while somebody types, listed for the operator who typed, gone on with or dropped.

Knows which page a form needs next; refuses to know how a draft is sealed and what a phone did to bring it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.person import masked_name
from layanan.problems import FormRefused, Refused, told
from layanan.service import catalogue
from offline_db.drafts import Origin, Unfinished, drop_draft, keep_typed, revision, unfinished
from offline_db.parcels import ParcelState, settled_since, waiting_for
from pasar.guard import operator
from pasar.permohonan_new import MARKED, PEMOHON, check_papers, check_people, marked_list, typed_fields
from pasar.stall import stall
from web_base.errors import for_programs
from web_base.formats import jam
from web_base.tongue import _

bp = Blueprint("drafts", __name__, url_prefix="/permohonan")
bp.add_app_template_filter(marked_list)
NOT_TYPED = frozenset({"layanan", "on_paper", "dari", "relation", MARKED})
"""What a form holds without anybody having typed or marked anything."""
NEWS_OF = timedelta(hours=16)


@dataclass(frozen=True)
class Line:
    """One unfinished form as the list shows it."""

    record_id: str
    service: str
    masked: str
    at: datetime
    from_phone: bool
    onward: str


@bp.post("/baru/<uuid:record_id>/draf")
@for_programs
def keep(record_id: UUID) -> ResponseReturnValue:
    """Keep what is typed as it is; nothing is judged. `base`: the revision the page began with; `halaman`, `dibuat`:

    the page's own name and clock, by which a late answer and a late arrival are told from somebody else's typing.
    """
    here, typed = stall(), typed_fields(request.form)
    if "layanan" in typed and not catalogue().service(typed["layanan"]).opens_permohonan:
        raise Refused("service_not_here")
    given = request.form
    origin = Origin(_number(given.get("base")), given.get("halaman", "")[:64], _number(given.get("dibuat")) or 0)
    reached = keep_typed(str(record_id), typed, origin, here.desk(operator()))
    return jsonify(revision=reached, at=jam(here.clock.now(), here.clock.zone).partition(" ")[0])


@bp.get("/draf")
def list_page() -> ResponseReturnValue:
    """This operator's own unfinished forms, and what became of those a phone brought that are none."""
    here = stall()
    since = here.clock.now() - NEWS_OF
    ends = (ParcelState.STORED, ParcelState.REFUSED, ParcelState.UNREADABLE)
    news = [(each, told(each.problem) if each.problem else None) for each in settled_since(operator(), since, ends)]
    return render_template(
        "pasar/drafts.html", lines=list(map(_line, begun(operator()))), news=news, zone=here.clock.zone,
        waiting=len(waiting_for(operator())), locked=here.phones.of(operator()) is None,
    )  # fmt: skip


@bp.post("/draf/<uuid:record_id>/buang")
def drop(record_id: UUID) -> ResponseReturnValue:
    """Throw one's own draft away, after the question was answered."""
    if request.form.get("yakin") == "ya":
        drop_draft(str(record_id), operator())
        flash(_("Isian sudah dibuang."), "ok")
    return redirect(url_for("drafts.list_page"), 303)


@bp.app_template_global("draft_revision")
def draft_revision(record_id: UUID) -> int:
    """How often the draft was kept so far; a page sends it back with what is typed."""
    return revision(str(record_id))


def begun(name: str | None = None) -> list[Unfinished]:
    """The forms in which something is typed or marked, of one operator or of all."""
    return [each for each in unfinished(stall().keys, name) if _anything(each.fields)]


def _anything(fields: Mapping[str, str]) -> bool:
    return any(text for name, text in fields.items() if name not in NOT_TYPED)


def _line(each: Unfinished) -> Line:
    name, onward = each.fields.get(PEMOHON + "name", ""), url_for(_next(each.fields), record_id=each.record_id)
    service, masked = _called(each.fields.get("layanan", "")), masked_name(name) if name else ""
    return Line(each.record_id, service, masked, each.at, each.parcel is not None, onward)


def _called(code: str) -> str:
    """A phone may bring a service that this catalogue no longer has."""
    try:
        return catalogue().public_name(code)
    except Refused:
        return code


def _next(fields: Mapping[str, str]) -> str:
    """The first page of the form that is not whole."""
    try:
        service = catalogue().service(fields.get("layanan", ""))
        check_papers(fields, service)
    except (FormRefused, Refused):
        return "permohonan_form.papers_page"
    try:
        check_people(fields, service, stall().clock.today())
    except FormRefused:
        return "permohonan_form.people_page"
    return "permohonan_form.check_page"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 17 else None
