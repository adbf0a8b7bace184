"""Knows the one spelling of a value as bytes (strict canonical JSON); refuses to know what the values mean.

One value has exactly one spelling, so a hash of the bytes is a hash of the value (PROTOCOL.md, P1 to P3).
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson

from layanan.problems import Refused

MAX_DEPTH = 12
MAX_INTEGER = 2**53 - 1
"""Integers beyond this are not exact in every JSON reader (RFC 7493, I-JSON)."""

_WRITTEN = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
"""Sorted by the bytes of UTF-8, which is the order of code points; integers of 53 bits."""
_NUL = b"\\u0000"


def encode(value: Any, *, max_depth: int = MAX_DEPTH) -> bytes:
    """Return the one spelling of `value`: keys sorted by code point, no blanks, UTF-8, integers only.

    Raises Refused("sync_malformed") for anything that has no such spelling (floats, NUL, lone surrogates, ...).
    """
    _check(value, max_depth)
    return spell(value)


def decode(raw: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value that `raw` spells; `encode` of it gives `raw` again, byte for byte.

    Raises Refused("sync_malformed") for every other input: duplicate keys, blanks, trailing bytes, depth, floats.
    """
    value = parse(raw)
    if not _is_shallow(value, max_depth) or spell(value) != raw:
        raise Refused("sync_malformed")
    if _NUL in raw:
        _check(value, max_depth)
    return value


def parse(raw: bytes) -> Any:
    """Return the value of bytes that were decoded once before; only their being JSON is looked at again."""
    try:
        return orjson.loads(raw)
    except ValueError as error:
        raise Refused("sync_malformed") from error


def spell(value: Any) -> bytes:
    """Return the spelling of a value that is known to have one, because it came out of `decode` or `parse`.

    What `spelled` made is taken over as it is.
    """
    try:
        return orjson.dumps(value, option=_WRITTEN)
    except TypeError as error:
        raise Refused("sync_malformed") from error


def spelled(raw: bytes) -> Any:
    """Return what stands for the value of `raw` inside a larger one that `spell` is given; written, never read."""
    return orjson.Fragment(raw)


def _is_shallow(value: Any, max_depth: int) -> bool:
    """No fraction and no more levels than that: all that a second spelling does not show of a value that was parsed."""
    level = [value]
    for _ in range(max_depth + 1):
        kinds = set(map(type, level))
        if float in kinds:
            return False
        level = [
            *chain.from_iterable(one for one in level if type(one) is list),
            *chain.from_iterable(one.values() for one in level if type(one) is dict),
        ]
        if not level:
            return True
    return False


def _check(value: Any, max_depth: int) -> None:
    """Refuse what has no spelling, level by level: no recursion, so depth costs nothing before it is refused."""
    level, depth = [value], 0
    while level:
        if depth > max_depth:
            raise Refused("sync_malformed")
        depth += 1
        level = [part for one in level for part in _parts(one)]


def _parts(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        if "\0" not in value:
            return ()
    elif isinstance(value, dict):
        if all(isinstance(key, str) and "\0" not in key for key in value):
            return tuple(value.values())
    elif isinstance(value, list | tuple):
        return value
    elif value is None or (isinstance(value, int) and -MAX_INTEGER <= value <= MAX_INTEGER):
        return ()
    raise Refused("sync_malformed")
