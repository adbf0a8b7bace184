"""What an operator's phone waits for: real Chromium, the stall's own https, the certificate trusted. Knows pages and
their scripts' marks; refuses to know how the stall answers. The aims stand beside the figures; nothing fails.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from playwright.sync_api import sync_playwright

from bench.phone_photo import photo
from bench.phones_at_once import at_once
from bench.relay import SLOW_4G, Relay, relay
from bench.stall import Measured, measured_stall
from pasar.demo_house import PIN
from tests.browser.phone import NAME, trusting_phone
from tests.conftest import find_chromium
from web_base.assets import folder as assets
from web_base.packed import pack
from web_base.tls import ROOT

Row = tuple[str, str]
VISITS = 7
USABLE = """
  const look = () => {
    const form = document.querySelector("form[data-services]");
    const ready = document.readyState === "complete" && (!form || !form.hidden);
    if (ready) performance.mark("usable"); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
"""The page is loaded with its scripts, and the form that is kept on the phone, where it is that page, stands open."""
TIMES = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const usable = performance.getEntriesByName("usable")[0];
  return paint && usable ? [paint.startTime, usable.startTime] : null;
}"""
MOVED = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .reduce(([moved, plain], each) => [moved + each.transferSize, plain + each.decodedBodySize], [0, 0])"""
SCRIPTS = "() => [...document.scripts].map((each) => new URL(each.src).pathname.replace('/static/', ''))"
SEARCHED = """() => new Promise((done) => {
  const field = document.querySelector("main [name=q]"), place = document.querySelector("[data-results]");
  const shown = () => requestAnimationFrame(() => done(performance.now() - begun));
  new MutationObserver(shown).observe(place, { childList: true });
  const begun = performance.now();
  field.value = "ktp hilang";
  field.dispatchEvent(new Event("input", { bubbles: true }));
})"""
SCANNER = "vendor/qr-scanner/worker.js"
COUNTER_PAGES = {
    "home": "/", "search": "/layanan?q=ktp+hilang", "service": "/layanan/DKC-01", "list": "/permohonan",
    "queue": "/antrean", "hand over": "/ambil", "printer": "/printer", "noted without the stall": "/hp/catat",
}  # fmt: skip


@dataclass
class Office:
    """A running stall, the line that leads to its https door, and the browser that plays the phones."""

    stall: Measured
    line: Relay
    play: Any
    folder: Path
    closing: ExitStack
    cookies: Any = None

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.line.port}"

    def phone(self, name: str) -> Any:
        """A phone fresh from its box that trusts the stall; signed in when another one was before."""
        root = x509.load_pem_x509_certificate((self.folder / "gerai" / "tls" / ROOT).read_bytes())
        opened = trusting_phone(self.play, find_chromium() or "", self.folder / name, root)
        context = self.closing.enter_context(opened)
        context.add_init_script(USABLE)
        if self.cookies:
            context.add_cookies(self.cookies)
        return context


def phone(folder: Path) -> Iterator[Row]:
    """Rows of the table."""
    with ExitStack() as closing:
        stall = closing.enter_context(measured_stall(folder))
        line = closing.enter_context(relay(stall.house.ports.stall_tls))
        office = Office(stall, line, closing.enter_context(sync_playwright()), folder, closing)
        used = sign_in(office)
        yield from first_load(office)
        yield from scripts(used, office)
        yield from without_network(used, office)
        yield from slowly(office)
        yield from photo(used, office.url, line)
        yield from at_once(stall, folder, used.new_page(), office.url)


def sign_in(office: Office) -> Any:
    """A phone on which Budi has signed in as people do: with what it keeps for the time without the stall."""
    context, who = office.phone("used"), office.stall.house.secrets.operator
    page = context.pages[0]
    page.goto(office.url + "/masuk")
    page.check("[name=tanggal_benar][value=ya]")
    page.select_option("[name=petugas]", who.login)
    page.fill("[name=frasa]", who.phrase)
    for field in page.locator("[name=pin_baru], [name=pin_ulang]").all():
        field.fill(PIN)
    page.click("main form button[type=submit] >> nth=0")
    page.wait_for_url(office.url + "/")
    office.line.settle()
    office.cookies = context.cookies()
    return context


