"""From the camera's file to what the stall keeps, in a real browser: small, upright, readable, without its place."""

from __future__ import annotations

import base64

import pytest
from PIL import Image

from offline_db.attachments import of_record
from pasar.photo import reencode
from tests.browser.phone import NAME, trusting_phone
from tests.browser.stage import staged
from tests.browser.test_counter import accessible
from tests.pasar.cast import Budi
from tests.pasar.photos import GPS, NIK, camera, card, front, located, read, read_digits, written

SPY = """() => {
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) { self.wasSent = body.get("foto"); return send.call(this, body); };
}"""
SENT = """async () => {
  const bytes = new Uint8Array(await self.wasSent.arrayBuffer());
  return btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
}"""
NO_WEBP = """(() => {
  const real = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (done, type, quality) {
    return real.call(this, done, type === "image/webp" ? "image/png" : type, quality);
  };
})()"""
"""As a browser that cannot write WebP answers: with a PNG."""
CAMERA, FILE = "[capture=environment]", "input[type=file]:not([capture])"


@pytest.fixture
def record(stage):
    """A request of its own for each test; the operator's days and seats go on."""
    return Budi(stage.shop).sign_in().take("UMK-05")


@pytest.fixture
def receipt(stage, page, record):
    stage.sign_in(page)
    page.goto(f"{stage.url}/permohonan/{record}/tanda-terima")
    return page


def chosen(page, sent, where=FILE, name="IMG_2026.jpg", kind="image/jpeg"):
    page.set_input_files(where, {"name": name, "mimeType": kind, "buffer": sent})
    page.locator(".photo .send").wait_for()


def stored(page):
    page.click(".photo .send")
    page.locator(".taken li").first.wait_for()


def sent_by(page, sent):
    """What leaves the phone when this is chosen and stored."""
    page.evaluate(SPY)
    chosen(page, sent)
    stored(page)
    return base64.b64decode(page.evaluate(SENT))


def test_two_taps_from_the_receipt_and_it_says_what_became_of_it(stage, receipt, record):
    with receipt.expect_file_chooser() as asked:
        receipt.click("text=Ambil foto")
    asked.value.set_files({"name": "1.jpg", "mimeType": "image/jpeg", "buffer": camera()})
    receipt.locator("canvas:visible").wait_for()
    accessible(receipt, "preview")
    receipt.click("text=Simpan foto")
    receipt.locator("text=Menunggu dikirim ke MPP").wait_for()
    assert "Foto tersimpan di gerai." in receipt.inner_text(".says")
    accessible(receipt, "stored")
    assert "/tanda-terima" in receipt.url and receipt.locator(".receipt .code").count() == 1
    chosen(receipt, written(front().rotate(5)), CAMERA)
    stored(receipt)
    receipt.locator(".taken li >> nth=1").wait_for()
    with stage.shop.app.app_context():
        assert [scan.paper for scan in of_record(record)] == [1, 1]


