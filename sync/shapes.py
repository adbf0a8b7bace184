"""Knows how a message's text falls into pieces and values, each value under its place; refuses to know what they say.

A message is split at its quotes, and what stands outside them again at its braces: a stretch that looks like one seen
before (its pieces, the names in it) is one look, however many values it has.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple

from sync.bits import MAX_COUNT

Place = tuple[str, str, bool]
"""Where a value stands: the last key before it, what follows that key, whether it is a text."""
_SLASH, _QUOTE = "\x01", "\x02"
"""Stand for an escaped backslash and an escaped quote; no canonical text has them."""
_NUMERALS = b"-0123456789"
_AS_NOUGHT = bytes.maketrans(_NUMERALS, b"0" * len(_NUMERALS))
_ALONE = bytes(byte if byte in _NUMERALS else ord(" ") for byte in range(256))
_Take = Callable[[str], None]


class _Layout(NamedTuple):
    """A stretch as its quotes cut it: what stands between them, and which of the texts are names, which values."""

    between: list[str]
    is_name: bytes
    is_value: bytes


class _State(NamedTuple):
    """What a stretch depends on: the place of the value before it, and what has followed that value."""

    last: Place | None
    tail: str


class _Stretch(NamedTuple):
    """What follows an opening brace up to the next: its run (None without values), who takes the values, what then."""

    run: int | None
    texts: list[_Take]
    numbers: list[_Take]
    after: int


@dataclass
class Shapes:
    """A message taken apart. `columns` are its values by place; `pieces` are (what stands before a value, its column).

    `runs` are the different stretches of pieces, each beginning where an object does, `order` how they follow each
    other, `tail` is what follows the last value. Raises ValueError for a text without values or with too many.
    """

    text: str
    columns: dict[Place, list[str]] = field(default_factory=dict)
    pieces: dict[tuple[str, int], int] = field(default_factory=dict)
    runs: dict[tuple[int, ...], int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    tail: str = ""

    def __post_init__(self) -> None:
        self._numbers: dict[Place, int] = {}
        self._numbered: dict[_State, int] = {}
        self._states: list[_State] = []
        frame, texts = _at_quotes(self.text)
        numbers = frame.translate(_ALONE).decode().split()
        into_texts, into_numbers, is_value = self._walk(_skeleton(frame), texts)
        if not 0 < len(into_texts) + len(into_numbers) <= MAX_COUNT:
            raise ValueError("nothing to fold, or too much")
        _fill(into_texts, compress(texts, is_value))
        _fill(into_numbers, numbers)

    def _walk(self, skeleton: str, texts: Sequence[str]) -> tuple[list[_Take], list[_Take], bytes]:
        into_texts: list[_Take] = []
        into_numbers: list[_Take] = []
        is_value = bytearray()
        layouts: dict[str, _Layout] = {}
        seen: dict[tuple[int, str, tuple[str, ...]], _Stretch] = {}
        state = self._state(None, "")
        for chunk in skeleton.replace("{", "\0{").split("\0"):
            layout = layouts.get(chunk) or layouts.setdefault(chunk, _layout(chunk))
            at = len(is_value)
            is_value += layout.is_value
            key = state, chunk, tuple(compress(texts[at : len(is_value)], layout.is_name))
            stretch = seen.get(key) or seen.setdefault(key, self._stretch(state, layout, key[2]))
            if stretch.run is not None:
                self.order.append(stretch.run)
            into_texts += stretch.texts
            into_numbers += stretch.numbers
            state = stretch.after
        self.tail = self._states[state].tail
        return into_texts, into_numbers, bytes(is_value)

    def _state(self, last: Place | None, tail: str) -> int:
        state = _State(last, tail)
        number = self._numbered.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number

    def _stretch(self, state: int, layout: _Layout, names: Sequence[str]) -> _Stretch:
        last, begun = self._states[state]
        pieces, rest = _pieces(begun, layout, names)
        run: list[int] = []
        texts: list[_Take] = []
        numbers: list[_Take] = []
        for piece, is_text in pieces:
            last = _place(last, piece, is_text)
            column = self.columns.setdefault(last, [])
            number = self._numbers.setdefault(last, len(self._numbers))
            run.append(self.pieces.setdefault((piece, number), len(self.pieces)))
            (texts if is_text else numbers).append(column.append)
        numbered = self.runs.setdefault(tuple(run), len(self.runs)) if run else None
        return _Stretch(numbered, texts, numbers, self._state(last, rest))


def _at_quotes(text: str) -> tuple[bytes, list[str]]:
    """Return what stands outside the quotes, a quote where a text was, and the texts."""
    if "\\" not in text:
        parts = text.split('"')
        return '"'.join(parts[::2]).encode(), parts[1::2]
    if _SLASH in text or _QUOTE in text:
        raise ValueError("not canonical")
    parts = text.replace("\\\\", _SLASH).replace('\\"', _QUOTE).split('"')
    return '"'.join(parts[::2]).encode(), [part.replace(_QUOTE, '\\"').replace(_SLASH, "\\\\") for part in parts[1::2]]


def _skeleton(frame: bytes) -> str:
    """Return the frame with a nought for every number."""
    frame = frame.translate(_AS_NOUGHT)
    while b"00" in frame:
        frame = frame.replace(b"00", b"0")
    return frame.decode()


def _layout(chunk: str) -> _Layout:
    between = chunk.split('"')
    is_name = bytes(after.startswith(":") for after in between[1:])
    return _Layout(between, is_name, bytes(1 - one for one in is_name))


def _pieces(piece: str, layout: _Layout, names: Sequence[str]) -> tuple[list[tuple[str, bool]], str]:
    """Return the pieces of a stretch, each with whether a text follows it, and what is left behind the last value."""
    found: list[tuple[str, bool]] = []
    name = iter(names)
    for between, is_name in zip(layout.between, [*layout.is_name, None], strict=True):
        first, *more = between.split("0")
        piece += first
        for part in more:
            found.append((piece, False))
            piece = part
        if is_name:
            piece += f'"{next(name)}"'
        elif is_name is not None:
            found.append((piece, True))
            piece = ""
    return found, piece


def _place(before: Place | None, piece: str, is_text: bool) -> Place:
    """A piece without a key of its own goes on under the one before it."""
    front, _, rest = piece.rpartition('":')
    key = front.rpartition('"')[2] if front else before[0] if before else ""
    return key, rest, is_text


def _fill(takers: Sequence[_Take], values: Iterable[str]) -> None:
    for take, value in zip(takers, values, strict=True):
        take(value)
