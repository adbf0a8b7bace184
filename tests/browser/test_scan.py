"""A code is asked and read: by the camera, by a photo, by a USB scanner, by typing; at the stall and at headquarters.

The camera is Chromium's own with a film of the app's QR code. This Chromium has no BarcodeDetector: the library runs.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from mpp.db.models import PermohonanRow
from offline_db.permohonan import find
from pasar.receipt import ticket
from sync.receipt import qr_text, sign_receipt
from tests.browser.camera import allow, camera, code, film, photo
from tests.browser.test_counter import accessible
from tests.conftest import DESK, PHONE
from tests.mpp.screens import enter, furnished
from tests.mpp.site import open_site

LIBRARY = "vendor/qr-scanner/worker.js"
SEEN = "[data-scan-says]"
HOOK = """(() => {
  const media = navigator.mediaDevices, real = media && media.getUserMedia.bind(media);
  if (real) media.getUserMedia = async (wish) => (self.film = await real(wish));
})()"""
"""Lets a test look at the tracks that the page was given."""
TORCH = """MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async (wish) => { self.lit = wish.advanced[0].torch; }"""
OWN_READER = """self.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { if ("%s" === "broken") throw new Error("no service"); return [{ rawValue: "%s" }]; }
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with open_site(tmp_path_factory.mktemp("mpp")) as site:
        yield site, furnished(site)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """Where the camera's film lies; a test writes there what it holds before the camera."""
    path = tmp_path_factory.mktemp("kamera") / "film.y4m"
    film(path, None)
    return path


@pytest.fixture(scope="module")
def seeing(browser_type, browser_type_launch_args, chromium, before):
    """A browser with a camera, which only the whole browser has."""
    given = {**browser_type_launch_args, "executable_path": chromium}
    rule = "--host-resolver-rules=MAP pasar.home.arpa 127.0.0.1"
    browser = browser_type.launch(**{**given, "args": [*given["args"], *camera(before), rule]})
    yield browser
    browser.close()


@pytest.fixture
def phone(seeing, browser_context_args):
    context = seeing.new_context(**browser_context_args)
    page = context.new_page()
    page.add_init_script(HOOK)
    allow(page)
    yield page
    context.close()


def qr_of(stage, situation):
    with stage.shop.app.app_context():
        return ticket(find(stage.records[situation])).qr


def receipt_text(site, record):
    """The QR text on the paper of a request at headquarters."""
    with site.office.database.reading() as session:
        code = session.get_one(PermohonanRow, record).code
    at = site.stall.grant
    signature = sign_receipt(site.stall.key, code, at.device, at.epoch, "261120")
    return qr_text("http://mpp.test", code, at.device, at.epoch, "261120", signature)


def pressed(page):
    page.get_by_role("button", name="Pindai", exact=True).click()


def chosen(page, button, name="IMG_0001.jpg", body=b""):
    with page.expect_file_chooser() as asked:
        button.click()
    asked.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": body})


def ended(page):
    """Whether every track of the film has been given back."""
    return page.evaluate("self.film.getTracks().every((track) => track.readyState === 'ended')")


