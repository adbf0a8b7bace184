"""Knows how a message is folded into columns and unfolded to the very same bytes; refuses to know what it says.

A message is canonical JSON. Its skeleton (what stands between the values) is written once for each shape, values of
one place stand together, and what the reader can compute is left out (PROTOCOL.md, section 3).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

import zstandard

from layanan.problems import Refused
from sync.bits import MAX_COUNT, Reader, Writer
from sync.columns import Form, read_column, write_column
from sync.computed import plans, read_plan
from sync.frame import MAX_OPEN
from sync.shapes import Shapes

FOLDED = b"\x02"
"""The first byte of a folded message; one that is not folded begins with a brace."""
DICTIONARY = 1
_LEVEL = 9


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


def _columns(text: str, known: Sequence[str]) -> Writer:
    shapes, places = Shapes(text), {one: place for place, one in enumerate(known)}
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
            out.numbers(_integers(values))
    return out


def _write_shapes(out: Writer, shapes: Shapes) -> None:
    out.number(len(shapes.columns))
    out.dense += bytes(is_text for _, _, is_text in shapes.columns)
    out.number(len(shapes.pieces))
    out.texts([piece for piece, _ in shapes.pieces])
    out.numbers([column for _, column in shapes.pieces])
    out.text(shapes.tail)
    out.number(len(shapes.runs))
    for run in shapes.runs:
        out.number(len(run))
        out.numbers(run)
    out.number(len(shapes.order))
    out.numbers(shapes.order)


def _unfold(raw: bytes, known: Sequence[str]) -> str:
    of = _opened(raw)
    kinds = of.dense(of.count())
    pieces = of.texts(of.count())
    column_of = of.numbers(len(pieces))
    if any(not 0 <= column < len(kinds) for column in column_of):
        raise ValueError("no such column")
    tail = of.text()
    runs, order = _read_order(of, len(pieces))
    counts, size = [0] * len(kinds), len(tail)
    for run, times in Counter(order).items():
        for piece in runs[run]:
            counts[column_of[piece]] += times
            size += times * (len(pieces[piece]) + 2)
    columns = _read_columns(of, counts, known)
    of.end()
    of.spend(size + sum(sum(map(len, column)) for column in columns))
    placed = [[(pieces[piece], column_of[piece]) for piece in run] for run in runs]
    return "".join([*_joined(order, placed, kinds, columns), tail])


def _joined(
    order: Sequence[int], runs: Sequence[Sequence[tuple[str, int]]], kinds: bytes, columns: Sequence[list[str]]
) -> list[str]:
    """Pieces and values in turn. The quotes around a text stand with the pieces, so that they are made once a run."""
    sources = [iter(column) for column in columns]
    made: dict[tuple[int, int], tuple[list[str], list[Iterator[str]], int]] = {}
    fronts: list[str] = []
    values: list[Iterator[str]] = []
    kind = 0
    for run in order:
        found = made.get((kind, run))
        if found is None:
            after = [kind, *(kinds[column] for _, column in runs[run])]
            quoted = [
                '"' * bool(last) + piece + '"' * bool(now)
                for (piece, _), (last, now) in zip(runs[run], pairwise(after), strict=True)
            ]
            found = made[kind, run] = quoted, [sources[column] for _, column in runs[run]], after[-1]
        fronts += found[0]
        values += found[1]
        kind = found[2]
    parts = [""] * (2 * len(fronts)) + ['"' * bool(kind)]
    parts[:-1:2] = fronts
    parts[1::2] = map(next, values)
    return parts


def _read_order(of: Reader, pieces: int) -> tuple[list[list[int]], list[int]]:
    """Return the different runs of pieces, and the runs in order."""
    runs = [of.numbers(of.count()) for _ in range(of.count())]
    if any(not 0 <= piece < pieces for run in runs for piece in run):
        raise ValueError("no such piece")
    order = of.numbers(of.count())
    if min(order, default=0) < 0 or sum(len(runs[run]) for run in order) > MAX_COUNT:
        raise ValueError("no such run, or too many")
    return runs, order


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


def _integers(values: Sequence[str]) -> list[int]:
    numbers = {value: int(value) for value in values}
    if list(map(str, numbers.values())) != list(numbers):
        raise ValueError("not the one spelling of a number")
    return list(map(numbers.__getitem__, values))


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
