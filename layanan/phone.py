"""Knows Indonesian phone numbers and how people type them; refuses to take one for an identity: families share."""

import re
from functools import cache
from types import ModuleType
from typing import NamedTuple

_TYPED = re.compile(r"\+?[0-9 ()./\u00a0-]*", re.ASCII)
_SERVICE = re.compile(r"1[0-9]{2,4}|1500[0-9]{3}")
_MOBILE = re.compile(r"8[0-9]{8,11}")


class PhoneReading(NamedTuple):
    """`kind` is mobile, landline, service, foreign, empty or bad; `e164` only for what can be called from anywhere."""

    kind: str
    e164: str | None


@cache
def _library() -> ModuleType:
    import phonenumbers  # its tables cost 10 MB: only a landline or a foreign number needs them

    return phonenumbers


def _by_library(number: str) -> PhoneReading:
    phonenumbers = _library()
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return PhoneReading("bad", None)
    if not phonenumbers.is_valid_number(parsed):
        return PhoneReading("bad", None)
    kind = "landline" if parsed.country_code == 62 else "foreign"
    return PhoneReading(kind, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def read_phone(text: str) -> PhoneReading:
    """Return what a typed number is. Never raises; an empty one is lawful.

    Mobile is 08 and 8 to 11 digits more, also as +62, 62 or with the zero lost in a spreadsheet.
    """
    text = text.strip()
    if not text:
        return PhoneReading("empty", None)
    if not _TYPED.fullmatch(text):
        return PhoneReading("bad", None)
    digits = re.sub(r"[^0-9]", "", text)
    if _SERVICE.fullmatch(digits) and not text.startswith("+"):
        return PhoneReading("service", None)
    if digits.startswith("00"):
        text, digits = "+" + digits[2:], digits[2:]
    if text.startswith("+") and not digits.startswith("62"):
        return _by_library("+" + digits)
    national = digits.removeprefix("62").lstrip("0")
    if _MOBILE.fullmatch(national):
        return PhoneReading("mobile", "+62" + national)
    if national.startswith("8") or national == digits:
        return PhoneReading("bad", None)
    return _by_library("+62" + national)
