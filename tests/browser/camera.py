"""What a camera sees, drawn: a receipt's QR code on paper, as a still photo or as the film of Chromium's fake camera.

Knows pictures and how Chromium is told where its camera is; refuses to know pages.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from web_base.qr import qr_matrix

FILM = (640, 480)


def code(text: str, module: int = 6) -> Image.Image:
    """The QR code of `text`, so many pixels a module, with its quiet zone."""
    matrix = qr_matrix(text)
    picture = Image.new("L", (len(matrix), len(matrix)), 255)
    picture.putdata([0 if dark else 255 for row in matrix for dark in row])
    return picture.resize((len(matrix) * module, len(matrix) * module), Image.Resampling.NEAREST)


def paper(text: str, module: int = 8) -> Image.Image:
    """A receipt: lines of words, and the code under them."""
    drawn = code(text, module)
    wide, high = drawn.width + 160, drawn.height * 2
    sheet = Image.new("L", (wide, high), 248)
    brush = ImageDraw.Draw(sheet)
    for line in range(12):
        brush.text((60, 30 + line * 34), "Tanda terima permohonan GTG-261121-0042"[line:], fill=25, font_size=24)
    sheet.paste(drawn, (80, high - drawn.height - 40))
    return sheet


def photo(text: str, *, angle: float = 23, blur: float = 2.5, size: tuple[int, int] = (3000, 4000)) -> bytes:
    """A phone's photo of the paper on a table: turned, a little out of focus, darker at one side, as JPEG."""
    sheet, table = paper(text), Image.effect_noise((size[0] // 8, size[1] // 8), 30).resize(size)
    table = table.point([60 + value // 4 for value in range(256)])
    sheet = sheet.resize((sheet.width * 3, sheet.height * 3)) if size[0] > 2000 else sheet
    mask = Image.new("L", sheet.size, 255).rotate(angle, expand=True)
    turned = sheet.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    table.paste(turned, ((size[0] - turned.width) // 2, (size[1] - turned.height) // 2), mask)
    light = Image.linear_gradient("L").resize(size).point([130 + value // 2 for value in range(256)])
    shaded = Image.composite(table, Image.new("L", size, 0), light).filter(ImageFilter.GaussianBlur(blur))
    told = io.BytesIO()
    shaded.convert("RGB").save(told, "JPEG", quality=82)
    return told.getvalue()


def film(path: Path, picture: Image.Image | None) -> None:
    """Put before the camera at `path`: a picture in the middle of its view, or nothing but a table."""
    seen = Image.new("L", FILM, 150)
    if picture is not None:
        seen.paste(picture, ((FILM[0] - picture.width) // 2, (FILM[1] - picture.height) // 2))
    grey = bytes([128]) * (FILM[0] * FILM[1] // 2)
    frame = b"FRAME\n" + seen.tobytes() + grey
    path.write_bytes(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % FILM + frame * 4)


def camera(path: Path) -> list[str]:
    """Chromium's arguments for a camera that shows what lies at `path`; whether it is allowed is each page's matter."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]


def allow(page: Any, *, camera: bool = True) -> None:
    """The person has answered the question for the camera: what is not granted then is refused without a question."""
    page.context.clear_permissions()
    page.context.grant_permissions(["camera" if camera else "geolocation"])
