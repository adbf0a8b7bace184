"""A photo of twelve megapixels, made small by a phone with a slow processor. Knows the photo's page and its script's
measure; refuses to know how it is made small.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bench.relay import Relay

Row = tuple[str, str]
SERVICE, SIZE, TRIES, SLOWER = "UMK-05", (4000, 3000), 3, 6
WORDS = "NIB 9120 0000 0000 1 – usaha perorangan, Pasar Genteng, izin berlaku selama menjalankan usaha. "
PERSON = {"name": "Wagirah", "nik": "3510095708959901", "address": "Jl. Hasanudin No. 12, Genteng Wetan"}
SAVE = """async (body) => {
  const { csrf_token } = await (await fetch("/api/sesi")).json();
  const headers = { "X-CSRFToken": csrf_token, "Content-Type": "application/json" };
  return (await fetch("/api/permohonan", { method: "POST", headers, body: JSON.stringify(body) })).status;
}"""
TOOK = "() => performance.getEntriesByName('foto').map((each) => each.duration)"


def photo(context: Any, url: str, line: Relay) -> Iterator[Row]:
    """Rows: choosing one, sending one, beside the aims."""
    shot = document()
    page = context.new_page()
    page.goto(url + "/")
    record = str(uuid.uuid4())
    body = {"record_id": record, "service": SERVICE, "papers": [[0, "asli"], [1, "asli"], [2, "asli"]],
            "relation": "diri_sendiri", "pemohon": PERSON}  # fmt: skip
    if (status := page.evaluate(SAVE, body)) != 201:
        raise RuntimeError(f"the request for the photo was not stored: {status}")
    slowed, address = context.new_cdp_session(page), f"{url}/permohonan/{record}/tanda-terima"
    took = {}
    for rate in (1, SLOWER):
        slowed.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        took[rate] = statistics.median(_shrunk(page, address, shot) for _ in range(TRIES)) / 1000
    what = f"12 megapixels ({len(shot) / 1e6:.1f} MB) made small, processor {SLOWER}x slower"
    worst = f"at worst {SLOWER} x {took[1]:.2f} s, since a decoder beside the page's thread is not slowed"
    yield what, f"{took[SLOWER]:.2f} s, median of {TRIES} (aim 3 s); {worst}"
    yield _sent(page, line)
    page.close()


def _shrunk(page: Any, address: str, shot: bytes) -> float:
    """Milliseconds from the choice to the small picture, as the page's own script measures it."""
    page.goto(address)
    page.set_input_files("[capture=environment]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": shot})
    page.locator(".photo .send").wait_for()
    return float(page.evaluate(TOOK)[0])


def _sent(page: Any, line: Relay) -> Row:
    line.settle()
    line.clear()
    began = time.perf_counter()
    page.click(".photo .send")
    page.locator(".taken").wait_for()
    return "It is sent and remade at the stall", f"{line.up / 1000:.0f} KB up, {time.perf_counter() - began:.1f} s"


def document() -> bytes:
    """A photographed paper: small print in rows on a table, with the noise of a sensor, as a JPEG."""
    picture = Image.new("RGB", SIZE, (122, 94, 70))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((300, 200, 3700, 2800), fill=(236, 232, 220))
    for row in range(40):
        size = 30 + row % 5 * 8
        pen.text((380, 260 + 62 * row), WORDS * 2, fill=(40, 40, 60), font=ImageFont.load_default(size))
    noise = Image.merge("RGB", [Image.effect_noise(SIZE, 26)] * 3)
    file = BytesIO()
    Image.blend(picture.filter(ImageFilter.GaussianBlur(1.2)), noise, 0.12).save(file, "JPEG", quality=92)
    return file.getvalue()
