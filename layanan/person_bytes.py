"""Knows a personal part as few bytes, before it is sealed; refuses to know keys.

Sealed parts cannot be compressed afterwards and every one stands alone, so each field is made small here. A part
written before this form existed is JSON and begins with a brace; both are read.
"""

import json

from layanan import phrases
from layanan.person import Person, PersonalPart

FORM = 2
"""The first byte of a part in this form."""
_RELATIONS = ("diri_sendiri", "anak", "orang_tua", "suami_istri", "saudara", "kuasa", "lainnya")
"""In the order of their numbers, which stand in sealed parts: add at the end only."""
_ABSENT = (None, "bayi_baru_lahir", "belum_pernah_terdaftar", "wna", "lainnya")
_OVERRIDES = (None, "sesuai KTP-el", "sesuai KK", "lainnya")
_NIK_BITS, _PHONE_BITS = 54, 40
_COUNTRY = "+62"


def packed(part: PersonalPart) -> bytes:
    """Return the shortest form that gives the very part back."""
    part = PersonalPart.from_fields(part.to_fields())
    try:
        raw = _packed(part)
        if unpacked(raw) == part:
            return raw
    except (ValueError, IndexError, OverflowError):
        pass
    return json.dumps(part.to_fields(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unpacked(raw: bytes) -> PersonalPart:
    """Return the part of either form. Raises ValueError, IndexError, KeyError, TypeError or AttributeError."""
    if raw[:1] != bytes((FORM,)):
        return PersonalPart.from_fields(json.loads(raw))
    bits = f"{int.from_bytes(raw):0{len(raw) * 8}b}"
    relation, subjek, at = int(bits[8:12], 2), bits[12] == "1", 14
    pemohon, at = _read_person(bits, at)
    other, at = _read_person(bits, at) if subjek else (None, at)
    notes, at = phrases.unpacked(bits, at) if bits[13] == "1" else ("", at)
    return PersonalPart(pemohon, other, _RELATIONS[relation], notes)


def _packed(part: PersonalPart) -> bytes:
    """Eight bits of form, then fields of a fixed number of bits and texts that end themselves."""
    bits = f"{FORM:08b}{_RELATIONS.index(part.relation):04b}{_yes(part.subjek)}{_yes(part.notes)}"
    bits += _write_person(part.pemohon)
    if part.subjek:
        bits += _write_person(part.subjek)
    if part.notes:
        bits += phrases.packed(part.notes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


def _write_person(person: Person) -> str:
    bits = f"{_ABSENT.index(person.nik_absent):03b}{_OVERRIDES.index(person.nik_override):02b}"
    bits += f"{_yes(person.nik)}{_yes(person.phone)}{_yes(person.address)}"
    if person.nik:
        bits += f"{int(person.nik):0{_NIK_BITS}b}"
    if person.phone:
        bits += _write_phone(person.phone)
    bits += phrases.packed(person.name)
    return bits + phrases.packed(person.address) if person.address else bits


def _read_person(bits: str, at: int) -> tuple[Person, int]:
    absent, override = _ABSENT[int(bits[at : at + 3], 2)], _OVERRIDES[int(bits[at + 3 : at + 5], 2)]
    has_nik, has_phone, has_address = bits[at + 5] == "1", bits[at + 6] == "1", bits[at + 7] == "1"
    at += 8
    nik = phone = None
    address = ""
    if has_nik:
        nik, at = f"{int(bits[at : at + _NIK_BITS], 2):016d}", at + _NIK_BITS
    if has_phone:
        phone, at = _read_phone(bits, at)
    name, at = phrases.unpacked(bits, at)
    if has_address:
        address, at = phrases.unpacked(bits, at)
    return Person(name, nik, absent, phone, address, override), at


def _write_phone(phone: str) -> str:
    """A number for an Indonesian phone; zero, then a text, for any other."""
    digits = phone.removeprefix(_COUNTRY)
    if phone.startswith(_COUNTRY) and digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) < 13:
        return f"{int(digits):0{_PHONE_BITS}b}"
    return "0" * _PHONE_BITS + phrases.packed(phone)


def _read_phone(bits: str, at: int) -> tuple[str, int]:
    number, at = int(bits[at : at + _PHONE_BITS], 2), at + _PHONE_BITS
    return (f"{_COUNTRY}{number}", at) if number else phrases.unpacked(bits, at)


def _yes(value: object) -> int:
    return 1 if value else 0
