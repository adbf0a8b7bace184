"""Knows the shortest plain form of a column of equal things (times, hashes, codes, words); refuses to know messages.

A column is written only in a form that gives the very texts back; whatever fits none is written as it is.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import Any

from layanan.tracking import ALPHABET, LENGTH, new_code
from sync.bits import Reader, Writer

_EPOCH = date(1970, 1, 1)
_DAY, _MINUTE = 86_400_000, 60_000
_MINUTES = [f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(_DAY // _MINUTE)]
_TIMES = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)*+")
_TIME = len("2026-11-21T01:02:03.456Z")
_HEX = re.compile(r"[0-9a-f]*+")
_UUIDS = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})*+")
_UUID = 36
_DIGITS = "0123456789"
_MOST_DIGITS = 15
_TO_DIGITS = bytes.maketrans(ALPHABET.encode(), b"0123456789abcdefghijklmnopqrstuv")
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


def milliseconds(values: Sequence[str]) -> list[int]:
    """Return times of this protocol as milliseconds since 1970. Raises ValueError for any other spelling."""
    if not _have_length(values, _TIME) or not _TIMES.fullmatch("".join(values)):
        raise ValueError("not times of this protocol")
    return [round(datetime.fromisoformat(value).timestamp() * 1000) for value in values]


def spelled_times(values: Sequence[int]) -> list[str]:
    """Return milliseconds since 1970 as times of this protocol. Raises OverflowError for a year nobody has seen."""
    days = [(value // _DAY, value % _DAY) for value in values]
    return [f"{_day(day)}{_MINUTES[rest // _MINUTE]}{rest % _MINUTE / 1000:06.3f}Z" for day, rest in days]


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


def write_column(out: Writer, values: Sequence[str], known: Mapping[str, int]) -> None:
    """Write texts whose count the reader knows; `known` are texts that the reader has already, with their places."""
    if len(values) > 1 and values.count(values[0]) == len(values):
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
    except (ValueError, KeyError, OverflowError):
        return None


def _have_length(values: Sequence[str], length: int) -> bool:
    return set(map(len, values)) == {length}


def _known(values: Sequence[str], known: Mapping[str, int]) -> _Plan | None:
    places = list(map(known.__getitem__, values))
    return lambda out: out.numbers(places)


def _read_known(of: Reader, count: int, known: Sequence[str]) -> list[str]:
    return _chosen(known, of.numbers(count))


def _times(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    times = milliseconds(values)
    return lambda out: out.numbers(times)


def _read_times(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    return spelled_times(of.numbers(count))


def _hex(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    size = len(values[0])
    if size % 2 or not 8 <= size <= 128 or not _have_length(values, size) or not _HEX.fullmatch("".join(values)):
        return None
    return lambda out: _write_raw(out, size // 2, bytes.fromhex("".join(values)))


def _write_raw(out: Writer, size: int, raw: bytes) -> None:
    out.number(size)
    out.noise += raw


def _read_hex(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    size = of.number()
    return [raw.hex() for raw in of.noises([size] * count)]


def _uuids(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    if not _have_length(values, _UUID) or not _UUIDS.fullmatch("".join(values)):
        return None
    raw = bytes.fromhex("".join(values).replace("-", ""))
    return lambda out: out.noise.extend(raw)


def _read_uuids(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    texts = [raw.hex() for raw in of.noises([16] * count)]
    return [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in texts]


def _codes(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    """What is no code does not come out again as it was."""
    if not _have_length(values, LENGTH):
        return None
    digits = "".join(values).encode().translate(_TO_DIGITS)
    if len(digits) != LENGTH * len(values):
        return None
    raws = [(int(digits[at : at + LENGTH - 1], 32) << 1).to_bytes(7) for at in range(0, len(digits), LENGTH)]
    if list(map(new_code, raws)) != values:
        return None
    return lambda out: out.noise.extend(b"".join(raws))


def _read_codes(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    return list(map(new_code, of.noises([7] * count)))


def _sealed(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    raws = [a2b_base64(value, strict_mode=True) for value in values]
    if min(map(len, raws)) < _COUNTER or list(map(_base64, raws)) != values:
        return None

    def write(out: Writer) -> None:
        out.numbers([int.from_bytes(raw[:_COUNTER]) for raw in raws])
        out.numbers([len(raw) - _COUNTER for raw in raws])
        out.noise += b"".join([raw[_COUNTER:] for raw in raws])

    return write


def _read_sealed(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    counters, sizes = of.numbers(count), of.numbers(count)
    parts = zip(counters, of.noises(sizes), strict=True)
    return [_base64(counter.to_bytes(_COUNTER) + part) for counter, part in parts]


def _base64(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).decode()


def _few(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    table = list(dict.fromkeys(values))
    if len(table) * 2 > len(values):
        return None
    return lambda out: _write_chosen(out, table, values)


def _write_chosen(out: Writer, table: Sequence[str], values: Sequence[str]) -> None:
    places = {value: place for place, value in enumerate(table)}
    out.number(len(table))
    out.texts(table)
    out.numbers(list(map(places.__getitem__, values)))


def _read_few(of: Reader, count: int, _: Sequence[str]) -> list[str]:
    return _chosen(of.texts(of.count()), of.numbers(count))


def _numbered(values: Sequence[str], known: Mapping[str, int]) -> _Plan | None:
    """Texts that end in a number of one width, as series numbers do."""
    widths = {min(_MOST_DIGITS, len(value) - len(value.rstrip(_DIGITS))) for value in values}
    width = widths.pop()
    if len(values) < 2 or not width or widths:
        return None

    def write(out: Writer) -> None:
        out.number(width)
        out.numbers([int(value[-width:]) for value in values])
        write_column(out, [value[:-width] for value in values], known)

    return write


def _read_numbered(of: Reader, count: int, known: Sequence[str]) -> list[str]:
    width, numbers = of.number(), of.numbers(count)
    if width > _MOST_DIGITS or min(numbers, default=0) < 0:
        raise ValueError("no such width or number")
    fronts = read_column(of, of.byte(), count, known)
    of.spend(sum(map(len, fronts)))
    return [f"{front}{number:0{width}d}" for front, number in zip(fronts, numbers, strict=True)]


def _words(values: Sequence[str], _: Mapping[str, int]) -> _Plan | None:
    """Texts made of few words, as masked names are."""
    split = [value.split(" ") for value in values]
    words = list(chain.from_iterable(split))
    table = list(dict.fromkeys(words))
    if len(table) > min(_MOST_WORDS, len(words) // 2):
        return None

    def write(out: Writer) -> None:
        out.numbers(list(map(len, split)))
        out.number(len(words))
        _write_chosen(out, table, words)

    return write


def _read_words(of: Reader, count: int, known: Sequence[str]) -> list[str]:
    sizes = of.numbers(count)
    words = _read_few(of, of.count(), known)
    if min(sizes, default=0) < 0 or sum(sizes) != len(words):
        raise ValueError("words are missing")
    of.spend(sum(map(len, words)) + len(words))
    ends = [0, *accumulate(sizes)]
    return [" ".join(words[start:end]) for start, end in pairwise(ends)]


def _chosen(table: Sequence[str], places: Sequence[int]) -> list[str]:
    """A negative place is not the last but one, it is wrong."""
    if min(places, default=0) < 0:
        raise IndexError
    return list(map(table.__getitem__, places))


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
