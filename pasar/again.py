"""What a person has told once today is offered again: another service, or the next of the family.

Knows which fields one request lends to the next while the day's keys open it; refuses to know how a form goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.nik import masked_nik
from layanan.person import SELF, PersonalPart
from layanan.service import Service, catalogue
from offline_db.catalogue import by_agency, search
from offline_db.permohonan import find, personal
from offline_db.told_today import Told
from pasar.guard import operator
from pasar.layanan import often
from pasar.permohonan_new import typed_people
from pasar.receipt import known
from pasar.stall import stall
from web_base.tongue import _

bp = Blueprint("again", __name__, url_prefix="/permohonan/<uuid:record_id>")
SAME, NEW, CARED = "sama", "baru", "diurus"
"""Who comes next: the same people; somebody new; somebody new for whom the same pemohon applies."""
SUBJEK = "subjek"
KEPT = ("pemohon_address", "pemohon_phone")
LONGEST_WORDS = 200
MOST, OFFERED, FAMILY = 10, 8, 8


@dataclass(frozen=True)
class Choice:
    """One person to go on with: the value of the field, the name, and what tells two of one name apart."""

    value: str
    name: str
    remark: str


@bp.get("/lagi")
def same_page(record_id: UUID) -> ResponseReturnValue:
    """Another service for the same people."""
    return _page(record_id, family=False)


@bp.get("/keluarga")
def family_page(record_id: UUID) -> ResponseReturnValue:
    """The next of the family: somebody new, or one who was told today already."""
    return _page(record_id, family=True)


@bp.app_template_test("told_today")
def is_told_today(record_id: str) -> bool:
    """Whether the stall can still read this request: of today, and the day is not closed."""
    row = find(record_id)
    return row is not None and row.form_key in stall().keys


def lent(source: str, who: str) -> dict[str, str]:
    """The fields of the next form, from what `source` (a request of today) told; `who` as the pages above offer it.

    Nothing when the day was closed meanwhile. Notes are never lent: they belong to one request.
    """
    record_id, _slash, place = who.partition("/") if "/" in who else (source, "", who)
    part = personal(record_id, stall().keys)
    if part is None:
        _say_closed()
        return {}
    fields = typed_people(part)
    if place == NEW:
        fields = {name: fields[name] for name in KEPT}
    elif place == CARED:
        fields = {name: text for name, text in fields.items() if name.startswith("pemohon_")} | {"relation": "anak"}
    elif place not in (SAME, SUBJEK):
        fields = {name: text for name, text in fields.items() if name.startswith("pemohon_")} | {"relation": SELF}
    return {name: text for name, text in fields.items() if text and name != "notes"} | {"dari": source}


def told_before(nik: str) -> dict[str, str]:
    """Name, address and phone of whoever gave this NIK today, without prefix; nothing for a stranger."""
    desk = stall().desk(operator())
    told = stall().told.by_nik(nik, desk) if nik else None
    part = personal(told.record_id, desk.keys) if told else None
    person = part and (part.subjek if told and told.subjek else part.pemohon)
    if not person or person.nik != nik:
        return {}
    return {"name": person.name, "address": person.address, "phone": person.phone or ""}


def _page(record_id: UUID, *, family: bool) -> ResponseReturnValue:
    row = known(record_id)
    part = personal(row.record_id, stall().keys)
    if part is None:
        _say_closed()
        return redirect(url_for("permohonan.page", record_id=record_id), 303)
    words = request.args.get("q", "")[:LONGEST_WORDS].strip()
    service = catalogue().service(row.service)
    return render_template(
        "pasar/again.html", row=row, name=part.whose.name, new_id=uuid4(), words=words,
        choices=_choices(row.record_id, part) if family else [], chosen=_chosen(),
        services=_found(words) if words else _offered(service, same_first=family),
    )  # fmt: skip


def _say_closed() -> None:
    flash(_("Data orang ini sudah tertutup di gerai. Isi lagi dari awal."), "wait")


def _chosen() -> str:
    asked = request.args.get("siapa", NEW)
    return asked if asked in (NEW, CARED) else NEW


def _choices(record_id: str, part: PersonalPart) -> list[Choice]:
    first = [
        Choice(NEW, _("Orang baru"), _("alamat dan telepon tetap")),
        Choice(CARED, _("Orang baru, diurus %(name)s", name=part.pemohon.name), _("misalnya anak")),
    ]
    desk = stall().desk(operator())
    family = [_choice(told) for told in stall().told.family(record_id, desk)[:FAMILY]]
    return first + [choice for choice in family if choice]


def _choice(told: Told) -> Choice | None:
    part = personal(told.record_id, stall().keys)
    person = part and (part.subjek if told.subjek else part.pemohon)
    if not person:
        return None
    remark = masked_nik(person.nik) if person.nik else _("tanpa NIK")
    return Choice(f"{told.record_id}/{SUBJEK if told.subjek else 'pemohon'}", person.name, remark)


def _found(words: str) -> list[Service]:
    return [service for service in search(words, MOST) if service.opens_permohonan]


def _offered(service: Service, *, same_first: bool) -> list[Service]:
    """What people ask for beside this service: the same for the next of a family, then the same agency's."""
    likely = [each for each in often(MOST) if each.agency == service.agency] + by_agency(service.agency)
    others = [each for each in likely if each.opens_permohonan and each != service]
    return list(dict.fromkeys([service, *others] if same_first else others))[:OFFERED]
