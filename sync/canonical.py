"""Knows the one spelling of a value as bytes (strict canonical JSON); refuses to know what the values mean.

One value has exactly one spelling, so a hash of the bytes is a hash of the value (PROTOCOL.md, P1 to P3).
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from layanan.problems import Refused

MAX_DEPTH = 12
MAX_INTEGER = 2**53 - 1
"""Integers beyond this are not exact in every JSON reader (RFC 7493, I-JSON)."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})")


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
    _check(value, max_depth)
    if spell(value) != raw:
        raise Refused("sync_malformed")
    return value


def parse(raw: bytes) -> Any:
    """Return the value of bytes that were decoded once before; only their being JSON is looked at again."""
    try:
        return _READER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused("sync_malformed") from error


def spell(value: Any) -> bytes:
    """Return the spelling of a value that is known to have one, because it came out of `decode` or `parse`."""
    try:
        return _WRITER.encode(value).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused("sync_malformed") from error


def _no_number(text: str) -> Any:
    raise ValueError("only integers are spoken here")


def _integer(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not an integer of this protocol")
    return int(text)


_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_READER = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, parse_int=_integer)


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
