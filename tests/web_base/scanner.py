"""Reads a QR code from a PNG the way a phone would, with no picture library: zlib, the five PNG filters, zxing."""

from __future__ import annotations

import struct
import zlib

import zxingcpp


def read_qr(png: bytes) -> list[str]:
    """Texts of all codes in an 8-bit RGB or RGBA picture that is not interlaced (what browsers' screenshots are)."""
    width, height, channels, packed = _parts(png)
    rows = _rows(zlib.decompress(packed), width * channels, height, channels)
    grey = bytes(row[x] for row in rows for x in range(0, width * channels, channels))
    picture = memoryview(grey).cast("B", shape=(height, width))
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def _parts(png: bytes) -> tuple[int, int, int, bytes]:
    at, packed, head = 8, b"", (0, 0, 8, 2)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            head = struct.unpack(">IIBB", body[:10])
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    assert head[2] == 8 and head[3] in (2, 6)
    return head[0], head[1], 3 if head[3] == 2 else 4, packed


def _rows(raw: bytes, stride: int, height: int, back: int) -> list[bytearray]:
    rows, above = [], bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        row = bytearray(raw[start + 1 : start + 1 + stride])
        _unfilter(raw[start], row, above, back)
        rows.append(row)
        above = row
    return rows


def _unfilter(kind: int, row: bytearray, above: bytearray, back: int) -> None:
    for x in range(len(row)) if kind else ():
        left, corner = (row[x - back], above[x - back]) if x >= back else (0, 0)
        guess = (0, left, above[x], (left + above[x]) // 2, _paeth(left, above[x], corner))[kind]
        row[x] = (row[x] + guess) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    middle = left + up - corner
    return min((left, up, corner), key=lambda each: abs(middle - each))