def first_load(office: Office) -> Iterator[Row]:
    context = office.phone("first")
    page = context.pages[0]
    office.line.clear()
    page.goto(office.url + "/", wait_until="load")
    moved, plain = (each / 1000 for each in page.evaluate(MOVED))
    office.line.settle()
    yield "First load of the counter over https", f"{moved:.1f} KB with headers, {plain:.0f} KB plain (aim 100 KB)"
    kept = office.line.down / 1000
    yield "The same with all that the phone keeps for later", f"{kept:.1f} KB on the wire, TLS and icons counted"


def scripts(context: Any, office: Office) -> Iterator[Row]:
    sizes: dict[str, int] = {}
    page = context.new_page()
    for name, path in COUNTER_PAGES.items():
        page.goto(office.url + path)
        sizes[name] = sum(map(packed_size, page.evaluate(SCRIPTS)))
    page.close()
    most = max(sizes, key=lambda name: sizes[name])
    yield "Script of a counter page, the most of any", f"{sizes[most] / 1000:.1f} KB gzip, {most} (aim 25 KB)"
    yield "The scanner's library, fetched by who scans", f"{packed_size(SCANNER) / 1000:.1f} KB gzip"


def packed_size(file: str) -> int:
    return len(pack((assets("static") / file).read_bytes()))


def without_network(context: Any, office: Office) -> Iterator[Row]:
    """The network is cut in the browser, under the service worker too."""
    context.set_offline(True)
    for name, path in (("the start page", "/"), ("the form kept on the phone", "/hp/catat")):
        for slower in (1, 4):
            seen = [visit(context, office.url + path, slower) for _ in range(VISITS)]
            paint, usable = (statistics.median(each) for each in zip(*seen, strict=True))
            what = f"Repeat visit without network, {name}" + (f", processor {slower}x slower" if slower > 1 else "")
            yield what, f"first paint {paint:.0f} ms, usable {usable:.0f} ms, median of {VISITS} (aim 300 ms)"
    context.set_offline(False)


def slowly(office: Office) -> Iterator[Row]:
    """A phone that has nothing yet, on a slow 4G with a processor four times slower; then with what it then has."""
    context = office.phone("slow")
    page, slow = context.pages[0], "slow 4G, processor 4x slower"
    office.line.line = SLOW_4G
    paint, usable = visit(context, office.url + "/", 4, page)
    yield f"Home on a new phone, {slow}", f"first paint {paint:.0f} ms, usable {usable:.0f} ms"
    office.line.settle()
    yield f"A service search, {slow}", f"{page.evaluate(SEARCHED):.0f} ms from the last letter to what fits"
    page.goto(office.url + "/layanan/DKC-07")
    page.click("text=Buat permohonan")
    page.click("text=Semua asli dilihat")
    page.wait_for_url("**/orang")
    paint, usable = visit(context, page.url, 4, page)
    yield f"The form's page of a person, {slow}", f"first paint {paint:.0f} ms, usable {usable:.0f} ms"
    office.line.line = (0.0, 0.0, 0.0)
    page.close()


def visit(context: Any, address: str, slower: int, page: Any = None) -> tuple[float, float]:
    """Milliseconds from the start of the visit to the first thing seen and to the page being usable."""
    tab = page or context.new_page()
    context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    tab.goto(address, wait_until="load")
    ends = time.monotonic() + 30
    while (seen := tab.evaluate(TIMES)) is None and time.monotonic() < ends:
        time.sleep(0.02)
    if page is None:
        tab.close()
    return tuple(seen or (float("nan"), float("nan")))
