"""Draws a decoded paper as a picture, one dot of the printer a pixel, so that a person can look at it.

Run it as `python -m tests.pasar.roll_picture`; writes docs/screens/struk-58-mm.png, or the file given as the argument.
"""

import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pasar.ticket_bytes import ticket_bytes
from tests.pasar.roll import COLUMNS, DOTS, Line, Roll, decode
from tests.pasar.test_ticket import PAPER

TARGET = Path(__file__).parents[2] / "docs" / "screens" / "struk-58-mm.png"
CELL, HIGH, EDGE = DOTS // COLUMNS, 30, 40


def draw(roll: Roll) -> Image.Image:
    """The paper, 58 mm wide with its edges."""
    heights = [HIGH * each.times if isinstance(each, Line) else len(each.rows) for each in roll.printed]
    paper = Image.new("L", (DOTS + 2 * EDGE, sum(heights) + 2 * EDGE), 255)
    top = EDGE
    for each, high in zip(roll.printed, heights, strict=True):
        drawn = _line(each, high) if isinstance(each, Line) else _picture(each.rows)
        left = EDGE + (0, (DOTS - drawn.width) // 2, DOTS - drawn.width)[each.align]
        paper.paste(drawn, (left, top))
        top += high
    return paper


def _line(line: Line, high: int) -> Image.Image:
    """Font A is 12 by 24 dots; every letter in a cell of its own, as the printer sets it."""
    wide = CELL * line.times
    drawn = Image.new("L", (max(1, wide * len(line.text)), high), 255)
    font = ImageFont.truetype("DejaVuSansMono.ttf", high * 0.7)
    for place, sign in enumerate(line.text):
        ImageDraw.Draw(drawn).text(
            (place * wide + wide // 2, high // 2), sign, 0, font, "mm", stroke_width=0.4 if line.bold else 0
        )
    return drawn


def _picture(rows: list[list[bool]]) -> Image.Image:
    drawn = Image.new("L", (len(rows[0]), len(rows)))
    drawn.putdata([0 if dot else 255 for row in rows for dot in row])
    return drawn


if __name__ == "__main__":
    (roll,) = decode(ticket_bytes(replace(PAPER, queue="A 12", copied="21 Nov 2026, 15.30 WIB").parts))
    draw(roll).save(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET, optimize=True)
