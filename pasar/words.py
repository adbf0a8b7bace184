"""The counter's own small words: durations, papers, steps, tones, rows of a person. Knows wording only."""

from __future__ import annotations

from layanan.nik import NIK_ABSENT_REASONS
from layanan.person import RELATIONS, SELF, Person, PersonalPart
from layanan.service import Service
from layanan.status import Status
from web_base.tongue import _

Rows = list[tuple[str, str]]
MARKS = ("asli", "ditinggal", "belum")
PRIORITIES = ("lansia", "disabilitas", "hamil", "anak", "bencana")
_TONES = {
    Status.SELESAI: "ok", Status.DIAMBIL: "ok", Status.DIKEMBALIKAN: "wait", Status.MENUNGGU_BAYAR: "wait",
    Status.MENUNGGU_HADIR: "wait", Status.DITOLAK: "bad", Status.DIBATALKAN: "plain", Status.KEDALUWARSA: "plain",
}  # fmt: skip


def lama(service: Service) -> str:
    """The promised duration: working days since the file is complete (UU 25/2009), never a date."""
    if service.sla_days is None:
        return service.sla_note or _("sesuai ketentuan instansi")
    if service.sla_days == 0:
        return _("hari yang sama sejak berkas dinyatakan lengkap")
    return _("%(days)s hari kerja sejak berkas dinyatakan lengkap", days=service.sla_days)


def mark_choices() -> Rows:
    """The three answers for a paper, short enough for three buttons beside each other."""
    return list(zip(MARKS, (_("asli dilihat"), _("ditinggal di gerai"), _("belum ada")), strict=True))


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


def person_rows(person: Person) -> Rows:
    """One person for reading aloud; a missing number says why."""
    reason = NIK_ABSENT_REASONS.get(person.nik_absent or "", "")
    return [
        (_("Nama"), person.name),
        (_("NIK"), person.nik or _("belum ada: %(reason)s", reason=reason)),
        (_("Catatan NIK"), person.nik_override or ""),
        (_("Telepon"), person.phone or _("tidak ada")),
        (_("Alamat"), person.address),
    ]


def people(part: PersonalPart) -> list[tuple[str, Rows]]:
    """Everybody in a personal part, each under a heading."""
    notes = [(_("Catatan"), part.notes)] if part.notes else []
    if part.subjek is None:
        return [(_("Pemohon, untuk dirinya sendiri"), person_rows(part.pemohon) + notes)]
    relation = RELATIONS.get(part.relation, part.relation)
    return [
        (_("Pemohon"), person_rows(part.pemohon) + notes),
        (_("Dokumen ini untuk: %(relation)s", relation=relation), person_rows(part.subjek)),
    ]


def relation_choices(*, others_only: bool = False) -> Rows:
    """The relations of the form; without *diri sendiri* where somebody else is meant."""
    return [(code, label) for code, label in RELATIONS.items() if not (others_only and code == SELF)]
