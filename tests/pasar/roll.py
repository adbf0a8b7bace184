"""What a 58 mm printer does with the bytes it gets (ESC/POS), byte for byte.

The decoder knows only the commands a ticket may hold and fails at any other byte, so that nothing slips through:
no cash drawer, no code page, no sign outside ASCII.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field

import zxingcpp

COLUMNS, DOTS = 32, 384


@dataclass
class Line:
    text: str
    align: int
    bold: bool
    times: int


@dataclass
class Picture:
    """Rows of dots, True is black."""

    rows: list[list[bool]]
    align: int


@dataclass
class Roll:
    """Everything on the paper since the last reset, in order; `cuts` counts the knife."""

    printed: list[Line | Picture] = field(default_factory=list)
    cuts: int = 0
    feeds: int = 0

    @property
    def lines(self) -> list[str]:
        return [each.text for each in self.printed if isinstance(each, Line)]

    @property
    def picture(self) -> Picture:
        (found,) = [each for each in self.printed if isinstance(each, Picture)]
        return found


_COMMANDS = (
    ("reset", rb"\x1b@"), ("size", rb"\x1d!(.)"), ("bold", rb"\x1bE([\x00\x01])"), ("align", rb"\x1ba([\x00-\x02])"),
    ("feed", rb"\x1bd(.)"), ("cut", rb"\x1dVB\x00"), ("raster", rb"\x1dv0\x00(..)(..)"),
    ("ask", rb"\x10\x04[\x02\x04]"), ("done", rb"\x1dr\x01"), ("text", rb"([\x20-\x7e]*)\n"),
)  # fmt: skip
_NEXT = re.compile(b"|".join(b"(?P<%s>%s)" % (name.encode(), shape) for name, shape in _COMMANDS), re.DOTALL)


def decode(data: bytes) -> list[Roll]:
    """The papers in a stream of bytes, one after each reset. Raises AssertionError at a byte no ticket may hold."""
    rolls: list[Roll] = []
    at, bold, times, align = 0, False, 1, 0
    while at < len(data):
        found = _NEXT.match(data, at)
        assert found, f"byte {at} is no command of a ticket: {data[at : at + 12]!r}"
        name, at = str(found.lastgroup), found.end()
        value = found[0][-1]
        if name == "reset":
            rolls.append(Roll())
            bold, times, align = False, 1, 0
        elif name == "size":
            times = (value & 15) + 1
            assert value == 17 * (times - 1), "as high as wide"
        elif name == "bold":
            bold = value == 1
        elif name == "align":
            align = value
        elif name == "feed":
            rolls[-1].feeds += value
        elif name == "cut":
            rolls[-1].cuts += 1
        elif name == "raster":
            wide_bytes, high = struct.unpack("<HH", found[0][4:8])
            assert wide_bytes * 8 <= DOTS + 7
            rolls[-1].printed.append(Picture(_dots(data[at : at + wide_bytes * high], wide_bytes, high), align))
            at += wide_bytes * high
        elif name == "text":
            text = found[0][:-1].decode("ascii")
            assert len(text) * times <= COLUMNS, text
            rolls[-1].printed.append(Line(text, align, bold, times))
    return rolls


def _dots(raster: bytes, wide: int, high: int) -> list[list[bool]]:
    assert len(raster) == wide * high, "the picture is cut off"
    return [[bool(raster[y * wide + x // 8] & (0x80 >> x % 8)) for x in range(wide * 8)] for y in range(high)]


def read_picture(picture: Picture) -> list[str]:
    """The texts of the QR codes in a picture, as a phone reads them."""
    grey = bytes(0 if dot else 255 for row in picture.rows for dot in row)
    shape = (len(picture.rows), len(picture.rows[0]))
    return [found.text for found in zxingcpp.read_barcodes(memoryview(grey).cast("B", shape=shape))]


def png(rows: list[list[bool]]) -> bytes:
    """The dots as a picture to look at, one dot a pixel."""
    raw = b"".join(b"\x00" + bytes(0 if dot else 255 for dot in row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    packed = [struct.pack(">I", len(b)) + kind + b + struct.pack(">I", zlib.crc32(kind + b)) for kind, b in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
