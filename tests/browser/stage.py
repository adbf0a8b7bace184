"""A stall on a real socket with a morning behind it, and the way to every one of its screens.

Used by the browser's tests and by the script that makes the pictures of docs/screens.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layanan.antrean import Lane
from layanan.permohonan import Kind
from layanan.survei import questions
from offline_db import antrean
from offline_db.berkas import folders_of, sendings
from offline_db.outbox import note_sync
from offline_db.permohonan import accept, find
from offline_db.tutup_hari import keep, sheet
from pasar.app import create_app
from pasar.certificate import init_certificate
from pasar.settings import read_config
from tests.offline_db.desk import new_form
from tests.offline_db.office import acknowledge_all, decide, publish, send_slip
from tests.pasar.a_phone import deliver, draft_head, seal
from tests.pasar.cast import PIN, SITI, Budi, Shop, make_shop
from tests.pasar.photos import camera
from web_base.serve import Listener, listen

WARNED = "9910091708959902"


@dataclass
class Stage:
    """Where the stall answers, its shop, and the records that stand at each situation."""

    url: str
    shop: Shop
    records: dict[str, str]
    codes: dict[str, str]

    def sign_in(self, page: Any, name: str = "Budi") -> None:
        page.goto(self.url + "/masuk")
        if page.locator("[name=frasa]").count():
            page.check("[name=tanggal_benar][value=ya]")
            page.select_option("[name=petugas]", name)
            page.fill("[name=frasa]", self.shop.phrases[name])
        else:
            page.fill("[name=pin]", PIN)
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_url(self.url + "/")


@contextlib.contextmanager
def staged(folder: Path, **settings: object) -> Iterator[Stage]:
    """A morning at the stall: requests in every situation, one slip, half of it confirmed."""
    shop = make_shop(folder, "Budi", "Ani", **settings)
    records = _morning(shop)
    with shop.app.app_context():
        codes = {name: find(record).code for name, record in records.items()}
    serving = listen(shop.app, [Listener("127.0.0.1", 0)], threads=4)
    try:
        yield Stage(f"http://localhost:{serving.ports[0]}", shop, records, codes)
    finally:
        serving.stop()


def _morning(shop: Shop) -> dict[str, str]:
    budi = Budi(shop).sign_in()
    names = {
        "selesai": ("Siti Aminah", "DKC-07"), "dikembalikan": ("Suwarni", "DKC-01"),
        "diproses": ("Komang Sanjaya", "DKC-08"),
        "ditolak": ("Hotman Siregar", "DKC-02"), "bertabrakan": ("Dewi Lestari", "DKC-03"),
        "terkirim": ("Ahmad al-Habsyi", "DKC-04"), "diambil": ("Sri Wahyuni", "DKC-05"),
    }  # fmt: skip
    records = {}
    for situation, (name, service) in names.items():
        shop.time.pass_by(200)
        records[situation] = budi.take(service, pemohon_name=name)
    with shop.app.app_context():
        acknowledge_all()
        for ready in ("selesai", "diambil"):
            decide(records[ready], "SELESAI", tempat="Gerai Genteng")
        send_slip(records["selesai"], next(iter(shop.app.extensions["pasar"].keys.values())))
        decide(records["dikembalikan"], "DIKEMBALIKAN", kurang="KK lama")
        decide(records["diproses"], "DIPROSES", tanggal="24 November 2026")
        decide(records["ditolak"], "DITOLAK", alasan="data tidak sesuai")
    shop.time.pass_by(60)
    budi.post(f"/permohonan/{records['bertabrakan']}/batal", {"alasan": "berubah_pikiran", "yakin": "ya"})
    with shop.app.app_context():
        publish((Kind.STATUS, records["bertabrakan"], {"status": "VERIFIKASI", "slots": {}}), read=(1, 1))
        note_sync(shop.time.now, "link_no_address")
    for name in ("Wagirah", "Ni Luh Intan"):
        shop.time.pass_by(90)
        records["baru"] = budi.take(pemohon_name=name)
    budi.post(f"/permohonan/{records['diambil']}/serahkan", {"kepada": "pemohon"})
    shop.time.pass_by(60)
    records["usaha"] = budi.take("UMK-05", pemohon_name="Wagirah")
    _queue(shop)
    return records


def _queue(shop: Shop) -> None:
    """Four have taken a number, two of them were called."""
    day = shop.time.clock().today().isoformat()
    with shop.app.app_context():
        for number, kind in enumerate(("", "lansia", "", "")):
            antrean.take(f"pagi-{number}", Lane.PRIORITY if kind else Lane.ORDINARY, day, kind)
        antrean.call_next("1", day)
        antrean.call_next("2", day)


def _form(page: Any, stage: Stage, service: str = "DKC-01") -> str:
    """Open a new form and return its address without the page's name."""
    page.goto(f"{stage.url}/layanan/{service}")
    page.click("text=Buat permohonan")
    return str(page.url).removesuffix("/berkas")


