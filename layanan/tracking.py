"""Knows the tracking code of a receipt: how it is made, checked, read and spoken; refuses to know whose it is.

Twelve Crockford base-32 characters c0..c11. Over GF(32) with x^5 + x^2 + 1 and alpha = x, the sum of alpha^i * ci is 0:
one wrong character and one swap of neighbours are always caught, because alpha^i and alpha^i + alpha^(i+1) are never 0.
"""

from layanan.problems import Refused

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_POLYNOMIAL = 0b100101
_ORDER = 31
_VALUES = {sign: value for value, sign in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_LONGEST_INPUT = 2048


def _times_alpha(value: int, power: int) -> int:
    for _ in range(power % _ORDER):
        value <<= 1
        if value & 0b100000:
            value ^= _POLYNOMIAL
    return value


_TIMES = [[_times_alpha(value, place) for value in range(32)] for place in range(LENGTH)]
_CHECK = [_times_alpha(value, _ORDER - (LENGTH - 1)) for value in range(32)]
# Two characters at a time: every request that is folded or unfolded for the link makes its code again.
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_PAIR_SUMS = [
    [first ^ second for first in _TIMES[place] for second in _TIMES[place + 1]] for place in range(0, LENGTH - 2, 2)
]


def _sum(values: list[int]) -> int:
    total = 0
    for times, value in zip(_TIMES, values, strict=False):
        total ^= times[value]
    return total


def new_code(random_bytes: bytes) -> str:
    """Return a code of 55 random bits (the first seven bytes given) and its check character.

    Raises ValueError for fewer than seven bytes.
    """
    if len(random_bytes) < 7:
        raise ValueError("a tracking code needs seven random bytes")
    number = int.from_bytes(random_bytes[:7]) >> 1
    pairs = [(number >> shift) & 1023 for shift in range(45, 0, -10)]
    last = number & 31
    total = _TIMES[LENGTH - 2][last]
    for sums, pair in zip(_PAIR_SUMS, pairs, strict=True):
        total ^= sums[pair]
    return "".join([_PAIRS[pair] for pair in pairs]) + ALPHABET[last] + ALPHABET[_CHECK[total]]


def read_code(text: str) -> str:
    """Return the twelve characters of a code however it was typed, spoken or scanned.

    Takes a bare code with any separators, in lower case, with I, L and O; the text of a receipt's QR or its fragment.
    Raises Refused("code_invalid") when no code with a fitting check character is found.
    """
    text = text[:_LONGEST_INPUT].rpartition("#")[2]
    for candidate in (text, text.partition(".")[0]):
        signs = [sign.upper() for sign in candidate if sign.isascii() and sign.isalnum()]
        values = [_VALUES.get(sign, -1) for sign in signs]
        if len(values) == LENGTH and min(values) >= 0 and _sum(values) == 0:
            return "".join(ALPHABET[value] for value in values)
    raise Refused("code_invalid")


def spoken(code: str) -> str:
    """Return the code in groups of four, as it stands on paper and is read aloud: K7M2-4QX9-ABCD."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def same_signs(heard: str, group: str) -> bool:
    """Say whether what was heard or typed is this part of a code, however spelled (I and L are 1, O is 0)."""
    values = [_VALUES.get(sign.upper(), -1) for sign in heard if sign.isascii() and sign.isalnum()]
    return values == [_VALUES[sign] for sign in group]
