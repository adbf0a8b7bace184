"""Knows how any text is written in the 95 printable signs of ASCII; refuses to know who prints it.

Every thermal printer has these signs in the same place, whatever its code page. A sign that has no look-alike is
written by its name (Unicode's own), never as a question mark: a name is somebody's.
"""

import unicodedata

_LIKE = {
    "•": "*", "·": ".", "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "⁄": "/", "×": "x", "→": "->", "←": "<-",
    "‘": "'", "’": "'", "ʼ": "'", "ʻ": "'", "ʿ": "'", "ʾ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "ß": "ss", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d",
    "Ł": "L", "ł": "l", "Þ": "Th", "þ": "th", "ı": "i", "Ŋ": "Ng", "ŋ": "ng", "Ħ": "H", "ħ": "h", "°": " derajat ",
    "≤": "<=", "≥": ">=", "€": "EUR", "`": "'", "\n": "\n",
}  # fmt: skip


def plain_latin(text: str) -> str:
    """Return the text in printable ASCII and line ends: letters lose their marks, other signs become words."""
    return "".join(_written(sign) for sign in unicodedata.normalize("NFKD", text))


def _written(sign: str) -> str:
    if sign in _LIKE:
        return _LIKE[sign]
    if " " <= sign <= "~":
        return sign
    kind = unicodedata.category(sign)
    if kind[0] == "Z":
        return " "
    if kind[0] in "CM":
        return ""
    word = unicodedata.name(sign, "").rpartition(" ")[2]
    return word.lower() if kind == "Ll" else word.capitalize()
