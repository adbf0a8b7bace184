"""Pictures for the tests: a house front, drawn; as a phone's camera would write it, with its place on earth inside."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

GPS = 0x8825
PLACE = (8.0, 22.0, 7.5)


def front(width: int = 1600, height: int = 1200) -> Image.Image:
    """A house with a door: left half light, a red mark in its upper left corner."""
    picture = Image.new("RGB", (width, height), (150, 190, 230))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 6, height // 3, width * 5 // 6, height), fill=(222, 205, 170))
    draw.rectangle((width // 2, height // 2, width * 2 // 3, height), fill=(80, 50, 30))
    draw.rectangle((0, 0, width // 8, height // 8), fill=(210, 20, 20))
    return picture.filter(ImageFilter.GaussianBlur(2))


def located(orientation: int = 1) -> Image.Exif:
    """What a phone writes into a photo: who made it, when, which side is up, and where it was."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = orientation, "Pabrik HP", "2026:11:21 08:00:00"
    exif.get_ifd(GPS).update({1: "S", 2: PLACE, 3: "E", 4: (114.0, 9.0, 3.0)})
    return exif


def written(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def camera(orientation: int = 1, **how: object) -> bytes:
    """A JPEG as it comes from a camera."""
    shot = written(front(), quality=88, exif=located(orientation), comment=b"milik Siti", **how)
    assert Image.open(BytesIO(shot)).getexif().get_ifd(GPS)
    return shot


def read(sent: bytes) -> Image.Image:
    picture = Image.open(BytesIO(sent))
    picture.load()
    return picture
