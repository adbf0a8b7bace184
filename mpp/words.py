"""Knows how states, steps and persons are worded on headquarters' pages; refuses to know where they come from."""

from collections.abc import Mapping
from datetime import date

from layanan.nik import absent_label
from layanan.permohonan import Kind, Step
from layanan.person import Person, PersonalPart, relation_label
from layanan.problems import Refused
from layanan.service import catalogue
from layanan.status import MEANINGS, Clock, Status, shown
from mpp.db.access import REASONS
from web_base.formats import tanggal
from web_base.tongue import _

Headed = tuple[str, list[tuple[str, str]]]
"""A heading and its rows of label and text."""

_TONES = {Status.SELESAI: "ok", Status.DIAMBIL: "ok", Status.DITOLAK: "bad"}


def label(status: str) -> str:
    """The status as an officer reads it; what is here has reached the MPP."""
    return MEANINGS[shown(Status(status), delivered=True)].label


def tone(status: str) -> str:
    """The colour of a status: waiting for the person, in work, done, refused, ended."""
    meaning = MEANINGS[Status(status)]
    if meaning.clock is Clock.PAUSED:
        return "wait"
    return _TONES.get(meaning.status, "plain" if meaning.terminal else "info")


def service_name(code: str) -> str:
    """The service's name for officers; its code when this catalogue does not know it."""
    try:
        return catalogue().service(code).called
    except Refused:
        return code


def agency_name(code: str | None) -> str:
    """The agency's name; None is the office that runs the MPP."""
    try:
        return catalogue().agency(code).called if code else _("Pengelola MPP")
    except Refused:
        return code or ""


def day(iso: str) -> str:
    """A stored day for people; empty stays empty."""
    return tanggal(date.fromisoformat(iso)) if iso else ""


def step_text(step: Step) -> str:
    """One line of the history: what happened, and what was said with it."""
    if step.kind == Kind.STATUS:
        slots = step.fields.get("slots")
        named = {str(k): str(v) for k, v in slots.items()} if isinstance(slots, Mapping) else {}
        said = "; ".join(named.values())
        return f"{label(step.status)}: {said}" if said else label(step.status)
    if step.kind == Kind.HANDED_OVER:
        return _handed_over(step.fields)
    return _act(step.kind)


def _handed_over(fields: Mapping[str, object]) -> str:
    """To whom; a helper's name is sealed."""
    if fields.get("to") != "wakil":
        return _("Dokumen diserahkan di gerai kepada pemohon")
    named = relation(str(fields.get("relation", "")))
    return _("Dokumen diserahkan di gerai kepada wakil (%(relation)s)", relation=named)


def _act(kind: str) -> str:
    acts = {
        Kind.ACCEPTED: _("Diterima di gerai"),
        Kind.AMENDED: _("Diperbaiki di gerai"),
        Kind.ATTACHED: _("Lampiran ditambahkan di gerai"),
        Kind.CANCELLED: _("Dibatalkan pemohon di gerai"),
        Kind.RATED: _("Pemohon memberi penilaian"),
        Kind.SLIP: _("Nama dikirim ke gerai untuk memanggil pemohon"),
        Kind.ERASED: _("Data pribadi dihapus"),
    }
    return acts.get(Kind(kind), kind) if kind in set(Kind) else kind


def slot_label(name: str) -> str:
    """What a decision's field asks for, as the sentence about its absence begins."""
    labels = {
        "kurang": _("Berkas yang kurang"),
        "biaya": _("Biaya resmi"),
        "kode": _("Kode bayar"),
        "keperluan": _("Keperluan datang"),
        "tempat": _("Tempat mengambil"),
        "alasan": _("Alasan"),
    }
    return labels.get(name, name)


def flag_text(why: str) -> str:
    """Why an entry had no effect, or crossed another person's act."""
    reasons = {
        "accepted_twice": _("Diterima dua kali; yang pertama yang berlaku."),
        "already_closed": _("Gerai mengubah setelah permohonan ditutup; perubahan itu tidak berlaku."),
        "not_returned": _("Gerai mengirim perbaikan, padahal tidak sedang dikembalikan; status tidak berubah."),
        "status_forbids": _("Langkah gerai tidak cocok dengan status saat itu; status tidak berubah."),
        "crossed": _("Gerai dan petugas bertindak bersamaan. Periksa apakah keputusan ini masih tepat."),
        "unknown_status": _("Status ini dari versi yang lebih baru."),
    }
    return reasons.get(why, why)


def reason_text(code: str) -> str:
    """Why personal data was opened."""
    reasons = {
        "periksa": _("Memeriksa berkas permohonan"),
        "hubungi": _("Menghubungi pemohon"),
        "terbitkan": _("Menerbitkan dokumen"),
        "aduan": _("Menangani pengaduan"),
        "hak": _("Permintaan pemilik data (UU 27/2022)"),
    }
    return reasons.get(code, code)


def reason_choices() -> list[tuple[str, str]]:
    """Every reason with its words."""
    return [(code, reason_text(code)) for code in REASONS]


def relation(code: str) -> str:
    """What the subjek is to the pemohon."""
    return relation_label(code)


def people(part: PersonalPart) -> list[Headed]:
    """Who asks and whose document it is, as headed rows."""
    rows = [(_("Pemohon"), _person(part.pemohon))]
    if part.subjek:
        rows.append((_("Pemilik dokumen (%(relation)s)", relation=relation(part.relation)), _person(part.subjek)))
    if part.notes:
        rows.append((_("Catatan"), [(_("Dari gerai"), part.notes)]))
    return rows


def taken_by(taker: PersonalPart) -> Headed:
    """Who took the document, as a headed row."""
    return _("Yang mengambil (%(relation)s)", relation=relation(taker.relation)), [(_("Nama"), taker.pemohon.name)]


def _person(person: Person) -> list[tuple[str, str]]:
    absent = absent_label(person.nik_absent or "")
    return [
        (_("Nama"), person.name),
        (_("NIK"), person.nik or _("belum ada: %(why)s", why=absent)),
        (_("Telepon"), person.phone or ""),
        (_("Alamat"), person.address),
        (_("NIK dipastikan"), person.nik_override or ""),
    ]