class TestCamera:
    def test_a_receipt_held_before_it_is_looked_up_by_itself(self, stage, phone, before):
        film(before, code(qr_of(stage, "selesai")))
        stage.sign_in(phone)
        phone.goto(stage.url + "/ambil")
        pressed(phone)
        phone.wait_for_url("**/serahkan")
        assert stage.records["selesai"] in phone.url

    @pytest.mark.parametrize("path", ["/", "/permohonan"])
    def test_a_search_gets_the_code_and_no_signature(self, stage, phone, before, path):
        film(before, code(qr_of(stage, "diproses")))
        stage.sign_in(phone)
        phone.goto(stage.url + path)
        asked = []
        phone.on("request", lambda request: asked.append(request.url))
        pressed(phone)
        phone.wait_for_url(f"**/{stage.records['diproses']}")
        assert any(url.endswith("q=" + stage.codes["diproses"]) for url in asked)

    def test_a_shoppers_page_reads_it_too(self, stage, phone, before):
        film(before, code(qr_of(stage, "dikembalikan")))
        phone.goto(stage.url + "/c")
        pressed(phone)
        phone.get_by_text("KK lama").wait_for()

    def test_headquarters_finds_a_request_by_it(self, site, phone, before):
        office, records = site
        film(before, code(receipt_text(office, records["proses"])))
        enter(phone, office, "agus")
        pressed(phone)
        phone.wait_for_url("**/permohonan?q=*")
        assert phone.locator(".rows > li").count() == 1
        assert records["proses"] in phone.locator(".rows a").get_attribute("href")

    def test_folders_that_came_along_are_scanned_one_after_the_other(self, site, phone, before):
        office, records = site
        enter(phone, office, "agus")
        phone.goto(f"{office.url}/berkas/{records['daftar']}")
        phone.fill("[name=lain]", "GTG-261120-0003")
        text = receipt_text(office, records["tolak"])
        film(before, code(text))
        pressed(phone)
        phone.locator(SEEN, has_text="Kode terbaca.").wait_for()
        assert phone.input_value("[name=lain]") == "GTG-261120-0003, " + text.split("#")[1].split(".")[0]
        assert phone.url.endswith(records["daftar"]) and ended(phone)

    def test_it_is_accessible_and_another_code_is_named(self, stage, phone, before):
        film(before, code("https://contoh.test/menu"))
        phone.goto(stage.url + "/c")
        pressed(phone)
        phone.get_by_text("Itu bukan kode tanda terima.").wait_for()
        accessible(phone, "85-pindai")
        film(before, code(qr_of(stage, "dikembalikan")))
        phone.keyboard.press("Escape")
        pressed(phone)
        phone.get_by_text("KK lama").wait_for()


class TestTheCameraIsGivenBack:
    def opened(self, stage, phone, before):
        film(before, None)
        phone.goto(stage.url + "/c")
        pressed(phone)
        phone.get_by_text("Arahkan kamera").wait_for()
        assert not ended(phone)

    @pytest.mark.parametrize("way", ["Escape", "Tutup"])
    def test_on_closing(self, stage, phone, before, way):
        self.opened(stage, phone, before)
        if way == "Escape":
            phone.keyboard.press("Escape")
        else:
            phone.get_by_role("button", name=way).click()
        phone.locator(".scan-panel").wait_for(state="detached")
        assert ended(phone)
        assert phone.evaluate("document.activeElement.matches('[data-scan]')")

    def test_when_the_page_is_hidden(self, stage, phone, before):
        self.opened(stage, phone, before)
        phone.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        phone.locator(".scan-panel").wait_for(state="detached")
        assert ended(phone)

    def test_after_a_minute_and_once_more_when_asked(self, stage, phone, before):
        phone.clock.install()
        self.opened(stage, phone, before)
        phone.clock.run_for(61_000)
        phone.get_by_text("Kamera dimatikan setelah satu menit").wait_for()
        assert ended(phone)
        phone.get_by_role("button", name="Coba lagi").click()
        phone.get_by_text("Arahkan kamera").wait_for()
        assert not ended(phone)

    def test_a_torch_is_offered_where_there_is_one(self, stage, phone, before):
        self.opened(stage, phone, before)
        assert not phone.locator("[data-torch]").is_visible()
        phone.add_init_script(TORCH)
        self.opened(stage, phone, before)
        phone.get_by_role("button", name="Senter").click()
        phone.locator("[data-torch][aria-pressed=true]").wait_for()
        assert phone.evaluate("self.lit") is True


class TestReaders:
    def test_the_devices_own_reader_is_preferred(self, stage, phone, before):
        film(before, None)
        loaded = []
        phone.on("request", lambda request: loaded.append(request.url))
        phone.add_init_script(OWN_READER % ("", qr_of(stage, "dikembalikan")))
        phone.goto(stage.url + "/c")
        pressed(phone)
        phone.get_by_text("KK lama").wait_for()
        assert not [url for url in loaded if LIBRARY in url]

    def test_one_that_fails_is_replaced_by_the_library(self, stage, phone, before):
        film(before, code(qr_of(stage, "dikembalikan")))
        loaded = []
        phone.on("request", lambda request: loaded.append(request.url))
        phone.add_init_script(OWN_READER % ("broken", ""))
        phone.goto(stage.url + "/c")
        assert not [url for url in loaded if LIBRARY in url]
        pressed(phone)
        phone.get_by_text("KK lama").wait_for()
        assert [url for url in loaded if LIBRARY in url]

    def test_a_library_that_does_not_come_is_said(self, stage, phone, before):
        phone.route("**/" + LIBRARY + "*", lambda route: route.abort())
        phone.goto(stage.url + "/c")
        pressed(phone)
        phone.get_by_text("Pembaca kode belum dapat dibuka.").wait_for()
        assert ended(phone)


