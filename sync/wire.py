"""Knows how a message is folded into columns and unfolded to the very same bytes; refuses to know what it says.

A message is canonical JSON. Its skeleton (what stands between the values) is written once for each shape, values of
one place stand together, and what the reader can compute is left out (PROTOCOL.md, section 3).
"""

import itertools
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import zstandard

from layanan.problems import Refused
from sync.bits import MAX_COUNT, Reader, Writer
from sync.columns import Form, read_column, write_column
from sync.computed import Place, plans, read_plan
from sync.frame import MAX_OPEN

FOLDED = b"\x02"
"""The first byte of a folded message; one that is not folded begins with a brace."""
DICTIONARY = 1
_LEVEL = 9
_TOKEN = re.compile(r'((?:[^"0-9-]++|"(?:[^"\\]++|\\.)*+":)*+)("(?:[^"\\]++|\\.)*+"|-?[0-9]+|$)')


def folded(payload: bytes, known: Sequence[str] = ()) -> bytes:
    """Return the shortest form of a message; what cannot be folded is returned as it is, and read all the same.

    `known` are texts that the reader has already: the same list, in the same order, on both sides.
    """
    try:
        out = _columns(payload.decode(), known)
    except (ValueError, OverflowError):
        return payload
    packed = _compressor().compress(bytes(out.dense))
    head = Writer()
    head.number(DICTIONARY)
    head.number(len(packed))
    return FOLDED + bytes(head.dense) + packed + bytes(out.noise)


def dense_part(payload: bytes, known: Sequence[str] = ()) -> bytes:
    """Return what of a folded message compresses: a dictionary is trained on it. Raises ValueError."""
    return bytes(_columns(payload.decode(), known).dense)


def unfolded(raw: bytes, known: Sequence[str] = ()) -> bytes:
    """Return the message that `folded` was given. Raises Refused("sync_malformed" | "sync_too_new" | "sync_too_large").

    Never makes more than 8 MB of it, whoever wrote it.
    """
    if not is_folded(raw):
        return raw
    try:
        return _unfold(raw[1:], known).encode()
    except (ValueError, IndexError, KeyError, OverflowError, zstandard.ZstdError) as error:
        raise Refused("sync_malformed") from error


def is_folded(raw: bytes) -> bool:
    """Say whether a payload is a folded message."""
    return raw[:1] == FOLDED


class _Shapes:
    """Splits a message into pieces and values: `pieces` are (what stands before a value, its column)."""

    def __init__(self, text: str) -> None:
        self.columns: dict[Place, list[str]] = {}
        self.pieces: dict[tuple[str, int], int] = {}
        self.order: list[int] = []
        self._numbers: dict[Place, int] = {}
        self._cache: dict[tuple[Place | None, str, bool], tuple[Place, list[str], int]] = {}
        self.tail = ""
        place: Place | None = None
        for piece, value in _TOKEN.findall(text):
            if not value:
                self.tail += piece
                continue
            found = self._cache.get((place, piece, value[0] == '"')) or self._new(place, piece, value[0] == '"')
            place = found[0]
            found[1].append(value[1:-1] if place[2] else value)
            self.order.append(found[2])

    def _new(self, before: Place | None, piece: str, is_text: bool) -> tuple[Place, list[str], int]:
        front, _, rest = piece.rpartition('":')
        key = front.rpartition('"')[2] if front else before[0] if before else ""
        place = key, rest, is_text
        column = self.columns.setdefault(place, [])
        number = self._numbers.setdefault(place, len(self._numbers))
        found = place, column, self.pieces.setdefault((piece, number), len(self.pieces))
        self._cache[before, piece, is_text] = found
        return found

    def runs(self) -> tuple[list[tuple[int, ...]], list[int]]:
        """Return the different stretches of pieces, each beginning where an object does, and their order."""
        opening = {number for (piece, _), number in self.pieces.items() if "{" in piece}
        cuts = [0, *(at for at, number in enumerate(self.order) if at and number in opening), len(self.order)]
        table: dict[tuple[int, ...], int] = {}
        order = [
            table.setdefault(tuple(self.order[start:end]), len(table))
            for start, end in itertools.pairwise(cuts)
        ]
        return list(table), order


