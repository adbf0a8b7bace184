"""The counter in a real browser: every screen accessible on phone and laptop, the main path with and without script,
the lock, the double tap, and the QR read back from the screen."""

import pytest

from offline_db.identity import identity
from offline_db.permohonan import find
from sync.receipt import read_qr as read_receipt
from sync.receipt import verify_receipt
from tests.axe import flaws
from tests.browser.looks import FITS
from tests.browser.stage import SIGNED_IN, STRANGER, unenrolled
from tests.pasar.cast import PIN, SITI
from tests.web_base.scanner import read_qr

SMALL = """() => [...document.querySelectorAll("main .button, main .input, main .choice, .rows a, .chips a, .tiles a,"
    + " .site-nav a, .site-nav button, summary")].filter((each) => {
    const box = each.getBoundingClientRect(); return box.width && box.height < 47.5; })
    .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture
def counter(stage, page):
    stage.sign_in(page)
    return page


def accessible(page, name):
    assert not (found := flaws(page)), f"{name}: {found}"
    assert page.evaluate(FITS), f"{name} is wider than its screen"
    assert page.evaluate(SMALL) == [], name
    assert page.title(), name
    assert page.locator("h1").count() == 1, name


@pytest.mark.parametrize("wide", [False, pytest.param(True, marks=pytest.mark.full)], ids=["phone", "laptop"])
def test_every_screen_is_accessible(stage, page, desk_page, wide):
    shown = desk_page if wide else page
    for name, show in STRANGER.items():
        show(shown, stage)
        accessible(shown, name)
    stage.sign_in(shown)
    for name, show in SIGNED_IN.items():
        if shown.locator("[name=pin]").count():
            stage.sign_in(shown)
        show(shown, stage)
        accessible(shown, name)


def test_the_unenrolled_stalls_page_is_accessible(tmp_path, page):
    with unenrolled(tmp_path / "gerai") as url:
        page.goto(url + "/")
        accessible(page, "gerai")


def fill(page):
    page.click("summary:has-text('Alamat atau catatan')")
    for name, text in SITI.items():
        if name != "relation":
            page.fill(f"[name={name}]", text)


def request_until_read_back(page, stage):
    page.goto(stage.url + "/")
    page.fill("main form[action='/layanan'] [name=q]", "ktp hilang")
    page.click("main form[action='/layanan'] button")
    page.click("text=Penerbitan KTP-el karena hilang")
    page.click("text=Buat permohonan")
    page.click("text=Semua asli dilihat")
    fill(page)
    page.click("main button:has-text('Lanjut')")
    page.wait_for_url("**/periksa")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_request_from_the_first_word_to_the_receipt(stage, browser, browser_context_args, script):
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": script})
    page = context.new_page()
    stage.sign_in(page)
    request_until_read_back(page, stage)
    assert "Siti Aminah" in page.inner_text("main")
    page.click("text=Simpan, beri tanda terima")
    page.wait_for_url("**/tanda-terima")
    code = page.inner_text(".receipt .code").replace("-", "")
    scanned = read_receipt(read_qr(page.locator(".qr").screenshot())[0])
    assert scanned.code == code
    with stage.shop.app.app_context():
        assert verify_receipt(identity().key.public, *scanned)
    context.close()


def test_what_is_typed_finds_services_while_it_is_typed(stage, counter):
    counter.goto(stage.url + "/")
    counter.type("main form[action='/layanan'] [name=q]", "akta lahir")
    counter.wait_for_selector("[data-results] .rows a")
    assert "Akta kelahiran" in counter.inner_text("[data-results]")


def test_only_somebody_elses_document_asks_for_a_second_person(stage, counter):
    request_until_read_back(counter, stage)
    counter.click("text=Ubah data orang")
    assert not counter.locator("[name=subjek_name]").is_visible()
    counter.select_option("[name=relation]", "anak")
    assert counter.locator("[name=subjek_name]").is_visible()


def test_two_quick_taps_and_the_back_button_end_at_one_receipt(stage, counter):
    request_until_read_back(counter, stage)
    counter.dblclick("text=Simpan, beri tanda terima")
    counter.wait_for_url("**/tanda-terima")
    code, record = counter.inner_text(".receipt .code"), counter.url.split("/")[-2]
    counter.go_back()
    if counter.locator("text=Simpan, beri tanda terima").count():
        counter.click("text=Simpan, beri tanda terima")
    counter.wait_for_url("**/tanda-terima")
    assert counter.inner_text(".receipt .code") == code
    with stage.shop.app.app_context():
        assert find(record).entries == 1


def test_pressing_lock_in_the_middle_of_a_form_brings_it_back(stage, counter):
    counter.goto(f"{stage.url}/layanan/DKC-07")
    counter.click("text=Buat permohonan")
    counter.click("text=Semua asli dilihat")
    counter.fill("[name=pemohon_name]", "Siti Aminah")
    counter.click("text=Kunci")
    counter.locator("[name=pin]").wait_for()
    assert "Siti" not in counter.content()
    counter.fill("[name=pin]", PIN)
    counter.click("text=Buka")
    assert counter.input_value("[name=pemohon_name]") == "Siti Aminah"
    assert counter.locator(".error-summary").count() == 0


def test_an_untouched_counter_locks_itself(stage, page):
    page.clock.install()
    stage.sign_in(page)
    page.goto(stage.url + "/permohonan?status=SELESAI")
    page.clock.run_for(5 * 60 * 1000 + 1000)
    page.wait_for_selector("[name=pin]")
    page.fill("[name=pin]", PIN)
    page.click("text=Buka")
    page.wait_for_url("**/permohonan?status=SELESAI")


def test_the_receipt_prints_on_58_millimetres(stage, counter):
    counter.goto(f"{stage.url}/permohonan/{stage.records['baru']}/tanda-terima/cetak")
    counter.emulate_media(media="print")
    box = counter.locator(".slip").bounding_box()
    assert box["width"] <= 48 / 25.4 * 96 + 1
    assert not counter.locator(".site-nav").first.is_visible()
    assert counter.locator(".slip .qr svg").bounding_box()["width"] >= 25 / 25.4 * 96