class TestPhoto:
    def test_a_refused_camera_leaves_the_photo(self, stage, phone):
        allow(phone, camera=False)
        phone.goto(stage.url + "/c")
        pressed(phone)
        phone.get_by_text("Kamera tidak diizinkan").wait_for()
        accessible(phone, "86-pindai-ditolak")
        chosen(phone, phone.get_by_role("button", name="Foto kodenya"), body=photo(qr_of(stage, "dikembalikan")))
        phone.get_by_text("KK lama").wait_for()

    @pytest.mark.parametrize(("angle", "blur"), [(0, 0), (-41, 4), (93, 3), (178, 5)])
    def test_without_https_it_is_the_only_way_and_works(self, stage, phone, angle, blur):
        phone.goto(f"http://pasar.home.arpa:{urlsplit(stage.url).port}/c")
        assert phone.evaluate("isSecureContext") is False
        assert not phone.get_by_role("button", name="Pindai", exact=True).is_visible()
        taken = photo(qr_of(stage, "dikembalikan"), angle=angle, blur=blur)
        chosen(phone, phone.get_by_role("button", name="Foto kode QR"), body=taken)
        phone.get_by_text("KK lama").wait_for()

    def test_a_photo_without_a_code_says_so_and_the_next_may_have_one(self, stage, phone):
        phone.goto(f"http://pasar.home.arpa:{urlsplit(stage.url).port}/c")
        button = phone.get_by_role("button", name="Foto kode QR")
        chosen(phone, button, body=photo(qr_of(stage, "dikembalikan"), blur=60, size=(1500, 2000)))
        phone.locator(SEEN, has_text="Kode tidak terbaca di foto ini.").wait_for()
        chosen(phone, button, name="catatan.jpg", body=b"bukan gambar")
        phone.locator(SEEN, has_text="Kode tidak terbaca di foto ini.").wait_for()
        chosen(phone, button, body=photo("https://contoh.test/menu"))
        phone.locator(SEEN, has_text="Itu bukan kode tanda terima.").wait_for()
        chosen(phone, button, body=photo(qr_of(stage, "dikembalikan")))
        phone.get_by_text("KK lama").wait_for()


class TestWithoutAny:
    def test_a_phone_without_a_camera_is_offered_a_photo_and_a_desk_nothing(self, stage, page, desk_page):
        page.goto(stage.url + "/c")
        page.get_by_role("button", name="Foto kode QR").wait_for()
        desk_page.goto(stage.url + "/c")
        desk_page.wait_for_load_state("networkidle")
        assert not desk_page.locator("[data-scan]").is_visible()
        desk_page.fill("[name=code]", stage.codes["dikembalikan"])
        desk_page.keyboard.press("Enter")
        desk_page.get_by_text("KK lama").wait_for()

    def test_a_usb_scanner_types_the_whole_text(self, stage, desk_page):
        stage.sign_in(desk_page)
        for path in ("/ambil", "/"):
            desk_page.goto(stage.url + path)
            desk_page.wait_for_selector("input:focus")
            desk_page.keyboard.type(qr_of(stage, "selesai"))
            desk_page.keyboard.press("Enter")
            desk_page.wait_for_url(f"**/permohonan/{stage.records['selesai']}**")

    def test_without_script_nothing_is_promised_and_typing_works(self, stage, seeing, browser_context_args):
        context = seeing.new_context(**{**browser_context_args, "java_script_enabled": False})
        page = context.new_page()
        page.goto(stage.url + "/c")
        assert not page.locator("[data-scan]").is_visible()
        page.fill("[name=code]", qr_of(stage, "dikembalikan"))
        page.click("main form button[type=submit]")
        page.get_by_text("KK lama").wait_for()
        context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "laptop"])
def test_every_field_fits_with_its_button_in_large_text(stage, seeing, browser_context_args, size):
    context = seeing.new_context(**{**browser_context_args, "viewport": size})
    context.add_cookies([{"name": "tampilan", "value": "besar", "url": stage.url}])
    page = context.new_page()
    stage.sign_in(page)
    for path in ("/c", "/", "/permohonan", "/ambil"):
        page.goto(stage.url + path)
        page.locator("[data-scan]").wait_for(state="visible")
        accessible(page, path)
        assert page.locator("[data-scan]").bounding_box()["height"] >= 47.5
    context.close()