def _people(page: Any, stage: Stage, **changed: str) -> None:
    _form(page, stage)
    page.click("text=Semua asli dilihat")
    typed = {**SITI, **changed}
    page.select_option("[name=relation]", typed.pop("relation"))
    for name, text in typed.items():
        page.fill(f"[name={name}]", text)


def _check(page: Any, stage: Stage) -> None:
    _people(page, stage)
    page.click("main button:has-text('Lanjut')")
    page.wait_for_url("**/periksa")


def _refused(page: Any, stage: Stage) -> None:
    _people(page, stage, pemohon_name="", pemohon_nik=WARNED, pemohon_phone="0812-3456-789O")
    page.click("main button:has-text('Lanjut')")
    page.locator(".error-summary").wait_for()


def _again(page: Any, stage: Stage) -> None:
    page.goto(f"{stage.url}/permohonan/{stage.records['baru']}/lagi")


def _family(page: Any, stage: Stage) -> None:
    page.goto(f"{stage.url}/permohonan/{stage.records['baru']}/keluarga")


def _kept(page: Any, stage: Stage) -> None:
    """The third page for a child, with its mother's fields folded away."""
    page.goto(f"{stage.url}/permohonan/{stage.records['baru']}/keluarga?siapa=diurus")
    page.click(".picks button")
    page.click("text=Semua asli dilihat")
    page.wait_for_url("**/orang")


def _child(page: Any, stage: Stage) -> None:
    _people(page, stage, relation="anak")


def _locked(page: Any, stage: Stage) -> None:
    _people(page, stage)
    page.click("text=Kunci")
    page.locator("[name=pin]").wait_for()


def _public_answer(page: Any, stage: Stage) -> None:
    page.goto(stage.url + "/c")
    page.fill("[name=code]", stage.codes["dikembalikan"])
    page.click("main button")


def _contact(page: Any, stage: Stage) -> None:
    """Whom to tell what headquarters sent back, and the ready words."""
    page.goto(f"{stage.url}/permohonan/{stage.records['dikembalikan']}")
    page.locator("#hubungi").evaluate("each => each.scrollIntoView()")


def _thanked(page: Any, stage: Stage) -> None:
    page.goto(stage.url + "/survei")
    for _ in questions():
        page.click(".marks button >> nth=1")


def _closed(page: Any, stage: Stage) -> None:
    """The sheet as it stands after closing; the day itself stays open for the screens that follow."""
    clock = stage.shop.time.clock()
    with stage.shop.app.app_context():
        number = keep(sheet(clock.today().isoformat(), clock.zone), clock.now(), "Budi")
    page.goto(f"{stage.url}/tutup-hari/{number}")


def _lost(page: Any, stage: Stage) -> None:
    page.goto(stage.url + "/tanda-terima/cari")
    page.fill("[name=nama]", "Suwarni")
    page.click("main button:has-text('Cari')")


