"""The counter's own small words: papers, steps, tones, rows of a person. Knows wording only."""

from __future__ import annotations

from datetime import date

from layanan.nik import NikOverride, absent_label, grouped, read_nik
from layanan.person import RELATIONS, SELF, Person, PersonalPart, relation_label
from layanan.status import Status
from web_base.formats import tanggal
from web_base.tongue import _

Rows = list[tuple[str, str]]
MARKS = ("asli", "ditinggal", "belum")
PRIORITIES = ("lansia", "disabilitas", "hamil", "anak", "bencana")
_TONES = {
    Status.SELESAI: "ok", Status.DIAMBIL: "ok", Status.DIKEMBALIKAN: "wait", Status.MENUNGGU_BAYAR: "wait",
    Status.MENUNGGU_HADIR: "wait", Status.DITOLAK: "bad", Status.DIBATALKAN: "plain", Status.KEDALUWARSA: "plain",
}  # fmt: skip


def mark_choices() -> Rows:
    """The three answers for a paper, short enough for three buttons beside each other."""
    return list(zip(MARKS, (_("asli"), _("ditinggal"), _("belum ada")), strict=True))


def mark_label(mark: str) -> str:
    """One answer in words."""
    words = {
        "asli": _("asli dilihat, dikembalikan"),
        "ditinggal": _("ditinggal di gerai"),
        "belum": _("belum ada"),
    }
    return words.get(mark, mark)


def priority_choices() -> Rows:
    """Groups served first (Permenpan RB 11/2024), by the operator's eye."""
    words = (_("Lanjut usia"), _("Penyandang disabilitas"), _("Hamil atau menyusui"), _("Bersama anak kecil"),
             _("Korban bencana"))  # fmt: skip
    return list(zip(PRIORITIES, words, strict=True))


def step_names() -> list[str]:
    """The four pages of a request."""
    return [_("Layanan"), _("Berkas"), _("Orang"), _("Periksa")]


def tone(status: Status) -> str:
    """The colour family of a status badge."""
    return _TONES.get(status, "info")


def override_label(reason: NikOverride) -> str:
    """Why an unusual NIK is right, as the form offers it."""
    words = {
        NikOverride.KTP: _("sesuai KTP-el"),
        NikOverride.KK: _("sesuai KK"),
        NikOverride.LAIN: _("lainnya"),
    }
    return words[reason]


def spoken_phone(phone: str) -> str:
    """A number in groups as it is read aloud and dialled here: 0812 3456 7890."""
    digits = "0" + phone.removeprefix("+62") if phone.startswith("+62") else phone
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def nik_says(nik: str | None, on: date) -> str:
    """What a NIK tells, to be compared with the person and the card; a reading, so it is stored and printed nowhere."""
    reading = read_nik(nik or "", on=on)
    if not nik or reading.birth_date is None:
        return ""
    sex = _("perempuan") if reading.sex == "P" else _("laki-laki")
    place = reading.district or reading.regency or reading.province
    return ", ".join(filter(None, (sex, _("lahir %(day)s", day=tanggal(reading.birth_date, weekday=False)), place)))


def person_rows(person: Person, on: date) -> Rows:
    """One person for reading aloud; a missing number says why."""
    reason = absent_label(person.nik_absent or "")
    return [
        (_("NIK"), grouped(person.nik) if person.nik else _("belum ada: %(reason)s", reason=reason)),
        (_("Menurut NIK"), nik_says(person.nik, on)),
        (_("Nama"), person.name),
        (_("Catatan NIK"), person.nik_override or ""),
        (_("Alamat"), person.address),
        (_("Telepon"), spoken_phone(person.phone) if person.phone else _("tidak ada")),
    ]


def people(part: PersonalPart, on: date) -> list[tuple[str, Rows]]:
    """Everybody in a personal part, each under a heading."""
    notes = [(_("Catatan"), part.notes)] if part.notes else []
    if part.subjek is None:
        return [(_("Pemohon, untuk dirinya sendiri"), person_rows(part.pemohon, on) + notes)]
    relation = relation_label(part.relation)
    return [
        (_("Pemohon"), person_rows(part.pemohon, on) + notes),
        (_("Dokumen ini untuk: %(relation)s", relation=relation), person_rows(part.subjek, on)),
    ]


def relation_choices(*, others_only: bool = False) -> Rows:
    """The relations of the form; without *diri sendiri* where somebody else is meant."""
    return [(code, relation_label(code)) for code in RELATIONS if not (others_only and code == SELF)]
