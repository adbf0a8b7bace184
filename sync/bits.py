"""Knows numbers, texts and two streams of bytes, one that compresses and one that cannot; refuses to know messages.

Every size that is read is checked before anything of that size is made; errors are ValueError or IndexError.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate
from operator import sub

MAX_COUNT = 400_000
"""Values in one list, so that a few bytes cannot ask for gigabytes."""
_SAME, _LINE, _STEPS, _PLAIN = range(4)
_RANDOM = 128
"""A plane with more different bytes than this is noise: it stands where nobody tries to compress it."""
_WIDEST = 8


class Writer:
    """Two growing streams: `dense` is compressed afterwards, `noise` is not."""

    def __init__(self) -> None:
        self.dense = bytearray()
        self.noise = bytearray()

    def number(self, value: int) -> None:
        """Write a number that is not negative, seven bits a byte."""
        while value > 127:
            self.dense.append(value & 127 | 128)
            value >>= 7
        self.dense.append(value)

    def text(self, value: str) -> None:
        """Write a text with its length in front."""
        raw = value.encode()
        self.number(len(raw))
        self.dense += raw

    def texts(self, values: Sequence[str]) -> None:
        """Write texts whose count the reader knows."""
        raws = [value.encode() for value in values]
        self.numbers([len(raw) for raw in raws])
        self.dense += b"".join(raws)

    def numbers(self, values: Sequence[int]) -> None:
        """Write numbers whose count the reader knows, in the shape that leaves least of them."""
        steps = list(map(sub, values[1:], values))
        if not any(steps):
            self._short(_SAME, values[:1])
        elif steps.count(steps[0]) == len(steps):
            self._short(_LINE, (values[0], steps[0]))
        elif max(max(steps), -min(steps)) < max(max(values), -min(values)):
            self._short(_STEPS, values[:1])
            self._planes(_folded(steps))
        else:
            self._short(_PLAIN, ())
            self._planes(_folded(values))

    def _short(self, shape: int, values: Sequence[int]) -> None:
        self.dense.append(shape)
        for value in _folded(values):
            self.number(value)

    def _planes(self, values: Sequence[int]) -> None:
        """Equal high bytes lie together, and low bytes that are only noise lie apart."""
        width = max(1, (max(values).bit_length() + 7) // 8)
        if width > _WIDEST:
            raise OverflowError("a number has at most 64 bits")
        joined = bytes(values) if width == 1 else struct.pack(f"<{len(values)}Q", *values)
        step = len(joined) // len(values)
        planes = [joined[place::step] for place in reversed(range(width))]
        noisy = sum(1 << place for place, plane in enumerate(planes) if len(set(plane)) > _RANDOM)
        self.dense += bytes((width, noisy))
        for place, plane in enumerate(planes):
            (self.noise if noisy >> place & 1 else self.dense).extend(plane)


class Reader:
    """Reads what a Writer wrote; `budget` is how many characters may still be made out of it."""

    def __init__(self, dense: bytes, noise: bytes, budget: int) -> None:
        self._dense, self._noise = dense, noise
        self._at = self._noise_at = 0
        self.budget = budget

    def spend(self, characters: int) -> None:
        """Say that so many characters are about to be made. Raises ValueError when that is too much."""
        self.budget -= characters
        if self.budget < 0:
            raise ValueError("more than a message may hold")

    def end(self) -> None:
        """Raise ValueError unless everything was read."""
        if self._at != len(self._dense) or self._noise_at != len(self._noise):
            raise ValueError("bytes are left")

    def byte(self) -> int:
        """Read one byte."""
        self._at += 1
        return self._dense[self._at - 1]

    def number(self) -> int:
        """Read a number that is not negative."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number has at most 64 bits")

    def count(self) -> int:
        """Read how many of something follow; what is counted is paid for."""
        count = self.number()
        if count > MAX_COUNT:
            raise ValueError("too many")
        self.spend(count)
        return count

    def dense(self, size: int) -> bytes:
        """Read bytes that compress."""
        self._at += size
        if size < 0 or self._at > len(self._dense):
            raise ValueError("bytes are missing")
        return self._dense[self._at - size : self._at]

    def noise(self, size: int) -> bytes:
        """Read bytes that do not."""
        self._noise_at += size
        if size < 0 or self._noise_at > len(self._noise):
            raise ValueError("bytes are missing")
        return self._noise[self._noise_at - size : self._noise_at]

    def noises(self, sizes: Sequence[int]) -> list[bytes]:
        """Read pieces of these sizes of the bytes that do not."""
        return _cut(self.noise(sum(sizes)), sizes)

    def rest(self) -> bytes:
        """Return what compresses and was not read."""
        return self._dense[self._at :]

    def text(self) -> str:
        """Read one text."""
        return self.dense(self.number()).decode()

    def texts(self, count: int) -> list[str]:
        """Read so many texts."""
        sizes = self.numbers(count)
        return [raw.decode() for raw in _cut(self.dense(sum(sizes)), sizes)]

    def numbers(self, count: int) -> list[int]:
        """Read so many numbers."""
        if not 0 <= count <= MAX_COUNT:
            raise ValueError("too many")
        shape = self.byte()
        if shape == _SAME:
            return [self._signed()] * count if count else []
        if shape == _LINE:
            first, step = self._signed(), self._signed()
            return [first + step * place for place in range(count)]
        if shape == _STEPS:
            first = self._signed()
            return list(accumulate(self._planes(count - 1), initial=first))
        if shape == _PLAIN:
            return self._planes(count)
        raise ValueError("no such shape")

    def _signed(self) -> int:
        (value,) = _unfolded((self.number(),))
        return value

    def _planes(self, count: int) -> list[int]:
        width, noisy = self.byte(), self.byte()
        if not 1 <= width <= _WIDEST or count < 0:
            raise ValueError("no such width")
        planes = [self.noise(count) if noisy >> place & 1 else self.dense(count) for place in range(width)]
        if width == 1:
            return [_SMALL[value] for value in planes[0]]
        joined = bytearray(_WIDEST * count)
        for place, plane in enumerate(reversed(planes)):
            joined[place::_WIDEST] = plane
        return _unfolded(struct.unpack(f"<{count}Q", joined))


def _cut(joined: bytes, sizes: Sequence[int]) -> list[bytes]:
    if min(sizes, default=0) < 0:
        raise ValueError("bytes are missing")
    return [joined[end - size : end] for size, end in zip(sizes, accumulate(sizes), strict=True)]


def _folded(values: Sequence[int]) -> list[int]:
    """Small numbers of either sign become small numbers."""
    return [value + value if value >= 0 else -value - value - 1 for value in values]


def _unfolded(values: Sequence[int]) -> list[int]:
    return [value >> 1 if not value & 1 else -(value + 1 >> 1) for value in values]


_SMALL = _unfolded(range(256))