def _columns(text: str, known: Sequence[str]) -> Writer:
    shapes, places = _Shapes(text), {one: place for place, one in enumerate(known)}
    if not 0 < len(shapes.order) <= MAX_COUNT:
        raise ValueError("nothing to fold, or too much")
    out = Writer()
    _write_shapes(out, shapes)
    computed = plans(shapes.columns)
    for place, values in shapes.columns.items():
        if place in computed:
            computed[place](out)
        elif place[2]:
            write_column(out, values, places)
        else:
            out.dense.append(Form.NUMBERS)
            out.numbers([_integer(value) for value in values])
    return out


def _write_shapes(out: Writer, shapes: _Shapes) -> None:
    table, order = shapes.runs()
    out.number(len(shapes.columns))
    out.dense += bytes(is_text for _, _, is_text in shapes.columns)
    out.number(len(shapes.pieces))
    out.texts([piece for piece, _ in shapes.pieces])
    out.numbers([column for _, column in shapes.pieces])
    out.text(shapes.tail)
    out.number(len(table))
    for run in table:
        out.number(len(run))
        out.numbers(run)
    out.number(len(order))
    out.numbers(order)


def _unfold(raw: bytes, known: Sequence[str]) -> str:
    of = _opened(raw)
    kinds = of.dense(of.count())
    pieces = of.texts(of.count())
    column_of = of.numbers(len(pieces))
    if any(not 0 <= column < len(kinds) for column in column_of):
        raise ValueError("no such column")
    tail = of.text()
    order = _read_order(of, len(pieces))
    counts = [0] * len(kinds)
    for piece in order:
        counts[column_of[piece]] += 1
    columns = _read_columns(of, counts, known)
    of.end()
    of.spend(sum(len(pieces[piece]) for piece in order) + sum(len(value) + 2 for column in columns for value in column))
    values = [
        iter([f'"{value}"' for value in column] if kind else column)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    parts = [part for piece in order for part in (pieces[piece], next(values[column_of[piece]]))]
    return "".join([*parts, tail])


def _read_order(of: Reader, pieces: int) -> list[int]:
    table = [of.numbers(of.count()) for _ in range(of.count())]
    if any(not 0 <= piece < pieces for run in table for piece in run):
        raise ValueError("no such piece")
    order: list[int] = []
    for run in of.numbers(of.count()):
        if run < 0 or len(order) + len(table[run]) > MAX_COUNT:
            raise ValueError("no such stretch, or too many")
        order += table[run]
    return order


def _read_columns(of: Reader, counts: Sequence[int], known: Sequence[str]) -> list[list[str]]:
    """What follows from other columns is computed last."""
    columns: list[list[str]] = []
    later: dict[int, Callable[[Sequence[list[str]]], list[str]]] = {}
    for number, count in enumerate(counts):
        form = of.byte()
        plan = read_plan(of, form, count)
        if plan:
            later[number] = plan
            columns.append([])
        elif form == Form.NUMBERS:
            columns.append([str(value) for value in of.numbers(count)])
        else:
            columns.append(read_column(of, form, count, known))
    for number, plan in later.items():
        columns[number] = plan(columns)
    if any(len(column) != count for column, count in zip(columns, counts, strict=True)):
        raise ValueError("a column has another length than its place")
    return columns


def _integer(value: str) -> int:
    number = int(value)
    if str(number) != value:
        raise ValueError("not the one spelling of a number")
    return number


def _opened(raw: bytes) -> Reader:
    """The dictionary is named in front; which one an older reader lacks is `sync_too_new`."""
    head = Reader(raw, b"", MAX_OPEN)
    dictionary, size = head.number(), head.number()
    if dictionary not in (0, DICTIONARY):
        raise Refused("sync_too_new")
    packed = head.dense(size)
    if not 0 <= zstandard.frame_content_size(packed) <= MAX_OPEN:
        raise ValueError("no size, or too much")
    opener = zstandard.ZstdDecompressor(dict_data=_dictionary() if dictionary else None)
    dense = opener.decompress(packed, max_output_size=MAX_OPEN, allow_extra_data=False)
    return Reader(dense, head.rest(), MAX_OPEN)


def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=_dictionary(), write_dict_id=False, write_checksum=False)


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    """Trained on made-up requests without any person; its number is its name, so its bytes never change."""
    raw = files("sync").joinpath(f"wire-{DICTIONARY}.zdict").read_bytes()
    return zstandard.ZstdCompressionDict(raw)
