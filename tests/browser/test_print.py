"""Paper in a real browser: the ticket on a 58 mm roll and on A4, the job's state with and without script, by hand."""

import re

import pytest

from offline_db.permohonan import find
from offline_db.print_job import PrintState, ask_print, last_job, mark
from pasar.receipt import KIND
from sync.receipt import read_qr as read_receipt
from tests.browser.stage import staged
from tests.browser.test_counter import accessible
from tests.pasar.roll import decode, read_picture
from tests.web_base.scanner import read_qr

MILLIMETRE = 96 / 25.4


@pytest.fixture(scope="module")
def roll(tmp_path_factory):
    path = tmp_path_factory.mktemp("printer") / "roll"
    path.touch()
    return path


@pytest.fixture(scope="module")
def stage(tmp_path_factory, roll):
    """A morning at a stall whose printer is a plain file; its thread starts when a test says so."""
    with staged(tmp_path_factory.mktemp("gerai") / "gerai", printer=f"file:{roll}") as stage:
        yield stage
        stage.shop.app.extensions["pasar"].spooler.stop()


@pytest.fixture
def counter(stage, page):
    stage.sign_in(page)
    return page


def address(stage, situation, more=""):
    return f"{stage.url}/permohonan/{stage.records[situation]}/tanda-terima{more}"


def job(stage, situation):
    with stage.shop.app.app_context():
        return last_job(KIND, stage.records[situation])


def put(stage, situation, state, problem=None):
    with stage.shop.app.app_context():
        asked = ask_print(KIND, stage.records[situation], stage.shop.time.now)
        mark(asked.id, state, problem)


@pytest.mark.parametrize("wide", [False, True], ids=["phone", "laptop"])
@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (PrintState.QUEUED, "printer_no_paper"), (PrintState.PRINTING, None), (PrintState.PRINTED, None),
        (PrintState.FAILED, "printer_late"), (PrintState.DOUBTFUL, "printer_interrupted"),
    ],
)  # fmt: skip
def test_every_state_of_a_job_is_accessible(stage, page, desk_page, wide, state, problem):
    shown = desk_page if wide else page
    stage.sign_in(shown)
    put(stage, "ditolak", state, problem)
    for path in (address(stage, "ditolak"), stage.url + "/printer"):
        shown.goto(path)
        accessible(shown, f"{path} {state}")
    put(stage, "ditolak", PrintState.FAILED, "printer_late")


@pytest.mark.parametrize("wide", [False, True], ids=["phone", "laptop"])
def test_the_code_to_copy_is_huge_and_accessible(stage, page, desk_page, wide):
    shown = desk_page if wide else page
    stage.sign_in(shown)
    shown.goto(address(stage, "diproses", "/salin"))
    accessible(shown, "salin")
    assert all(float(size) >= 48 for size in shown.eval_on_selector_all(
        ".hand-code b", "each => each.map((one) => parseFloat(getComputedStyle(one).fontSize))"))  # fmt: skip
    shown.fill("[name=kelompok]", "0")
    shown.press("[name=kelompok]", "Enter")
    accessible(shown, "salin, salah")
    assert shown.locator(".error-summary").inner_text().endswith("Betulkan tulisan pemohon.")


def test_one_tap_prints_and_the_page_says_when_it_is_out(stage, counter, roll):
    counter.goto(address(stage, "baru"))
    counter.click("text='Cetak'")
    counter.wait_for_selector(".badge:text('Menunggu dicetak')")
    assert counter.locator("[data-no-script] a").is_hidden()
    spooler = stage.shop.app.extensions["pasar"].spooler
    spooler.start(stage.shop.app)
    counter.wait_for_selector(".badge:text('Sudah tercetak')")
    (paper,) = decode(roll.read_bytes())
    with stage.shop.app.app_context():
        row = find(stage.records["baru"])
    assert row.series in paper.lines
    (text,) = read_picture(paper.picture)
    assert read_receipt(text).code == row.code


def test_without_script_a_link_looks_again(stage, browser, browser_context_args):
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    stage.sign_in(page)
    put(stage, "terkirim", PrintState.PRINTING)
    page.goto(address(stage, "terkirim"))
    assert page.locator(".badge").first.inner_text().endswith("Sedang dicetak")
    with stage.shop.app.app_context():
        mark(last_job(KIND, stage.records["terkirim"]).id, PrintState.PRINTED)
    page.click("text=Lihat lagi")
    assert page.locator(".badge").first.inner_text().endswith("Sudah tercetak")
    context.close()


def test_the_browser_prints_by_itself_once_and_not_again_on_reload(stage, counter):
    counter.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; }")
    counter.goto(address(stage, "diproses", "/cetak?langsung=1"))
    counter.wait_for_function("window.printed === 1")
    assert counter.url == address(stage, "diproses", "/cetak")
    counter.reload()
    counter.click("text=Cetak sekarang")
    assert counter.evaluate("window.printed") == 1


def pages(pdf):
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [tuple(float(points) / 72 * 25.4 for points in size) for size in sizes]


@pytest.mark.parametrize("situation", ["baru", "dikembalikan"])
def test_the_browsers_ticket_fits_a_58_mm_roll_in_one_piece(stage, counter, situation):
    counter.goto(address(stage, situation, "/cetak"))
    (size,) = pages(counter.pdf(prefer_css_page_size=True))
    counter.emulate_media(media="print")
    slip = counter.locator(".slip").bounding_box()
    assert size[0] == pytest.approx(58, abs=0.5)
    assert slip["width"] == pytest.approx(48 * MILLIMETRE, abs=1)
    assert slip["height"] / MILLIMETRE < size[1] < slip["height"] / MILLIMETRE + 10
    wider = "each => each.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML)"
    assert counter.eval_on_selector_all(".slip, .slip p, .slip dd, .slip h2", wider) == []
    (text,) = read_qr(counter.locator(".qr").screenshot())
    assert "#" in text


@pytest.mark.parametrize(("paper", "most"), [("A4", 1), ("A5", 2)])
def test_on_ordinary_paper_the_ticket_has_its_true_size_and_never_breaks_inside_a_sentence(stage, counter, paper, most):
    counter.goto(address(stage, "dikembalikan", "/cetak"))
    assert len(pages(counter.pdf(format=paper))) <= most
    counter.emulate_media(media="print")
    kept = "each => each.every((one) => getComputedStyle(one).breakInside === 'avoid')"
    assert counter.eval_on_selector_all(".slip p, .slip .facts > div", kept)
