"""Knows how Indonesian text becomes few bits by a fixed list of phrases; refuses to know whose text it is.

`tables/phrases.txt` holds letters, digits, words of addresses and notes, names of people and places, the
commonest first. It is part of what is sealed: a line may be added at the end, none may ever be changed or moved.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from layanan.tables import lines


class _Tier(NamedTuple):
    """So many phrases whose code is `front` (a prefix no other tier shares) and a number of `bits` bits."""

    first: int
    front: str
    bits: int


_TIERS = (_Tier(0, "0", 5), _Tier(31, "10", 6), _Tier(95, "110", 8), _Tier(351, "1110", 10), _Tier(1375, "1111", 14))
_END = "011111"
_LITERAL = "1111" + "1" * 14
"""In front of one sign that is in no phrase: 21 bits of its number follow."""
_SIGN_BITS = 21
_LETTERS: Mapping[str, Callable[[str], str]] = {"00": str, "01": str.upper, "10": str.lower}


def packed(text: str) -> str:
    """Return the text as a string of 0 and 1 that says where it ends."""
    plain = "00" + _plain(text)
    if text.isupper() and text.title().upper() == text:
        plain = min(plain, "01" + _plain(text.title()), key=len)
    elif text.islower() and text.title().lower() == text:
        plain = min(plain, "10" + _plain(text.title()), key=len)
    return plain + _END


def unpacked(bits: str, at: int) -> tuple[str, int]:
    """Return the text that begins at a bit, and the bit after it. Raises ValueError, IndexError or KeyError."""
    shown, at = _LETTERS[bits[at : at + 2]], at + 2
    widths, phrases = _phrases()
    parts: list[str] = []
    while (code := bits[at : at + widths[bits[at : at + 4]]]) != _END:
        at += len(code)
        if code == _LITERAL:
            parts.append(chr(int(bits[at : at + _SIGN_BITS], 2)))
            at += _SIGN_BITS
        else:
            parts.append(phrases[code])
    text = shown("".join(parts)[1:])
    if "\0" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
        raise ValueError("not a text")
    return text, at + len(_END)


def _plain(text: str) -> str:
    """The cheapest way through the text, found from its end; what is said is only put together once."""
    codes, lengths = _codes()
    shown = " " + text
    cost = [0] * (len(shown) + 1)
    steps: list[tuple[str, int]] = [("", 0)] * len(shown)
    for at in range(len(shown) - 1, -1, -1):
        least, step = len(_LITERAL) + _SIGN_BITS + cost[at + 1], ("", at + 1)
        for length in lengths.get(shown[at], ()):
            code = codes.get(shown[at : at + length])
            if code and at + length <= len(shown) and len(code) + cost[at + length] < least:
                least, step = len(code) + cost[at + length], (code, at + length)
        cost[at], steps[at] = least, step
    return "".join(_along(shown, steps))


def _along(shown: str, steps: Sequence[tuple[str, int]]) -> Iterator[str]:
    at = 0
    while at < len(shown):
        code, end = steps[at]
        yield code or _LITERAL + f"{ord(shown[at]):0{_SIGN_BITS}b}"
        at = end


def _placed() -> Iterator[tuple[str, str]]:
    """Every phrase with its code, in the order of the list."""
    phrases = lines("phrases")
    ends = [*(tier.first for tier in _TIERS[1:]), len(phrases)]
    for tier, end in zip(_TIERS, ends, strict=True):
        for place in range(tier.first, end):
            yield phrases[place], f"{tier.front}{place - tier.first:0{tier.bits}b}"


@cache
def _codes() -> tuple[dict[str, str], dict[str, tuple[int, ...]]]:
    """The code of every phrase, and how long the phrases are that begin with a sign, shortest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in lines("phrases"):
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return dict(_placed()), {sign: tuple(sorted(found)) for sign, found in lengths.items()}


@cache
def _phrases() -> tuple[dict[str, int], dict[str, str]]:
    """How many bits a code has that begins with these four, and the phrase of every code."""
    fronts = [f"{number:04b}" for number in range(16)]
    widths = {one: len(tier.front) + tier.bits for tier in _TIERS for one in fronts if one.startswith(tier.front)}
    return widths, {code: phrase for phrase, code in _placed()}