def test_its_way_over_a_weak_wifi_is_shown(receipt):
    line = receipt.context.new_cdp_session(receipt)
    chosen(receipt, written(card(1280, 960)[0], quality=90))
    weak = {"offline": False, "latency": 100, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", weak)
    receipt.click(".photo .send")
    receipt.locator("progress:visible").wait_for()
    assert receipt.inner_text(".says") == "Mengirim foto…"
    receipt.locator(".taken li").wait_for()
    assert receipt.locator("progress:visible").count() == 0


@pytest.mark.parametrize("orientation", [1, 6])
def test_twelve_megapixels_leave_small_upright_and_without_their_place(receipt, orientation):
    lying = front(4000, 3000) if orientation == 1 else front(3000, 4000).transpose(Image.Transpose.ROTATE_90)
    shot = written(lying, quality=90, exif=located(orientation))
    assert b"Exif" in shot
    sent = sent_by(receipt, shot)
    picture = read(sent)
    assert picture.format == "WEBP" and len(sent) < 170_000
    assert picture.size == ((1280, 960) if orientation == 1 else (960, 1280))
    red, green, _ = picture.convert("RGB").getpixel((20, 20))
    assert red > 150 and green < 90
    assert not picture.getexif() and not picture.getexif().get_ifd(GPS)
    assert b"Exif" not in sent and b"Pabrik" not in sent
    assert receipt.evaluate("performance.getEntriesByName('foto').length") == 1


def test_a_browser_that_writes_no_webp_sends_a_smaller_jpeg(receipt):
    receipt.add_init_script(NO_WEBP)
    receipt.reload()
    sent = sent_by(receipt, written(front(4000, 3000), quality=90, exif=located()))
    picture = read(sent)
    assert (picture.format, picture.size) == ("JPEG", (1024, 768)) and len(sent) < 170_000
    assert not picture.getexif()


@pytest.mark.parametrize("webp", [True, False], ids=["webp", "jpeg"])
def test_a_card_is_as_readable_as_it_must_be(receipt, webp, tmp_path):
    """The sixteen digits of the NIK and the small print, after the phone and after the stall."""
    if not webp:
        receipt.add_init_script(NO_WEBP)
        receipt.reload()
    shot, boxes = card()
    assert read_digits(shot, boxes) == [NIK, NIK]
    sent = sent_by(receipt, written(shot, quality=92, exif=located()))
    made = reencode(sent)
    (tmp_path / "sent").write_bytes(sent)
    (tmp_path / "made").write_bytes(made)
    assert len(sent) < 200_000 and len(made) < 200_000
    assert read_digits(read(sent), boxes) == read_digits(read(made), boxes) == [NIK, NIK]
    unreadable = read(sent).resize((200, 150)).resize((1280, 960))
    assert read_digits(unreadable, boxes)[1] != NIK, "the reader can fail"


def test_without_script_the_form_sends_the_photo_as_it_is(stage, browser, record):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640})
    page = context.new_page()
    stage.sign_in(page)
    page.goto(f"{stage.url}/permohonan/{record}")
    page.set_input_files(CAMERA, {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": camera()})
    page.click("text=Simpan foto")
    page.wait_for_url("**/permohonan/*#foto")
    assert "Foto tersimpan di gerai." in page.inner_text("main") and page.locator(".taken li").count() == 1
    page.set_input_files(FILE, {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 " + bytes(900)})
    page.click("text=Simpan foto")
    page.locator(".notice.bad:visible").wait_for()
    assert "Ini bukan foto." in page.inner_text(".notice.bad:visible")
    context.close()


@pytest.mark.parametrize(
    "sent, said",
    [(b"\x00\x00\x00\x18ftypheic" + bytes(5000), "Foto jenis HEIC"), (b"<svg/>" * 99, "Ini bukan foto."),
     (camera()[:20_000], "rusak atau tidak lengkap")],
    ids=["heic", "svg", "broken"],
)  # fmt: skip
def test_what_the_phone_cannot_draw_is_left_to_the_stall_to_judge(stage, receipt, record, sent, said):
    chosen(receipt, sent)
    assert receipt.locator("canvas:visible").count() == 0
    receipt.click(".photo .send")
    receipt.locator(f".says:has-text('{said}')").wait_for()
    chosen(receipt, camera())
    stored(receipt)
    with stage.shop.app.app_context():
        assert len(of_record(record)) == 1


def test_over_plain_http_a_photo_waits_in_the_page_until_the_stall_is_back(tmp_path, playwright, chromium):
    """A try-out without a certificate: nothing can be sealed there, so the phone keeps nothing and says so."""
    with (
        staged(tmp_path / "gerai", lan_http=True) as stage,
        trusting_phone(playwright, chromium, tmp_path / "phone", None) as phone,
    ):
        stage.url = stage.url.replace("localhost", NAME)
        page = phone.new_page()
        stage.sign_in(page)
        page.goto(f"{stage.url}/permohonan/{stage.records['usaha']}")
        assert not page.evaluate("isSecureContext")
        chosen(page, camera())
        phone.set_offline(True)
        page.click(".photo .send")
        page.locator(".says:has-text('Foto belum terkirim; coba lagi.')").wait_for()
        assert page.locator("canvas:visible").count() == 1
        phone.set_offline(False)
        stored(page)
        assert "Foto tersimpan di gerai." in page.inner_text(".says")
