"""A photo is decoded in a process of its own, under limits, and written anew; what is no photo is refused in words."""

from __future__ import annotations

import io
import os
import random
import resource
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

import pasar.photo
from layanan.problems import Refused
from pasar.photo import AT_ONCE, ENVIRONMENT, reencode
from pasar.photo_child import MOST_PIXELS, SHORTEST
from tests.pasar.photos import GPS, camera, front, read, written


def refused(sent: bytes) -> str:
    with pytest.raises(Refused) as found:
        reencode(sent)
    return found.value.code


def red_corner(picture: Image.Image) -> bool:
    red, green, _ = picture.convert("RGB").getpixel((20, 20))
    return red > 150 and green < 90


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_one_small_webp_of_its_pixels(kind):
    made = reencode(written(front(), kind))
    picture = read(made)
    assert (picture.format, picture.size, picture.mode) == ("WEBP", (1280, 960), "RGB")
    assert red_corner(picture) and len(made) < 160_000
    assert reencode(written(front(), kind)) == made, "the same photo again is known by its bytes"


def test_nothing_but_pixels_comes_through():
    made = reencode(camera() + b"<script>alert(1)</script>PK\x03\x04")
    picture = read(made)
    assert not dict(picture.getexif()) and not picture.getexif().get_ifd(GPS)
    brought = (b"Exif", b"EXIF", b"Pabrik", b"Siti", b"2026", b"script", b"PK\x03", b"ICC")
    assert not any(word in made for word in brought)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(orientation):
    turned = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    lying = front() if turned is None else front().transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read(reencode(written(lying, exif=exif)))
    assert picture.size == (1280, 960) and red_corner(picture)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_way_to_write_colours_is_understood(mode):
    shown = front().convert("L").convert("I;16") if mode == "I;16" else front().convert(mode)
    if mode == "I;16":
        shown = shown.point(lambda value: value * 256)
    picture = read(reencode(written(shown, "JPEG" if mode == "CMYK" else "PNG")))
    dark, light = picture.getpixel((700, 700)), picture.getpixel((400, 700))
    assert picture.mode == "RGB" and sum(dark) + 60 < sum(light)


def test_see_through_is_white_and_a_film_is_its_first_picture():
    nothing = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    assert min(read(reencode(written(nothing, "PNG"))).getpixel((9, 9))) > 250
    film = written(front(), "WEBP", save_all=True, append_images=[Image.new("RGB", (1600, 1200))], duration=9)
    assert red_corner(read(reencode(film)))


def test_the_two_pictures_in_one_that_some_phones_write_are_the_first():
    both = written(front(), "MPO", save_all=True, append_images=[Image.new("RGB", (1600, 1200))])
    assert red_corner(read(reencode(both)))


