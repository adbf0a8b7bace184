"""Knows which columns of a message follow from its other columns; refuses to know how columns are written.

An entry's id follows from its place in the log, the hash of a sealed part from the part, the monotonic clock (nearly)
from the time. What does not follow is written like any other column.
"""

from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from operator import sub

from sync.bits import Reader, Writer
from sync.columns import Form, milliseconds
from sync.entry import entry_id
from sync.seal import sealed_hash
from sync.shapes import Place

_AT: Place = ("at", "", True)
_MONO: Place = ("mono", "", False)
_ID: Place = ("id", "", True)
_NAMES: Sequence[Place] = (("author", "", True), ("epoch", "", False), ("seq", "", False))
_SHA: Place = ("sealed", ",", True)
_PART: Place = ("zone", "},", True)
_Columns = Mapping[Place, list[str]]
Plan = Callable[[Writer], None]


def plans(columns: _Columns) -> dict[Place, Plan]:
    """Return how to write the columns that follow from others."""
    numbers = {place: number for number, place in enumerate(columns)}
    found: dict[Place, Plan] = {}
    if _ID in columns and _named(*(columns.get(place, []) for place in _NAMES)) == columns[_ID]:
        found[_ID] = _plan(Form.NAMED, [numbers[place] for place in _NAMES])
    if _SHA in columns and _PART in columns and _hashed(columns[_PART]) == columns[_SHA]:
        found[_SHA] = _plan(Form.HASHED, [numbers[_PART]])
    if _MONO in columns and len(columns[_MONO]) == len(columns.get(_AT, ())):
        apart = list(map(sub, milliseconds(columns[_AT]), map(int, columns[_MONO])))
        found[_MONO] = _plan(Form.BESIDE, [numbers[_AT]], apart)
    return found


def read_plan(of: Reader, form: int, count: int) -> Callable[[Sequence[list[str]]], list[str]] | None:
    """Return how to compute a column from the others, or None when this form is none of these."""
    if form == Form.NAMED:
        names = [of.number() for _ in _NAMES]
        return lambda columns: _named(*(columns[name] for name in names))
    if form == Form.HASHED:
        part = of.number()
        return lambda columns: _hashed(columns[part])
    if form == Form.BESIDE:
        at, apart = of.number(), of.numbers(count)
        return lambda columns: list(map(str, map(sub, milliseconds(columns[at]), apart)))
    return None


def _plan(form: Form, sources: Sequence[int], numbers: Sequence[int] = ()) -> Plan:
    def write(out: Writer) -> None:
        out.dense.append(form)
        for source in sources:
            out.number(source)
        if numbers:
            out.numbers(numbers)

    return write


def _named(authors: Sequence[str], epochs: Sequence[str], seqs: Sequence[str]) -> list[str]:
    if not len(authors) == len(epochs) == len(seqs):
        return []
    return [entry_id(author, int(epoch), int(seq)) for author, epoch, seq in zip(authors, epochs, seqs, strict=True)]


def _hashed(parts: Sequence[str]) -> list[str]:
    return [sealed_hash(a2b_base64(part)) for part in parts]
