"""Makes a new, small picture of the pixels of one photo. Knows Pillow alone; refuses to know anything of ours.

It runs as a script in a process of its own that gives up memory, time and every door before it looks at a byte: what
breaks out of a decoder finds no file to open, no line to talk on and no key. Bytes come in at stdin, a WebP (a JPEG
where Pillow has no WebP) goes out at stdout; the exit code says why not.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from io import BytesIO

from PIL import Image, ImageOps, features

DAMAGED, HEAVY, SMALL = 11, 12, 13
"""Exit codes."""
FORMATS = ("JPEG", "PNG", "WEBP")
PARTS = ("JpegImagePlugin", "MpoImagePlugin", "PngImagePlugin", "TiffImagePlugin", "WebPImagePlugin")
"""What these formats are read with (TIFF: the facts a camera adds), loaded before no file can be opened any more."""
MOST_PIXELS = 40_000_000
SHORTEST = 200
MEMORY, SECONDS = 640 << 20, 15
ENOUGH = 160_000
WEBP = ("WEBP", 1280, (60, 52, 45))
JPEG = ("JPEG", 1024, (70, 60, 50))
"""How it is written: format, longest side, and the qualities to try until it is small enough."""


def give_up_everything() -> None:
    """No more memory and time than one photo needs, no file, no socket, no child; as far as this system can."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 3),
    ):  # fmt: skip
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
    os.nice(5)


def remade(sent: bytes) -> bytes:
    """The same picture, upright, in RGB, no larger than it need be, with nothing in it but its pixels."""
    name, longest, qualities = WEBP if features.check("webp") else JPEG
    with Image.open(BytesIO(sent), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            sys.exit(HEAVY)
        pixels = _small(image, longest)
    for quality in qualities:
        made = BytesIO()
        pixels.save(made, name, quality=quality)
        if made.tell() <= ENOUGH:
            break
    return made.getvalue()


def _small(image: Image.Image, longest: int) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    elif image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    if min(image.size) < SHORTEST:
        sys.exit(SMALL)
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image.convert("RGB"), mask=image.getchannel("A") if "A" in image.getbands() else None)
    return plain


def main() -> None:
    """Answer with a picture and exit code 0, or with another code and nothing."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    Image.preinit()
    for part in PARTS:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"PIL.{part}")
    give_up_everything()
    sent = sys.stdin.buffer.read()
    try:
        made = remade(sent)
    except (MemoryError, Image.DecompressionBombError):
        sys.exit(HEAVY)
    except Exception:  # noqa: BLE001  whatever a decoder stumbles over, the photo is no good
        sys.exit(DAMAGED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
