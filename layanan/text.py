"""Knows which text a person may store; refuses to know what the text means.

SQLite keeps NUL where PostgreSQL refuses it, lone surrogates fail in both, and bidi overrides make one name look
like another.
"""

import unicodedata

from layanan.problems import Refused

_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BROKEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean(text: str, *, max_length: int, field: str) -> str:
    """Return the text in NFC, trimmed, with LF line ends and tabs as blanks.

    `field` is the name of the form's field. Raises Refused: text_too_long (over `max_length` characters) or
    text_invalid (NUL, lone surrogate, other control character, bidi override or isolate).
    """
    if len(text) > 4 * max_length:
        raise Refused("text_too_long", field=field, most=max_length)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if any(sign in _OVERRIDES or (unicodedata.category(sign) in _BROKEN and sign != "\n") for sign in text):
        raise Refused("text_invalid", field=field)
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > max_length:
        raise Refused("text_too_long", field=field, most=max_length)
    return text


def one_line(text: str, *, max_length: int, field: str) -> str:
    """Return `clean` text with runs of blanks as one; raises Refused("text_line_break") when it has several lines."""
    text = clean(text, max_length=max_length, field=field)
    if "\n" in text:
        raise Refused("text_line_break", field=field)
    return " ".join(text.split())
