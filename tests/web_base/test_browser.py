"""In a real browser: every part is accessible in every preference, the QR reads back, paper is 58 mm, and the worker
keeps its hands off what people send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.axe import SEVEN_TO_ONE, flaws
from tests.web_base.scanner import read_qr
from tests.web_base.small_app import QR_TEXT, TOLD, answering, installable, make

SETTLED = "() => navigator.serviceWorker.ready.then(() => true)"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with answering(make()) as url:
        yield url


@pytest.fixture
def stall() -> Iterator[str]:
    with answering(installable()) as url:
        yield url


def accessible(page: Any) -> None:
    assert not (found := flaws(page)), found
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("wide", [False, pytest.param(True, marks=pytest.mark.full)], ids=["phone", "laptop"])
@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"color_scheme": "dark"},
        {"contrast": "more"},
        {"contrast": "more", "color_scheme": "dark"},
        {"forced_colors": "active"},
    ],
    ids=["light", "dark", "contrast", "dark-contrast", "forced"],
)
def test_every_part_is_accessible(address: str, page: Any, desk_page: Any, wish: dict[str, str], wide: bool) -> None:
    shown = desk_page if wide else page
    shown.emulate_media(**wish)
    shown.goto(address + "/")
    accessible(shown)


@pytest.mark.parametrize("code", ["", "K7M2-4QX9-3TBD", "ASLI", "HILANG", "SALAH", "0000"])
def test_the_shoppers_pages_are_accessible(address: str, page: Any, code: str) -> None:
    page.goto(address + "/c")
    if code:
        page.fill("[name=code]", code)
        page.click("main button")
    accessible(page)


TOUCHED = (
    "main .button, main .input, main .choice, .rows a, .chips a, .tiles a, .site-nav a, .brand, summary, main .back,"
    " .error-summary a"
)


def test_what_can_be_touched_is_large_enough(address: str, page: Any) -> None:
    page.goto(address + "/")
    heights = page.locator(TOUCHED).evaluate_all("all => all.map((each) => each.getBoundingClientRect().height)")
    assert len(heights) >= 40 and min(heights) >= 47.5


def test_the_worst_contrast_of_running_text_is_seven_to_one(address: str, page: Any) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(address + "/")
        assert not (found := flaws(page, SEVEN_TO_ONE)), found


def test_scanning_hands_the_code_over_in_the_body_and_wipes_the_address(address: str, page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    TOLD.clear()
    text = address + "/c#" + QR_TEXT.partition("#")[2]
    page.goto(text)
    page.wait_for_selector("text=Diproses (berkas lengkap)")
    assert len(TOLD) == 1 and TOLD[0] == text
    assert f"POST {address}/c" in asked and page.url == address + "/c"
    # Chromium reports the typed address once, fragment and all; none of the lines that reached the server has it.
    assert not any("K7M2" in line.partition("#")[0] for line in asked)


def test_a_double_tap_sends_once(address: str, page: Any) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(address + "/typed")
    page.fill("[name=nama]", "Siti")
    page.evaluate("const b = document.querySelector('main button'); b.click(); b.click();")
    page.wait_for_selector("#sent:text('Siti')")
    assert len(sent) == 1


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(address: str, page: Any) -> None:
    page.goto(address + "/")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "f-nik"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_qr_reads_back_from_the_screen(address: str, page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(address + "/slip")
    assert read_qr(page.locator(".qr").screenshot()) == [QR_TEXT]


def test_the_slip_on_paper_is_48_mm_wide_and_nothing_else_is_printed(address: str, page: Any) -> None:
    page.goto(address + "/slip")
    page.emulate_media(media="print")
    millimetre = 96 / 25.4
    slip, code = page.locator(".slip").bounding_box(), page.locator(".qr svg").bounding_box()
    assert slip["width"] == pytest.approx(48 * millimetre, abs=1)
    modules = int(page.locator(".qr svg").get_attribute("viewBox").split()[2])
    assert code["width"] == pytest.approx(modules * 0.5 * millimetre, abs=1)
    assert code["width"] < slip["width"]
    for hidden in ("header.site", "footer.site", ".actions", "h1"):
        assert not page.locator(hidden).is_visible()
    paper = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert len(paper) == 1
    width, height = (float(points) / 72 * 25.4 for points in paper[0])
    assert width == pytest.approx(58, abs=0.5)
    assert slip["height"] / millimetre < height < slip["height"] / millimetre + 10


def test_forms_reach_the_server_through_the_worker_and_offline_shows_our_page(stall: str, page: Any) -> None:
    page.goto(stall + "/typed")
    assert page.evaluate(SETTLED)
    page.reload()
    assert page.evaluate("!!navigator.serviceWorker.controller")
    page.fill("[name=nama]", "Siti")
    page.click("main button")
    page.wait_for_selector("#sent:text('Siti')")
    page.context.set_offline(True)
    page.goto(stall + "/typed")
    assert page.locator("h1").inner_text() == "Gerai tidak terjangkau"
    accessible(page)
    page.context.set_offline(False)
    page.wait_for_selector("h1:text('Isian')")  # it comes back by itself


def test_no_page_is_ever_in_the_cache(stall: str, page: Any) -> None:
    page.goto(stall + "/typed")
    assert page.evaluate(SETTLED)
    for path in ("/", "/typed", "/c"):
        page.goto(stall + path)
    kept = page.evaluate("""async () => { const found = [];
        for (const name of await caches.keys())
          for (const each of await (await caches.open(name)).keys()) found.push(new URL(each.url).pathname);
        return found; }""")
    assert "/offline" in kept and "/static/css/pasar.css" in kept
    assert all(path == "/offline" or path.startswith("/static/") for path in kept)
