"""A phone that loses the stall's Wi-Fi, as a moving picture; run as `python -m tests.browser.walkthrough_wifi`.

Writes docs/wifi.webp, or the file given as the only argument. A real link is cut, a real browser killed; nothing is
staged but the hand. Below the screen it is dark while the Wi-Fi is gone.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.away import KEPT_HERE, KEPT_ON_PHONE, Phone, Stall, open_people, says, stall_with_wifi, until
from tests.browser.walkthrough import PAPER, Film
from tests.conftest import find_chromium
from tests.pasar.cast import make_shop

PICTURE = Path(__file__).parents[2] / "docs" / "wifi.webp"
GONE = "#8b98a3"
SITI_NIK, KETUT_NIK = "3510091708959901", "3510090205929902"


def cut(film: Film, stall: Stall) -> None:
    """A form is begun with the stall, and the stall goes away under it."""
    film.look("Budi menyusuri antrean dengan HP, lewat WiFi gerai.")
    open_people(film.page, stall.url, "DKC-07")
    film.write("Bu Siti kehilangan KTP. NIK-nya diketik.", "[name=pemohon_nik]", SITI_NIK)
    says(film.page, KEPT_HERE)
    film.page.locator("[data-draft-line]").scroll_into_view_if_needed()
    film.look("Tiap beberapa detik isian disimpan di gerai.", 3.0)
    stall.wifi.cut()
    film.paper = GONE
    film.write("WiFi putus. Budi mengetik terus.", "[name=pemohon_name]", "Siti Aminah")
    says(film.page, KEPT_ON_PHONE)
    film.page.locator("[data-draft-line]").scroll_into_view_if_needed()
    film.look("Kini tersimpan di HP, tersegel. Gerai belum menerimanya.", 3.5)
    film.tap("Coba lanjut.", "main button:has-text('Lanjut')")
    film.page.locator("[data-away]").wait_for()
    film.look("Dikatakan terus terang. Tanda terima belum ada.", 3.5)


def alone(film: Film, stall: Stall, phone: Phone) -> None:
    """The phone dies, comes back without the stall, and takes the next person."""
    phone.kill()
    film.look_black("Baterai HP habis.")
    phone.start()
    film.page = phone.page
    film.page.goto(stall.url + "/")
    film.page.locator("[data-list] li").wait_for()
    film.look("Dinyalakan lagi: aplikasi terbuka tanpa gerai.")
    film.page.locator("[data-waiting]").scroll_into_view_if_needed()
    film.look("Isian Bu Siti masih ada, terkunci. Namanya tidak terbaca.", 3.5)
    film.tap("Orang berikutnya tetap dilayani.", "text=Catat permohonan")
    film.write("Layanan dicari di HP sendiri.", "#f-cari", "kartu keluarga")
    film.tap("Syaratnya ikut tersimpan.", "[data-results] button >> nth=0")
    film.tap("Berkas dilihat.", "text=Sisanya asli dilihat")
    film.write("NIK Pak Ketut.", "[name=pemohon_nik]", KETUT_NIK, 1.4)
    film.write("Namanya.", "[name=pemohon_name]", "Ketut Sudana", 1.4)
    film.tap("Disimpan di HP ini saja.", "button:has-text('Simpan di HP ini')")
    film.page.locator("[data-saved]").wait_for()
    film.page.evaluate("scrollTo(0, 0)")
    film.look("Tidak ada nomor, tidak ada kode: belum diterima gerai.", 3.5)
    film.page.locator("[data-waiting]").scroll_into_view_if_needed()
    film.look("Dua isian menunggu gerai.", 3.0)


def back(film: Film, stall: Stall, phone: Phone) -> None:
    """The stall answers again: everything arrives once, and becomes requests after a look."""
    stall.wifi.join()
    film.paper = PAPER
    until(lambda: not phone.parcels(), 60)
    film.page.locator("[data-delivered]").wait_for()
    film.page.evaluate("scrollTo(0, 0)")
    film.look("WiFi kembali. Gerai menerima keduanya, masing-masing sekali.", 3.5)
    film.tap("Periksa isian.", "text=Periksa isian")
    if film.page.locator("[name=pin], [name=frasa]").count():
        film.look("HP-nya sempat mati: Budi masuk lagi.")
        stall.sign_in(film.page)
        film.page.goto(stall.url + "/permohonan/draf")
    film.look("Belum menjadi permohonan. Budi yang memutuskan.", 3.0)
    film.tap("Lanjutkan isian Bu Siti.", "main li:has-text('KTP') >> text=Lanjutkan")
    film.look("Semua yang diketik ada. Bacakan kembali.", 3.0)
    film.tap("Sekarang gerai menyimpannya.", "text=Simpan, beri tanda terima")
    film.look("Baru sekarang ada tanda terima.", 4.5)


def main(path: Path) -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play, _stall(Path(place)) as stall:
        phone = Phone(play, find_chromium() or "", Path(place) / "hp", stall)
        film = Film(phone.ready())
        cut(film, stall)
        alone(film, stall, phone)
        back(film, stall, phone)
        phone.close()
        film.save(path)
    print(f"{len(film.frames)} frames, {sum(film.seconds):.0f} s, {path.stat().st_size:,} bytes")


def _stall(place: Path) -> AbstractContextManager[Stall]:
    return stall_with_wifi(make_shop(place / "gerai", "Budi"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
