"""Knows who stands at the counter (pemohon) and whose document it is (subjek); refuses to know pages and storage.

Limits keep the personal part under 4 KB sealed, whatever letters are used.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from layanan.nik import NIK_ABSENT_REASONS, NikOverride, NikReading, Severity, read_nik, sixteen_digits
from layanan.phone import read_phone
from layanan.problems import FormRefused, Refused
from layanan.reading import said
from layanan.service import Service
from layanan.text import clean, one_line

NAME_LENGTH = 100
ADDRESS_LENGTH = 200
NOTES_LENGTH = 300
SELF = "diri_sendiri"
SUBJEK = "subjek_"

RELATIONS = {
    SELF: "Diri sendiri",
    "anak": "Anak",
    "orang_tua": "Orang tua",
    "suami_istri": "Suami atau istri",
    "saudara": "Saudara",
    "kuasa": "Pemberi kuasa",
    "lainnya": "Lainnya",
}
"""What the subjek is to the pemohon: code and label."""
_RELATIONS_EN = {
    SELF: "Self",
    "anak": "Child",
    "orang_tua": "Parent",
    "suami_istri": "Husband or wife",
    "saudara": "Brother, sister or relative",
    "kuasa": "Somebody who gave a mandate",
    "lainnya": "Other",
}

_BLOCKED = {"NON_DIGIT": "nik_non_digit", "LENGTH": "nik_length", "ALL_SAME": "nik_all_same"}
_TYPED_AGAIN = frozenset({"PROV_UNKNOWN", "REG_UNKNOWN", "DATE_IMPOSSIBLE", "SERIAL_ZERO"})
_MASK = "•••"


def relation_label(code: str) -> str:
    """Return a relation in the language that is read now; an unknown code as it is."""
    return said(RELATIONS.get(code, code), _RELATIONS_EN.get(code, ""))


@dataclass(frozen=True)
class Person:
    """One person as checked: a NIK, or the reason why there is none; phone in E.164; all text in NFC."""

    name: str
    nik: str | None
    nik_absent: str | None
    phone: str | None
    address: str
    nik_override: str | None = None


@dataclass(frozen=True)
class PersonalPart:
    """All that is sealed of a permohonan. `subjek` is None when the document is the pemohon's own."""

    pemohon: Person
    subjek: Person | None
    relation: str
    notes: str

    @property
    def whose(self) -> Person:
        """The person whose document it is."""
        return self.subjek or self.pemohon

    def to_fields(self) -> dict[str, Any]:
        """Return plain dictionaries and text without empty fields, the same for the same part."""
        fields: dict[str, Any] = {"pemohon": _filled(self.pemohon), "relation": self.relation}
        if self.subjek:
            fields["subjek"] = _filled(self.subjek)
        if self.notes:
            fields["notes"] = self.notes
        return fields

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "PersonalPart":
        """Return the part that `to_fields` described; unknown names are passed over, absent ones are empty."""
        subjek = fields.get("subjek")
        return cls(
            _person(fields["pemohon"]),
            _person(subjek) if subjek else None,
            fields["relation"],
            fields.get("notes", ""),
        )


def _filled(person: Person) -> dict[str, str]:
    return {name: value for name, value in asdict(person).items() if value}


def _person(fields: Mapping[str, str]) -> Person:
    return Person(
        fields["name"],
        fields.get("nik"),
        fields.get("nik_absent"),
        fields.get("phone"),
        fields.get("address", ""),
        fields.get("nik_override"),
    )


class _Form:
    """Reads fields one by one and remembers every refusal, so that all wrong fields are said at once."""

    def __init__(self, raw: Mapping[str, str], prefix: str) -> None:
        self.raw, self.prefix = raw, prefix
        self.refused: dict[str, Refused] = {}

    def value(self, name: str) -> str:
        return self.raw.get(self.prefix + name, "")

    def refuse(self, name: str, code: str) -> None:
        self.refused[self.prefix + name] = Refused(code)

    def text(self, name: str, rule: Callable[..., str], most: int, missing: str = "") -> str:
        try:
            text = rule(self.value(name), max_length=most, field=name)
        except Refused as refused:
            self.refused[self.prefix + name] = refused
            return ""
        if missing and not any(sign.isalnum() for sign in text):
            self.refuse(name, missing if not text or name != "name" else "name_invalid")
        return text

    def check(self) -> None:
        if self.refused:
            raise FormRefused(self.refused)


