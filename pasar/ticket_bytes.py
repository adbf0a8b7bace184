"""The parts of a ticket as the bytes a 58 mm printer prints (ESC/POS), by python-escpos.

Knows 32 columns, 384 dots and plain ASCII; refuses to know how bytes reach a printer. Never opens a cash drawer.
"""

from __future__ import annotations

import importlib
import os
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from layanan.latin import plain_latin
from layanan.problems import Refused
from pasar.ticket import Look, Part
from web_base.qr import qr_matrix

COLUMNS = 32
DOTS_PER_MODULE = 4
"""Half a millimetre on a head of 8 dots a millimetre (203 dpi): what cheap phones still read from a thermal roll."""
PROFILE = "POS-5890"
_CENTRED = frozenset({Look.COPY, Look.HEAD, Look.MIDDLE, Look.TITLE, Look.BIG, Look.HUGE, Look.CODE})
_BOLD = frozenset({Look.COPY, Look.HEAD, Look.TITLE, Look.STRONG, Look.BIG, Look.HUGE, Look.CODE})
_TIMES = {Look.COPY: 2, Look.BIG: 2, Look.CODE: 2, Look.HUGE: 4}


@dataclass(frozen=True)
class Line:
    """One line of text on the roll, its letters `times` as wide and as high."""

    text: str
    centred: bool = False
    bold: bool = False
    times: int = 1


def ticket_bytes(parts: Sequence[Part]) -> bytes:
    """What to send to the printer, from the reset to the cut. Raises Refused("printer_software")."""
    # Left to itself the library picks code pages from its table, and cheap printers have other ones; ASCII needs none.
    paper = escpos("printer").Dummy(profile=PROFILE, magic_encode_args={"encoding": "CP437", "disabled": True})
    paper.hw("INIT")
    for part in parts:
        if part.look is Look.QR:
            paper.set(align="center")
            paper.image(_picture(part.text))
        for line in lines(part):
            side = "center" if line.centred else "left"
            paper.set(align=side, bold=line.bold, custom_size=True, width=line.times, height=line.times)
            paper.textln(line.text)
    paper.print_and_feed(3)
    # Feed to the knife and cut; a printer without a knife only feeds, whatever the library's table says of it.
    paper.cut(feed=False)
    return bytes(paper.output)


def lines(part: Part) -> Iterator[Line]:
    """The lines of one part, none longer than the paper is wide."""
    if part.look is Look.FACTS:
        for label, value in part.facts:
            yield from (Line(text) for text in _fact(plain_latin(label), value))
        yield Line("")
        return
    if part.look is Look.QR:
        return
    for row in _wrapped(plain_latin(part.label)) if part.label else ():
        yield Line(row, centred=True)
    text = plain_latin(part.text)
    times = _TIMES.get(part.look, 1)
    while times * len(text) > COLUMNS and times > 1:
        times -= 1
    for row in _wrapped(text):
        yield Line(row, part.look in _CENTRED, part.look in _BOLD, times)


def _fact(label: str, value: str | tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        yield from _wrapped(f"{label}: {plain_latin(value)}", after="  ")
        return
    yield from _wrapped(f"{label}:")
    for each in value:
        yield from _wrapped(f"- {plain_latin(each)}", after="  ")


def _wrapped(text: str, after: str = "") -> list[str]:
    return textwrap.wrap(text, COLUMNS, subsequent_indent=after) or [""]


def _picture(text: str) -> Any:
    """The QR code as a picture of DOTS_PER_MODULE dots a module, its quiet zone included."""
    matrix = qr_matrix(text)
    image = _pillow().new("1", (len(matrix), len(matrix)), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    size = len(matrix) * DOTS_PER_MODULE
    return image.resize((size, size), 0)


@cache
def escpos(name: str) -> ModuleType:
    """A module of python-escpos, which only the extra `[printer]` brings. Raises Refused("printer_software")."""
    try:
        found = importlib.import_module(f"escpos.{name}")
        table = importlib.import_module("escpos.capabilities")
    except ImportError:
        raise Refused("printer_software") from None
    # The library leaves a folder of its own making behind at every start.
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(table.pickle_dir, ignore_errors=True)
    return found


@cache
def _pillow() -> ModuleType:
    return importlib.import_module("PIL.Image")
