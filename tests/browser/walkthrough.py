"""Two minutes at the counter as a moving picture; run as `python -m tests.browser.walkthrough`.

Writes docs/walkthrough.webp, or the file given as the only argument. Knows what is tapped and what is said about it;
refuses to know how a page is built.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import sync_playwright

from layanan.survei import questions
from tests.browser.flows import SIZES
from tests.browser.hand import PHONE
from tests.browser.stage import Stage, staged
from tests.conftest import PHONE as SIZE
from tests.conftest import find_chromium
from tests.offline_db.office import acknowledge_all, decide, send_slip

PICTURE = Path(__file__).parents[2] / "docs" / "walkthrough.webp"
CAPTION, LETTERS, USUAL = 72, 36, 2.2
INK, PAPER, RING = "#17212b", "#ffc83d", "#d2382d"


@dataclass
class Film:
    """Frames with what is said below each, in the order they were taken."""

    page: Any
    paper: str = PAPER
    frames: list[Image.Image] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def look(self, caption: str, seconds: float = USUAL, target: str = "") -> None:
        """One frame; the thing that is about to be tapped wears a ring."""
        self.page.wait_for_load_state()
        self.page.wait_for_timeout(150)
        place = self.page.locator(target).locator("visible=true").first if target else None
        if place:
            place.scroll_into_view_if_needed()
        screen = Image.open(io.BytesIO(self.page.screenshot(animations="disabled", scale="css"))).convert("RGB")
        if place:
            box = place.bounding_box()
            edges = (box["x"] - 4, box["y"] - 4, box["x"] + box["width"] + 4, box["y"] + box["height"] + 4)
            ImageDraw.Draw(screen).rounded_rectangle(edges, radius=12, outline=RING, width=4)
        self.frames.append(_captioned(screen, caption, self.paper))
        self.seconds.append(seconds)

    def look_black(self, caption: str, seconds: float = USUAL) -> None:
        """A frame of a screen that is off."""
        screen = Image.new("RGB", (SIZE["width"], SIZE["height"]))
        self.frames.append(_captioned(screen, caption, self.paper))
        self.seconds.append(seconds)

    def tap(self, caption: str, target: str, seconds: float = USUAL) -> None:
        """A frame of what is about to be tapped, then the tap."""
        self.look(caption, seconds, target)
        self.page.locator(target).locator("visible=true").first.click()

    def write(self, caption: str, target: str, text: str, seconds: float = USUAL) -> None:
        """Type, then a frame of what stands there."""
        self.page.locator(target).locator("visible=true").first.press_sequentially(text)
        self.page.wait_for_timeout(400)
        self.look(caption, seconds, target)

    def save(self, path: Path) -> None:
        first, *others = self.frames
        milliseconds = [round(1000 * each) for each in self.seconds]
        first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0, quality=60, method=6)


def _captioned(screen: Image.Image, caption: str, paper: str) -> Image.Image:
    frame = Image.new("RGB", (SIZE["width"], SIZE["height"] + CAPTION), paper)
    frame.paste(screen, (0, 0))
    lines = wrap(caption, LETTERS)
    pen, font = ImageDraw.Draw(frame), ImageFont.load_default(19)
    for number, line in enumerate(lines):
        pen.text((12, SIZE["height"] + 12 + 25 * number), line, fill=INK, font=font)
    return frame


def queue(film: Film, stage: Stage) -> None:
    film.look("Pagi di gerai pasar. Semua kerja hari ini ada di satu layar.")
    film.tap("Bu Siti datang. Buka antrean.", "main >> text=Antrean")
    film.tap("Ia menggendong bayi: nomor prioritas.", "text=Hamil atau menyusui")
    film.look("Nomornya besar. Alasannya tidak tercetak.")
    film.tap("Kembali ke antrean.", "text=Kembali ke antrean")
    film.tap("Panggil nomor berikutnya.", "text=Panggil berikutnya")
    film.page.goto(stage.url + "/antrean/layar")
    film.look("Layar kedua menampilkan dan mengucapkan nomornya.")
    film.page.goto(stage.url + "/")


def request(film: Film) -> None:
    film.write("“KTP saya hilang.” Ketik seperti diucapkan.", "main [name=q]", "ktp hilang")
    film.tap("Layanan yang cocok muncul, tanpa sambungan.", "[data-results] a:has-text('KTP-el karena hilang')")
    film.tap("1 dari 4: syarat, biaya, lama. Bacakan.", "text=Buat permohonan")
    film.tap("2 dari 4: semua berkas asli dilihat. Satu ketuk.", "text=Semua asli dilihat")
    film.write("3 dari 4: NIK diperiksa sambil diketik.", "[name=pemohon_nik]", "3510091708959901")
    film.write("Nama sesuai KTP atau KK.", "[name=pemohon_name]", "Siti Aminah")
    film.write("Nomor telepon, bila ada.", "[name=pemohon_phone]", "081234567890")
    film.tap("Hanya yang diperlukan layanan ini.", "main button:has-text('Lanjut')")
    film.tap("4 dari 4: bacakan kembali, lalu simpan.", "text=Simpan, beri tanda terima")
    film.look("Tersimpan di gerai. Tanda terima ada, juga tanpa sambungan.", 3.5)
    film.page.locator(".receipt .qr").scroll_into_view_if_needed()
    film.look("Kode dan QR untuk melihat sampai mana.", 3.5)


def family(film: Film) -> None:
    film.tap("Suaminya juga. Data tidak ditanya ulang.", "text=Keluarga berikutnya")
    film.tap("Orang baru, alamat dan telepon tetap.", ".picks button")
    film.tap("Berkas dilihat.", "text=Semua asli dilihat")
    film.write("Hanya NIK dan nama.", "[name=pemohon_nik]", "3510090205929902")
    film.write("Sisanya sudah terisi.", "[name=pemohon_name]", "Slamet Riyadi")
    film.tap("Lanjut, bacakan.", "main button:has-text('Lanjut')")
    film.tap("Simpan.", "text=Simpan, beri tanda terima")
    film.look("Enam ketuk untuk anggota keluarga berikutnya.")


def returned(film: Film, stage: Stage, record: str, code: str) -> None:
    _office(stage, record, "DIKEMBALIKAN", kurang="surat kehilangan dari kepolisian")
    film.page.goto(stage.url + "/c")
    film.write("Di rumah, Bu Siti membuka /c dan mengetik kodenya.", "[name=code]", code)
    film.tap("Tanpa akun, tanpa kata sandi.", "main button")
    film.look("MPP meminta satu berkas lagi. Tertulis jelas.", 3.5)
    film.page.goto(stage.url + "/")
    film.tap("Gerai melihatnya di beranda.", "text=perlu dilengkapi")
    film.tap("Permohonan yang dikembalikan.", f"main .rows a[href*='{record}']")
    film.tap("Bu Siti kembali membawa suratnya.", "text=Lengkapi dan kirim lagi")
    film.tap("Berkas sudah lengkap.", "text=Kirim lagi ke MPP")
    film.look("Dikirim lagi. Tidak ada yang diketik ulang.")


def collected(film: Film, stage: Stage, record: str, code: str) -> None:
    _office(stage, record, "SELESAI", tempat="Gerai Genteng")
    film.page.goto(stage.url + "/")
    film.tap("KTP-nya jadi.", "main >> text=Ambil dokumen")
    film.write("Pindai QR, atau ketik kode.", "[name=kode]", code)
    film.tap("Cari.", "main button:has-text('Cari')", 1.5)
    film.tap("Cocokkan dengan kartu orangnya.", "text=Pemohon sendiri")
    film.tap("Serahkan.", "text=KTP cocok, sudah diserahkan")
    film.tap("Putar layar: minta penilaian.", "a:has-text('Minta penilaian')")


def survey(film: Film) -> None:
    for number, question in enumerate(questions(), 1):
        film.tap(f"Sembilan ketuk, tanpa nama: {number}", f"text={question.answers[3]}", 2.0 if number < 3 else 0.8)
    film.look("Terima kasih, Bu Siti.")


def close_day(film: Film, stage: Stage) -> None:
    film.page.goto(stage.url + "/")
    film.tap("Sore: tutup hari.", "main >> text=Tutup hari")
    film.look("Semua angka hari ini. Uang tunai nol.", 3.5)
    film.page.get_by_text("Selisih dengan MPP").scroll_into_view_if_needed()
    film.look("Semua cocok dengan MPP. Selisih disebut satu per satu.", 3.5)
    film.tap("Ya, tutup.", "text=Ya, tutup hari ini")
    film.tap("Kunci hari ini dihancurkan.", "main button:has-text('Tutup hari')")
    film.look("Selesai. Data pribadi tidak terbaca lagi di gerai.", 4.0)


def _office(stage: Stage, record: str, status: str, **slots: str) -> None:
    """Headquarters took the request and decides; the slip with name and phone comes along."""
    with stage.shop.app.app_context():
        acknowledge_all()
        decide(record, status, **slots)
        send_slip(record, next(iter(stage.shop.app.extensions["pasar"].keys.values())))


def shot(film: Film, stage: Stage) -> None:
    """The whole day of Siti, first to last."""
    queue(film, stage)
    request(film)
    record = str(film.page.url).split("/")[-2]
    code = str(film.page.inner_text(".receipt .code"))
    family(film)
    returned(film, stage, record, code)
    collected(film, stage, record, code)
    survey(film)
    close_day(film, stage)


def filmed(folder: Path) -> Iterator[Film]:
    """The film, taken at a stall of its own."""
    with sync_playwright() as play, staged(folder) as stage:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(**SIZES[PHONE], locale="id-ID")
        stage.sign_in(page)
        film = Film(page)
        shot(film, stage)
        yield film
        browser.close()


def main(path: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        for film in filmed(Path(place) / "gerai"):
            film.save(path)
            print(f"{len(film.frames)} frames, {sum(film.seconds):.0f} s, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