def bomb(side: int) -> bytes:
    """A PNG that claims to be so large, in a few kilobytes."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("foto.jpg", camera())
    return file.getvalue()


NO_PHOTO = {
    "pdf": b"%PDF-1.7\n1 0 obj", "html": b"<!doctype html><script>1</script>", "zip": archive(),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "gif": written(front(300, 300), "GIF"),
    "bmp": written(front(300, 300), "BMP"), "tiff": written(front(300, 300), "TIFF"), "program": b"\x7fELF" + bytes(99),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n", "pdf before a jpeg": b"%PDF-1.7\n" + camera(),
}  # fmt: skip


@pytest.mark.parametrize("sent", NO_PHOTO.values(), ids=NO_PHOTO.keys())
def test_what_is_no_photo_is_refused_whatever_its_name(sent):
    assert refused(sent) == "photo_type"


BROKEN = {
    "truncated jpeg": camera()[:30_000], "truncated png": written(front(), "PNG")[:5_000],
    "truncated webp": written(front(), "WEBP")[:2_000], "only a start": b"\xff\xd8\xff\xe0",
    "html behind a jpeg's start": b"\xff\xd8\xff<html>", "riff of nothing": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "tiff in a png's coat": b"\x89PNG\r\n\x1a\n" + written(front(300, 300), "TIFF"),
}  # fmt: skip


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_refused(sent):
    assert refused(sent) == "photo_damaged"


def test_what_phones_of_one_maker_write_has_a_word_of_its_own():
    assert refused(b"\x00\x00\x00\x18ftypheic" + bytes(100)) == "photo_heic"
    assert refused(b"") == "photo_missing"


@pytest.mark.parametrize("side", [int(MOST_PIXELS**0.5) + 1, 20_000, 2**31 - 1])
def test_a_bomb_is_refused_before_it_goes_off(side):
    assert refused(bomb(side)) in ("photo_too_heavy", "photo_damaged")


def test_too_small_or_too_narrow_to_read_is_refused():
    assert refused(written(front(SHORTEST - 1, 900))) == "photo_too_small"
    assert refused(written(front(5000, 400))) == "photo_too_small"
    assert read(reencode(written(front(SHORTEST, SHORTEST)))).size == (SHORTEST, SHORTEST), "never made larger"
    assert refused(b"\xff\xd8\xff" + bytes(9 << 20)) == "photo_too_heavy"


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_mutated_photos_neither_end_the_stall_nor_fill_it():
    chance, sound = random.Random(19), [camera(), written(front(), "PNG"), written(front(), "WEBP", quality=60)]
    answers: dict[str, int] = {}

    def mutated() -> bytes:
        sent = bytearray(chance.choice(sound))
        for _ in range(chance.choice((1, 8, 200))):
            sent[chance.randrange(12, len(sent))] = chance.randrange(256)
        return bytes(sent)

    def tried(sent: bytes) -> None:
        try:
            answer = read(reencode(sent)).format
        except Refused as found:
            answer = found.code
        answers[answer] = answers.get(answer, 0) + 1

    tried(mutated())
    before, files = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, len(os.listdir("/proc/self/fd"))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(tried, [mutated() for _ in range(40)]))
    assert set(answers) <= {"WEBP", "photo_damaged", "photo_too_heavy", "photo_too_small"} and len(answers) > 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000, "kilobytes"
    assert len(os.listdir("/proc/self/fd")) == files and not children()


def test_two_at_once_and_the_others_wait_their_turn(monkeypatch):
    alive, most = [], []
    real = pasar.photo._in_a_child

    def counted(sent: bytes) -> tuple[int, bytes]:
        alive.append(1)
        most.append(len(alive))
        try:
            return real(sent)
        finally:
            alive.pop()

    monkeypatch.setattr(pasar.photo, "_in_a_child", counted)
    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(reencode, [camera()] * 6))) == 1
    assert max(most) == AT_ONCE
    monkeypatch.setattr(pasar.photo, "PATIENCE", 0.05)
    for _ in range(AT_ONCE):
        pasar.photo._turns.acquire()
    try:
        assert refused(camera()) == "photo_busy"
    finally:
        pasar.photo._turns.release(AT_ONCE)


def test_one_that_takes_too_long_is_ended(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(pasar.photo, "_command", lambda: [sys.executable, str(slow)])
    monkeypatch.setattr(pasar.photo, "DEADLINE", 0.5)
    assert refused(camera()) == "photo_too_heavy"
    slow.write_text("import os; os.write(1, bytes(50_000_000))")
    monkeypatch.setattr(pasar.photo, "DEADLINE", 20)
    assert refused(camera()) == "photo_damaged", "a child that was taken over cannot fill the stall either"


@pytest.mark.skipif(sys.platform == "win32", reason="these limits are not there")
@pytest.mark.parametrize("deed", [
    "open('/etc/hostname')", "open('new', 'w')", "__import__('socket').socket()", "bytearray(900 << 20)",
    "__import__('subprocess').Popen(['true'])",
])  # fmt: skip
def test_whoever_takes_the_child_over_finds_no_door(deed):
    code = f"import socket, subprocess; from pasar.photo_child import give_up_everything as give; give(); {deed}"
    tried = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert tried.returncode == 1 and ("Too many open files" in tried.stderr or "MemoryError" in tried.stderr)


def test_the_child_sees_nothing_of_the_stalls_surroundings(monkeypatch):
    monkeypatch.setenv("SOMETHING", "x")
    assert set(pasar.photo._surroundings()) <= set(ENVIRONMENT)
