"""Knows the shortest plain form of a column of equal things (times, hashes, codes, words); refuses to know messages.

A column is written only in a form that gives the very texts back; whatever fits none is written as it is.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from layanan.problems import Refused
from layanan.tracking import ALPHABET, LENGTH, new_code
from sync.bits import Reader, Writer
from sync.entry import read_time, spelled_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HEX = re.compile(r"(?:[0-9a-f]{2}){4,64}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBERED = re.compile(r"(.*?)([0-9]{1,15})")
_COUNTER = 4
"""Bytes in front of a sealed part that only count."""
_MOST_WORDS = 200


class Form(IntEnum):
    """How a column is written; the numbers are part of the protocol."""

    TEXTS = 0
    SAME = 1
    FEW = 2
    TIMES = 3
    HEX = 4
    UUIDS = 5
    CODES = 6
    SEALED = 7
    NUMBERED = 8
    WORDS = 9
    KNOWN = 10
    NUMBERS = 11
    BESIDE = 12
    NAMED = 13
    HASHED = 14


def milliseconds(text: str) -> int:
    """Return a time of this protocol as milliseconds since 1970. Raises ValueError for any other spelling."""
    return (read_time(text) - _EPOCH) // _MILLISECOND


def write_column(out: Writer, values: Sequence[str], known: Mapping[str, int]) -> None:
    """Write texts whose count the reader knows; `known` are texts that the reader has already, with their places."""
    if len(values) > 1 and len(set(values)) == 1:
        out.dense.append(Form.SAME)
        out.text(values[0])
        return
    for form, write in _WRITERS:
        prepared = _prepared(write, values, known)
        if prepared is not None:
            out.dense.append(form)
            prepared(out)
            return
    out.dense.append(Form.TEXTS)
    out.texts(values)


def read_column(of: Reader, form: int, count: int, known: Sequence[str]) -> list[str]:
    """Return the texts of a column. Raises ValueError, IndexError, KeyError or OverflowError for wrong bytes."""
    if form == Form.SAME:
        return [of.text()] * count
    return _READERS[form](of, count, known)


_Plan = Callable[[Writer], None]


def _prepared(
    write: Callable[[Sequence[str], Mapping[str, int]], _Plan | None], values: Sequence[str], known: Mapping[str, int]
) -> _Plan | None:
    try:
        return write(values, known)
    except (ValueError, KeyError, Refused):
        return None


def _known(values: Sequence[str], known: Mapping[str, int]) -> _Plan | None:
    places = [known[value] for value in values]
    return lambda out: out.numbers(places)


def _read_known(of: Reader, count: int, known: Sequence[str]) -> list[str]:
    return [known[_place(place)] for place in of.numbers(count)]


def _times(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    times = [milliseconds(value) for value in values]
    return lambda out: out.numbers(times)


def _read_times(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    return [spelled_time(_EPOCH + value * _MILLISECOND) for value in of.numbers(count)]


def _hex(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    size = len(values[0])
    if not all(len(value) == size and _HEX.fullmatch(value) for value in values):
        return None
    return lambda out: _write_raw(out, size // 2, bytes.fromhex("".join(values)))


def _write_raw(out: Writer, size: int, raw: bytes) -> None:
    out.number(size)
    out.noise += raw


def _read_hex(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    size = of.number()
    return [of.noise(size).hex() for _ in range(count)]


def _uuids(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    if not all(_UUID.fullmatch(value) for value in values):
        return None
    raw = bytes.fromhex("".join(values).replace("-", ""))
    return lambda out: out.noise.extend(raw)


def _read_uuids(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    texts = [of.noise(16).hex() for _ in range(count)]
    return [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in texts]


def _codes(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    raws = [_code_bytes(value) for value in values]
    return lambda out: out.noise.extend(b"".join(raws))


def _code_bytes(value: str) -> bytes:
    if len(value) != LENGTH:
        raise ValueError("not a code")
    number = 0
    for sign in value[:-1]:
        number = number << 5 | ALPHABET.index(sign)
    raw = (number << 1).to_bytes(7)
    if new_code(raw) != value:
        raise ValueError("not a code")
    return raw


def _read_codes(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    return [new_code(of.noise(7)) for _ in range(count)]


def _sealed(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    raws = [b64decode(value, validate=True) for value in values]
    if any(len(raw) < _COUNTER or b64encode(raw).decode() != value for raw, value in zip(raws, values, strict=True)):
        return None

    def write(out: Writer) -> None:
        out.numbers([int.from_bytes(raw[:_COUNTER]) for raw in raws])
        out.numbers([len(raw) - _COUNTER for raw in raws])
        out.noise += b"".join(raw[_COUNTER:] for raw in raws)

    return write


def _read_sealed(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    counters, sizes = of.numbers(count), of.numbers(count)
    pairs = zip(counters, sizes, strict=True)
    return [b64encode(counter.to_bytes(_COUNTER) + of.noise(size)).decode() for counter, size in pairs]


def _few(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    places: dict[str, int] = {}
    column = [places.setdefault(value, len(places)) for value in values]
    if len(places) * 2 > len(values):
        return None
    return lambda out: _write_chosen(out, list(places), column)


def _write_chosen(out: Writer, table: Sequence[str], places: Sequence[int]) -> None:
    out.number(len(table))
    out.texts(table)
    out.numbers(places)


def _read_few(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    table = of.texts(of.count())
    return [table[_place(place)] for place in of.numbers(count)]


def _numbered(values: Sequence[str], known: Mapping[str, int]) -> _Plan | None:
    """Texts that end in a number of one width, as series numbers do."""
    found = [_NUMBERED.fullmatch(value) for value in values]
    if len(values) < 2 or not all(found):
        return None
    parts = [(one[1], one[2]) for one in found if one]
    width = len(parts[0][1])
    if any(len(digits) != width for _, digits in parts):
        return None

    def write(out: Writer) -> None:
        out.number(width)
        out.numbers([int(digits) for _, digits in parts])
        write_column(out, [front for front, _ in parts], known)

    return write


def _read_numbered(of: Reader, count: int, known: Sequence[str]) -> list[str]:
    width, numbers = of.number(), of.numbers(count)
    if width > 15:
        raise ValueError("no such width")
    fronts = read_column(of, of.byte(), count, known)
    of.spend(sum(map(len, fronts)))
    return [f"{front}{_place(number):0{width}d}" for front, number in zip(fronts, numbers, strict=True)]


def _words(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    """Texts made of few words, as masked names are."""
    split = [value.split(" ") for value in values]
    places: dict[str, int] = {}
    column = [places.setdefault(word, len(places)) for words in split for word in words]
    if len(places) > min(_MOST_WORDS, len(column) // 2):
        return None

    def write(out: Writer) -> None:
        out.numbers([len(words) for words in split])
        out.number(len(column))
        _write_chosen(out, list(places), column)

    return write


def _read_words(of: Reader, count: int, known: Sequence[str]) -> list[str]:
    sizes = of.numbers(count)
    words = iter(_read_few(of, of.count(), known))
    texts = []
    for size in sizes:
        chosen = [next(words, "") for _ in range(min(size, of.budget))]
        of.spend(sum(map(len, chosen)) + size)
        texts.append(" ".join(chosen))
    return texts


def _place(value: int) -> int:
    """A place in a table; a negative one is not the last but one, it is wrong."""
    if value < 0:
        raise IndexError
    return value


_WRITERS: Sequence[tuple[Form, Any]] = (
    (Form.KNOWN, _known),
    (Form.TIMES, _times),
    (Form.FEW, _few),
    (Form.UUIDS, _uuids),
    (Form.HEX, _hex),
    (Form.CODES, _codes),
    (Form.NUMBERED, _numbered),
    (Form.WORDS, _words),
    (Form.SEALED, _sealed),
)
_READERS: Mapping[int, Callable[[Reader, int, Sequence[str]], list[str]]] = {
    Form.TEXTS: lambda of, count, _: of.texts(count),
    Form.FEW: _read_few,
    Form.TIMES: _read_times,
    Form.HEX: _read_hex,
    Form.UUIDS: _read_uuids,
    Form.CODES: _read_codes,
    Form.SEALED: _read_sealed,
    Form.NUMBERED: _read_numbered,
    Form.WORDS: _read_words,
    Form.KNOWN: _read_known,
}