def _photo(page: Any, stage: Stage) -> None:
    """A photo of the shop was chosen and is shown before it is sent."""
    page.goto(f"{stage.url}/permohonan/{stage.records['usaha']}/tanda-terima")
    chosen = {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": camera()}
    page.set_input_files("[capture=environment]", chosen)
    page.locator(".photo .send").wait_for()


def _photo_sent(page: Any, stage: Stage) -> None:
    _photo(page, stage)
    page.click(".photo .send")
    page.locator(".taken").wait_for()


def _drafts(page: Any, stage: Stage) -> None:
    """Three forms that are not saved: one typed here, one a phone brought, one of a request that is stored already."""
    _check(page, stage)
    page.wait_for_url("**/periksa")
    _form(page, stage, "DKC-07")
    page.click("text=Semua asli dilihat")
    page.wait_for_url("**/orang")
    kit, phone = page.request.get(stage.url + "/hp/bekal").json(), stage.shop.app.test_client()
    for record in (None, stage.records["baru"]):
        deliver(phone, seal(kit, draft_head(record, layanan="DKC-03")))
    page.goto(stage.url + "/permohonan/draf")


def leave_papers(stage: Stage, count: int = 2) -> None:
    """So many people leave a paper at the stall."""
    with stage.shop.app.app_context():
        desk = stage.shop.app.extensions["pasar"].desk("Budi")
        for _ in range(count):
            accept(new_form(papers=((0, "ditinggal"), (1, "asli"))), desk)


def tick_papers(stage: Stage) -> str:
    """Headquarters ticks the newest list and misses its first folder; returns the list."""
    with stage.shop.app.app_context():
        sha = sendings()[0].hash
        lost, *here = [folder.record for folder, _ in folders_of([sha])[sha]]
        publish((Kind.PAPERS_RECEIVED, None, {"list": sha, "received": here, "missing": [lost], "extra": []}))
    return sha


def _folders(page: Any, stage: Stage) -> None:
    leave_papers(stage)
    page.goto(stage.url + "/berkas")


def _folder_list(page: Any, stage: Stage) -> None:
    _folders(page, stage)
    page.click("text=Buat daftar")
    page.goto(f"{stage.url}/berkas/{tick_papers(stage)}")


def _label(page: Any, stage: Stage) -> None:
    """The label of a stall whose router gave it an address."""
    init_certificate(stage.shop.app, stage.shop.folder, stage.shop.time.clock(), lambda: ["192.168.8.1"])
    page.goto(stage.url + "/hp/label")


def _at(path: str, situation: str = "") -> "Show":
    def show(page: Any, stage: Stage) -> None:
        page.goto(stage.url + path.format(stage.records.get(situation, "")))

    return show


Show = Callable[[Any, Stage], None]
STRANGER: dict[str, Show] = {
    "01-masuk": _at("/masuk"), "25-status": _at("/c"), "26-status-jawaban": _public_answer,
    "52-antrean-layar": _at("/antrean/layar"), "62-informasi": _at("/informasi"),
    "63-informasi-layanan": _at("/informasi/DKC-07"), "70-hp": _at("/hp"),
}  # fmt: skip
SIGNED_IN: dict[str, Show] = {
    "02-beranda": _at("/"),
    "03-cari": _at("/layanan?q=ktp+hilang"),
    "04-instansi": _at("/layanan/instansi"),
    "05-layanan": _at("/layanan/DKC-01"),
    "06-layanan-janji": _at("/layanan/DKC-06"),
    "07-berkas": _form,
    "08-orang": _people,
    "09-orang-salah": _refused,
    "10-orang-anak": _child,
    "11-periksa": _check,
    "12-tanda-terima": _at("/permohonan/{}/tanda-terima", "baru"),
    "13-cetak": _at("/permohonan/{}/tanda-terima/cetak", "baru"),
    "14-daftar": _at("/permohonan"),
    "15-daftar-selesai": _at("/permohonan?status=SELESAI"),
    "16-permohonan": _at("/permohonan/{}", "baru"),
    "17-permohonan-dikembalikan": _at("/permohonan/{}", "dikembalikan"),
    "18-permohonan-bertabrakan": _at("/permohonan/{}", "bertabrakan"),
    "19-ubah": _at("/permohonan/{}/ubah", "dikembalikan"),
    "20-batal": _at("/permohonan/{}/batal", "baru"),
    "21-serahkan": _at("/permohonan/{}/serahkan", "selesai"),
    "22-kirim": _at("/sinkron"),
    "23-ganti": _at("/ganti"),
    "29-layanan-lain": _again,
    "30-keluarga": _family,
    "31-orang-keluarga": _kept,
    "32-temukan": _at("/layanan"),
    "33-peristiwa": _at("/layanan/peristiwa/menikah"),
    "40-pencetak": _at("/printer"),
    "41-salin-kode": _at("/permohonan/{}/tanda-terima/salin", "baru"),
    "42-bawa": _at("/layanan/DKC-03/bawa"),
    "50-antrean": _at("/antrean"),
    "51-antrean-nomor": _at("/antrean/2"),
    "53-ambil": _at("/ambil"),
    "54-diserahkan": _at("/permohonan/{}/diserahkan", "diambil"),
    "55-survei": _at("/survei"),
    "56-survei-terima-kasih": _thanked,
    "57-tutup-hari": _at("/tutup-hari"),
    "58-tutup-hari-ditutup": _closed,
    "59-kertas": _at("/kertas"),
    "60-kertas-kosong": _at("/kertas/kosong?layanan=DKC-07"),
    "61-tanda-terima-hilang": _lost,
    "64-beri-tahu": _contact,
    "43-kirim-berkas": _folders,
    "44-daftar-kirim": _folder_list,
    "80-foto": _photo,
    "81-foto-terkirim": _photo_sent,
    "71-hp-label": _label,
    "74-draf": _drafts,
    "24-gerai": _at("/gerai"),
    "27-terkunci": _locked,
}


@contextlib.contextmanager
def unenrolled(folder: Path) -> Iterator[str]:
    """A machine that headquarters does not know yet."""
    serving = listen(create_app(read_config({}, data=folder)), [Listener("127.0.0.1", 0)], threads=2)
    try:
        yield f"http://localhost:{serving.ports[0]}"
    finally:
        serving.stop()
