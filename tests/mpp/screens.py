"""Every screen of headquarters and the way to it; run as `python -m tests.mpp.screens` it makes their pictures.

Writes docs/screens/mpp-<screen>-<width>.png, or into the folder given as the only argument.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from layanan.permohonan import Kind
from mpp.db.models import Stall
from mpp.db.stall import revoke
from tests.browser.screens import shoot
from tests.conftest import DESK, PHONE, find_chromium
from tests.mpp.cast import NOW
from tests.mpp.site import PHRASE, Site, decide, open_site

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES = ({"viewport": PHONE, "is_mobile": True, "has_touch": True}, {"viewport": DESK})


def furnished(site: Site) -> dict[str, str]:
    """A morning at headquarters: requests in several states, and one on which two people acted at once."""
    agus = site.signed_in("agus")
    records = {name: site.taken() for name in ("baru", "kembali", "proses", "tolak", "silang")}
    records["paspor"] = site.taken(service="PTSP-01")
    decide(agus, records["kembali"], "DIKEMBALIKAN", kurang="buku nikah asli")
    decide(agus, records["proses"], "DIPROSES")
    decide(agus, records["tolak"], "DITOLAK", alasan="data ganda, sudah pernah terbit")
    decide(agus, records["silang"], "VERIFIKASI")
    site.stall.write(Kind.CANCELLED, {"reason": "pindah"}, record=records["silang"])
    site.stall.write(Kind.AMENDED, {"patch": {}}, record=records["silang"])
    site.stall.send()
    folders = [[records[name], [0, 1]] for name in ("baru", "proses", "kembali")]
    sent = site.stall.write(Kind.PAPERS_SENT, {"number": "GTG-B1", "agency": "DUKCAPIL", "folders": folders})
    sheets = [[0, 1, 3, 8]] * 8 + [[1, 2, 4, 5]]
    site.stall.write(Kind.RATED, {"day": "2026-11-20", "counts": sheets})
    site.stall.send()
    records["daftar"] = sent.entry.hash
    site.office.enrolled("Pasar Rogojampi")
    site.office.enrolled("Pasar Muncar")
    with site.office.database.writing() as session:
        revoke(session, "Pasar Muncar", NOW)
        session.get_one(Stall, site.stall.grant.stall).name = "Pasar Genteng"
    return records


def enter(page: Any, site: Site, login: str) -> None:
    """Sign this officer in."""
    page.context.clear_cookies()
    page.goto(site.url + "/masuk")
    page.fill("[name=petugas]", login)
    page.fill("[name=frasa]", PHRASE)
    page.click("main form button")


def wrong_door(page: Any, site: Site, _records: dict[str, str]) -> None:
    page.goto(site.url + "/masuk")
    page.fill("[name=petugas]", "agus")
    page.fill("[name=frasa]", "salah")
    page.click("main form button")


def at(path: str) -> Callable[[Any, Site, dict[str, str]], None]:
    return lambda page, site, records: page.goto(site.url + path.format(**records))


def chosen(name: str, status: str) -> Callable[[Any, Site, dict[str, str]], None]:
    def show(page: Any, site: Site, records: dict[str, str]) -> None:
        page.goto(f"{site.url}/permohonan/{records[name]}")
        page.check(f"[name=status][value={status}]")

    return show


def refused(page: Any, site: Site, records: dict[str, str]) -> None:
    page.goto(f"{site.url}/permohonan/{records['baru']}")
    page.check("[name=status][value=DITOLAK]")
    page.click("form.decision button")


def changed(page: Any, site: Site, records: dict[str, str]) -> None:
    page.goto(f"{site.url}/permohonan/{records['baru']}")
    decide(site.signed_in("ratna"), records["baru"], "VERIFIKASI")
    page.check("[name=status][value=DIPROSES]")
    page.click("form.decision button")


def opened(page: Any, site: Site, records: dict[str, str]) -> None:
    page.goto(f"{site.url}/permohonan/{records['proses']}")
    page.select_option("[name=alasan]", "periksa")
    page.click("text=Buka data pribadi")


def folder_missing(page: Any, site: Site, records: dict[str, str]) -> None:
    page.goto(f"{site.url}/berkas/{records['daftar']}?semua=1")
    page.click("main .choice >> nth=0")
    page.click("main button >> text=Simpan")


def new_stall(page: Any, site: Site, _records: dict[str, str]) -> None:
    page.goto(site.url + "/gerai")
    page.fill("#f-name", "Pasar Genteng Wetan")
    page.click("main form:last-of-type button >> text=Tambah gerai")


DOOR = {
    "01-masuk": at("/masuk"),
    "02-masuk-salah": wrong_door,
    "17-informasi": at("/informasi"),
    "18-informasi-layanan": at("/informasi/DKC-07"),
}
DESK_OF_AGUS = {
    "03-daftar": at("/permohonan"),
    "04-daftar-semua": at("/permohonan?status=semua"),
    "05-daftar-kosong": at("/permohonan?q=9999"),
    "06-permohonan": at("/permohonan/{baru}"),
    "07-dikembalikan": chosen("baru", "DIKEMBALIKAN"),
    "08-diproses": chosen("baru", "DIPROSES"),
    "09-kurang-isi": refused,
    "10-berubah": changed,
    "11-terbuka": opened,
    "12-perlu-dilihat": at("/permohonan/{silang}"),
    "13-ditolak": at("/permohonan/{tolak}"),
    "14-tidak-ada": at("/permohonan/tidak-ada"),
    "17-berkas": at("/berkas"),
    "18-berkas-daftar": at("/berkas/{daftar}?semua=1"),
    "19-berkas-kurang": folder_missing,
    "20-survei": at("/skm?tahun=2026&bulan=11&bobot=011"),
}
DESK_OF_RATNA = {"15-gerai": at("/gerai"), "16-kode-gerai": new_stall}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, _browser() as browser:
        for size in SIZES:
            width = size["viewport"]["width"]
            (Path(place) / str(width)).mkdir()
            with open_site(Path(place) / str(width)) as site:
                records, page = furnished(site), browser.new_page(**size, locale="id-ID")
                for login, screens in (("", DOOR), ("agus", DESK_OF_AGUS), ("ratna", DESK_OF_RATNA)):
                    if login:
                        enter(page, site, login)
                    for name, show in screens.items():
                        show(page, site, records)
                        shoot(page, folder / f"mpp-{name}-{width}.png")


@contextmanager
def _browser() -> Iterator[Any]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
