"""A text as a QR code: its modules, and an SVG small enough to stand inside the page. Refuses to know the text.

The size on paper is exact: half a millimetre a module is 4 dots of a 203 dpi printer.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET_ZONE = 4
MILLIMETRES_PER_MODULE = 0.5


def qr_matrix(text: str) -> list[list[bool]]:
    """The modules of `text` as a QR code (level M), rows from the top, True is dark, the quiet zone included."""
    code: QRCode[object] = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    matrix: list[list[bool]] = code.get_matrix()
    return matrix


@lru_cache(maxsize=256)
def qr_svg(text: str, label: str = "Kode QR") -> Markup:
    """Inline SVG of `text` (level M, quiet zone 4), one path of horizontal runs, black on white in every theme."""
    matrix = qr_matrix(text)
    size, paper = len(matrix), len(matrix) * MILLIMETRES_PER_MODULE
    # The label is escaped, everything else is a number.
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{paper:g}mm" height="{paper:g}mm"'
        f' role="img" aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{_runs(matrix)}"/></svg>'
    )


def _runs(matrix: list[list[bool]]) -> str:
    drawn: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, cells in groupby(row, key=bool):
            width = len(list(cells))
            if dark:
                drawn.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(drawn)
