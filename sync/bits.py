"""Knows numbers, texts and two streams of bytes, one that compresses and one that cannot; refuses to know messages.

Every size that is read is checked before anything of that size is made; errors are ValueError or IndexError.
"""

import itertools
from collections.abc import Sequence

MAX_COUNT = 400_000
"""Values in one list, so that a few bytes cannot ask for gigabytes."""
_SAME, _LINE, _STEPS, _PLAIN = range(4)
_RANDOM = 128
"""A plane with more different bytes than this is noise: it stands where nobody tries to compress it."""


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
        steps = [after - before for before, after in itertools.pairwise(values)]
        if not any(steps):
            self._short(_SAME, values[:1])
        elif all(step == steps[0] for step in steps):
            self._short(_LINE, (values[0], steps[0]))
        elif max(map(abs, steps)) < max(map(abs, values)):
            self._short(_STEPS, values[:1])
            self._planes([_folded(step) for step in steps])
        else:
            self._short(_PLAIN, ())
            self._planes([_folded(value) for value in values])

    def _short(self, shape: int, values: Sequence[int]) -> None:
        self.dense.append(shape)
        for value in values:
            self.number(_folded(value))

    def _planes(self, values: Sequence[int]) -> None:
        """Equal high bytes lie together, and low bytes that are only noise lie apart."""
        width = max(1, (max(values).bit_length() + 7) // 8)
        joined = b"".join(value.to_bytes(width) for value in values)
        planes = [joined[place::width] for place in range(width)]
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

    def rest(self) -> bytes:
        """Return what compresses and was not read."""
        return self._dense[self._at :]

    def text(self) -> str:
        """Read one text."""
        return self.dense(self.number()).decode()

    def texts(self, count: int) -> list[str]:
        """Read so many texts."""
        return [self.dense(size).decode() for size in self.numbers(count)]

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
            values = [self._signed()]
            for step in self._planes(count - 1):
                values.append(values[-1] + step)
            return values
        if shape == _PLAIN:
            return self._planes(count)
        raise ValueError("no such shape")

    def _signed(self) -> int:
        return _unfolded(self.number())

    def _planes(self, count: int) -> list[int]:
        width, noisy = self.byte(), self.byte()
        if not 1 <= width <= 8:
            raise ValueError("no such width")
        joined = bytearray(width * count)
        for place in range(width):
            joined[place::width] = self.noise(count) if noisy >> place & 1 else self.dense(count)
        return [_unfolded(int.from_bytes(joined[at : at + width])) for at in range(0, len(joined), width)]


def _folded(value: int) -> int:
    """Small numbers of either sign become small numbers."""
    return value * 2 if value >= 0 else -value * 2 - 1


def _unfolded(value: int) -> int:
    return value >> 1 if not value & 1 else -(value + 1 >> 1)
