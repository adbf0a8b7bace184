"""Pictures for the tests: a house front, drawn; as a phone's camera would write it, with its place on earth inside."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

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


DIGITS = "0123456789"
NIK = "3510164107859901"
CARD_SHARE, CARD_MM = 0.86, 85.6
LINES = ((9.0, 3.0), (30.0, 1.7))
"""What is written on the card, in millimetres: distance from its upper edge, and height of the digits."""


def card(width: int = 4000, height: int = 3000) -> tuple[Image.Image, list[list[tuple[float, ...]]]]:
    """A card of the size of a KTP that fills most of a photo, a little unsharp and as grainy as by lamp light.

    Returned with the box of each digit, in shares of the picture's width.
    """
    table = Image.linear_gradient("L").resize((width, height)).point(lambda value: 90 + value // 4).convert("RGB")
    millimetre, left, top = width * CARD_SHARE / CARD_MM, width * (1 - CARD_SHARE) / 2, height * 0.12
    draw, boxes = ImageDraw.Draw(table), []
    draw.rounded_rectangle((left, top, width - left, top + 54 * millimetre), 60, fill=(178, 208, 226))
    for down, tall in LINES:
        font, pitch = ImageFont.load_default(tall * 1.4 * millimetre), tall * millimetre * 1.05
        x, y, line = left + 8 * millimetre, top + down * millimetre, []
        for place, digit in enumerate(NIK):
            draw.text((x + place * pitch, y), digit, fill=(30, 34, 40), font=font)
            cell = (x + place * pitch, y, x + (place + 1) * pitch, y + tall * 1.6 * millimetre)
            line.append(tuple(each / width for each in cell))
        boxes.append(line)
    grain = Image.effect_noise((width * 2 // 5, height * 2 // 5), 90).resize((width, height)).convert("RGB")
    return Image.blend(table.filter(ImageFilter.GaussianBlur(width / 1600)), grain, 0.22), boxes


def read_digits(picture: Image.Image, boxes: list[list[tuple[float, ...]]]) -> list[str]:
    """What a machine reads in these boxes: of ten drawn digits the one that each looks most like."""
    grey, size = picture.convert("L"), (14, 22)

    def seen(box: tuple[float, ...]) -> list[float]:
        cut = grey.resize(size, Image.Resampling.BICUBIC, tuple(each * picture.width for each in box))
        return _centred(list(cut.tobytes()))

    known = [_centred(list(_drawn(digit).resize(size).tobytes())) for digit in DIGITS]
    return ["".join(DIGITS[_likest(seen(box), known)] for box in line) for line in boxes]


def _drawn(digit: str) -> Image.Image:
    cell = Image.new("L", (105, 160), 205)
    ImageDraw.Draw(cell).text((0, 0), digit, fill=32, font=ImageFont.load_default(140))
    return cell


def _centred(values: list[int]) -> list[float]:
    mean = sum(values) / len(values)
    length = sum((each - mean) ** 2 for each in values) ** 0.5 or 1
    return [(each - mean) / length for each in values]


def _likest(seen: list[float], known: list[list[float]]) -> int:
    alike = [sum(one * other for one, other in zip(seen, each, strict=True)) for each in known]
    return alike.index(max(alike))