def _unresolved(form: _Form, reading: NikReading) -> None:
    """Refuse the NIK until each warning is answered: typed again where a slip is likely, and a reason in any case."""
    warned = [finding.code for finding in reading.findings if finding.severity is Severity.WARN]
    again = sixteen_digits(form.value("nik_again"))[0]
    if not _TYPED_AGAIN.isdisjoint(warned) and again != reading.nik:
        form.refuse("nik_again", "nik_again_differs" if form.value("nik_again").strip() else "nik_again")
    if form.value("nik_override") not in list(NikOverride):
        form.refuse("nik_override", "nik_reason")
    if not {form.prefix + "nik_again", form.prefix + "nik_override"}.isdisjoint(form.refused):
        form.refuse("nik", "nik_check_" + warned[0].lower())


def _nik(form: _Form, on: date, adult: bool) -> tuple[str | None, str | None]:
    """Return NIK and override, both None when the person has no NIK."""
    if not form.value("nik").strip():
        return None, None
    reading = read_nik(form.value("nik"), on=on, adult_required=adult)
    if reading.severity is Severity.BLOCK:
        form.refuse("nik", _BLOCKED[reading.findings[0].code])
    elif reading.severity is Severity.WARN:
        _unresolved(form, reading)
        return reading.nik, form.value("nik_override")
    return reading.nik, None


def _absent(form: _Form) -> str | None:
    """Return why there is no NIK; a NIK that was typed needs no reason."""
    reason = form.value("nik_absent")
    if form.value("nik").strip():
        return None
    if not reason:
        form.refuse("nik", "nik_missing")
    elif reason not in NIK_ABSENT_REASONS:
        form.refuse("nik_absent", "nik_absent_reason")
    return reason


def _phone(form: _Form) -> str | None:
    kind, e164 = read_phone(form.value("phone"))
    if kind in ("bad", "service"):
        form.refuse("phone", "phone_service" if kind == "service" else "phone_invalid")
    return e164


def check_person(raw: Mapping[str, str], *, on: date, service: Service, prefix: str = "") -> Person:
    """Return the person named by a form's name, nik, nik_absent, nik_again, nik_override, phone and address.

    Field names start with `prefix`. Where `service.needs_address` the pemohon's address may not be empty. Raises
    FormRefused with every wrong field. A NIK that warns stays refused (nik_check_<code>) until `nik_override` holds a
    `NikOverride` and, for region, date, serial, `nik_again` equals it.
    """
    form = _Form(raw, prefix)
    nik, override = _nik(form, on, service.adult)
    missing = "address_missing" if service.needs_address and prefix != SUBJEK else ""
    person = Person(
        name=form.text("name", one_line, NAME_LENGTH, "name_missing"),
        nik=nik,
        nik_absent=_absent(form),
        phone=_phone(form),
        address=form.text("address", clean, ADDRESS_LENGTH, missing),
        nik_override=override,
    )
    form.check()
    return person


def check_personal(raw: Mapping[str, str], *, on: date, service: Service, prefix: str = "") -> PersonalPart:
    """Return the personal part of a form: pemohon under `prefix`, subjek under `subjek_`, `relation` and `notes`.

    The subjek's fields are read only when the relation is not `diri_sendiri`. Raises FormRefused.
    """
    form = _Form(raw, "")
    people: dict[str, Person] = {}
    relation = form.value("relation")
    if relation not in RELATIONS:
        form.refuse("relation", "relation_missing")
    for part in [prefix, SUBJEK] if relation in RELATIONS and relation != SELF else [prefix]:
        try:
            people[part] = check_person(raw, on=on, service=service, prefix=part)
        except FormRefused as refused:
            form.refused.update(refused.fields)
    notes = form.text("notes", clean, NOTES_LENGTH)
    form.check()
    return PersonalPart(people[prefix], people.get(SUBJEK), relation, notes)


def masked_name(name: str) -> str:
    """Return the first letter of each of the first four words, never how long they are: `S••• A•••`."""
    words = name.split()[:4]
    return " ".join(next((sign for sign in word if sign.isalnum()), word[0]) + _MASK for word in words)
