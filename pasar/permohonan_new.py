"""From raw fields to a checked request: the one reading that the pages and the JSON call share.

Knows field names and the rules of `layanan`; refuses to know pages, drafts and storage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from layanan.person import SUBJEK, PersonalPart, check_personal
from layanan.problems import FormRefused, Refused
from layanan.service import Service
from offline_db.permohonan import NewPermohonan
from pasar.words import MARKS, PRIORITIES

PEMOHON = "pemohon_"
PERSON = ("nik", "nik_again", "nik_override", "nik_absent", "name", "address", "phone")
PERSON_FIELDS = ("relation", *(f"{who}_{name}" for who in ("pemohon", "subjek") for name in PERSON), "notes")
"""In the order of the page, which is that of the KTP."""
AMOUNTS = ("amount", "biaya", "jumlah", "fee")

PAPER, MARKED = "berkas_", "daftar_berkas"
"""How the fields of papers begin, and where a draft keeps to which list its marks belong."""
Papers = tuple[tuple[int, str], ...]


def typed_fields(raw: Mapping[str, str]) -> dict[str, str]:
    """What of this belongs to the form, as typed; signs that no file can hold are left out."""
    known = {"layanan", MARKED, *PERSON_FIELDS}
    return {
        name: text.replace("\0", "").encode("utf-8", "ignore").decode()
        for name, text in raw.items() if name in known or re.fullmatch(PAPER + r"\d{1,2}", name)
    }  # fmt: skip


def paper_field(index: int) -> str:
    """The name of the field of the requirement at this place of the service's list."""
    return f"{PAPER}{index}"


def marked_list(service: Service) -> str:
    """What changes whenever the list of papers does, to which the marks of a draft belong."""
    return sha256("\n".join(service.requirements).encode()).hexdigest()[:16]


def check_papers(raw: Mapping[str, str], service: Service) -> Papers:
    """Every requirement with its mark, in order. Raises FormRefused for each one without an answer."""
    marks = [(index, raw.get(paper_field(index), "")) for index in range(len(service.requirements))]
    wrong = {paper_field(index): Refused("mark_invalid") for index, mark in marks if mark not in MARKS}
    if wrong:
        raise FormRefused(wrong)
    return tuple(marks)


def check_people(raw: Mapping[str, str], service: Service, on: date) -> PersonalPart:
    """The people of the third page. Raises FormRefused with every wrong field of the page at once."""
    odd = {} if raw.get("priority", "") in ("", *PRIORITIES) else {"priority": Refused("field_missing")}
    try:
        personal = check_personal(raw, on=on, service=service, prefix=PEMOHON)
    except FormRefused as refused:
        raise FormRefused({**refused.fields, **odd}) from None
    if odd:
        raise FormRefused(odd)
    return personal


def typed_people(part: PersonalPart) -> dict[str, str]:
    """The fields of the third page from which this part would be read; a NIK that warned is answered for again."""
    fields = {"relation": part.relation, "notes": part.notes}
    for who, person in ((PEMOHON, part.pemohon), (SUBJEK, part.subjek)):
        fields |= {who + name: getattr(person, name, None) or "" for name in PERSON}
        if person and person.nik_override:
            fields[who + "nik_again"] = person.nik or ""
    return fields


def new_permohonan(raw: Mapping[str, str], record_id: str, service: Service, on: date) -> NewPermohonan:
    """The checked request of a whole form.

    Raises FormRefused with every wrong field, Refused("service_not_here") for a service the stall only informs about,
    Refused("amount_not_allowed") when somebody tries to charge for a free one.
    """
    if not service.opens_permohonan:
        raise Refused("service_not_here")
    if service.fee == 0 and any(raw.get(name) for name in AMOUNTS):
        raise Refused("amount_not_allowed")
    unmarked: dict[str, Refused] = {}
    papers: Papers = ()
    try:
        papers = check_papers(raw, service)
    except FormRefused as refused:
        unmarked = refused.fields
    try:
        personal = check_people(raw, service, on)
    except FormRefused as refused:
        raise FormRefused({**unmarked, **refused.fields}) from None
    if unmarked:
        raise FormRefused(unmarked)
    return NewPermohonan(record_id, service, papers, personal, raw.get("priority") or None, raw.get("on_paper", ""))
