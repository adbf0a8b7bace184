"""What lies on an operator's phone: sealed, nobody else's to see, delivered exactly once, and honest when it cannot be.

A real Chromium with its service worker and the stall's own trusted certificate; a real process where it is killed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from offline_db.base import db
from offline_db.parcels import ParcelRow
from pasar.cut_link import CutLink
from tests.browser.away import (
    KEPT_HERE,
    KEPT_ON_PHONE,
    Phone,
    Stall,
    open_people,
    says,
    until,
    write_people,
)
from tests.browser.phone import trusting_phone
from tests.browser.stage import Stage
from tests.faults.faulty_proxy import FaultyProxy, answer_lost, plain
from tests.house.test_packaging import answers, free_port
from tests.pasar.cast import PIN, SITI, Shop, copy_shop, make_app
from web_base.serve import Listener, listen

ROOT = Path(__file__).parents[2]
KEEP = """async (times) => {
  const head = { kind: "draft", record_id: crypto.randomUUID(), base: null, fields: { layanan: "DKC-07" } };
  for (let n = 0; n < times; n++) await pasar.parcels.keep({ form: head.record_id, head, label: "x" });
  return (await pasar.parcels.waiting()).filter((each) => each.form === head.record_id).length;
}"""
SEVERAL = """async (names) => {
  for (const pemohon_name of names) {
    const record_id = crypto.randomUUID();
    const head = { kind: "draft", record_id, base: null, fields: { layanan: "DKC-07", pemohon_name } };
    await pasar.parcels.keep({ form: record_id, head, label: "KTP" });
  }
}"""
STRANGE = """async () => {
  const head = { kind: "draft", record_id: crypto.randomUUID(), base: null, fields: { layanan: "DKC-07" } };
  const id = await pasar.parcels.keep({ form: head.record_id, head, label: "KTP-el" });
  const store = await new Promise((done) => {
    indexedDB.open("pasar").onsuccess = ({ target: { result } }) => {
      done(result.transaction("parcels", "readwrite").objectStore("parcels"));
    };
  });
  await new Promise((done) => {
    store.get(id).onsuccess = ({ target }) => { store.put({ ...target.result, pass: "x" }).onsuccess = done; };
  });
}"""
REFUSED = "indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); };"


def test_only_the_shell_is_kept_and_one_parcel_a_form(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    page.goto(stall.url + "/permohonan")
    kept = page.evaluate("""async () => {
      const [name] = await caches.keys();
      return (await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname);
    }""")
    pages = {path for path in kept if not path.startswith("/static/")}
    assert pages == {"/offline", "/hp/catat", "/hp/layanan.json"} and "/static/js/parcels.js" in kept
    assert page.evaluate(KEEP, 12) == 1


def test_two_operators_of_one_phone_see_nothing_of_each_other(stall: Stall, phone: Phone) -> None:
    page = phone.ready("Budi")
    open_people(page, stall.url)
    stall.wifi.cut()
    phone.context.route("**/hp/kiriman/*", lambda route: route.abort())
    write_people(page, pemohon_name="Kadek Budi")
    says(page, KEPT_ON_PHONE)
    page.goto(stall.url + "/offline")
    page.locator("text=Lanjutkan").wait_for()
    stall.wifi.join()
    stall.change_to(page, "Ani")
    until(lambda: phone.operator() == "Ani")
    assert page.evaluate("sessionStorage.getItem('pasar-key')") is None
    stall.wifi.cut()
    page.goto(stall.url + "/permohonan")
    page.locator("[data-list] li:has-text('terkunci')").wait_for()
    assert page.locator("text=Lanjutkan").locator("visible=true").count() == 0 and "Kadek" not in page.content()
    phone.context.unroute("**/hp/kiriman/*")
    stall.wifi.join()
    page.goto(stall.url + "/permohonan/draf")
    until(lambda: not phone.parcels())
    page.reload()
    assert page.locator("main a:has-text('Lanjutkan')").count() == 0, "Budi's form is not in Ani's list"
    stall.change_to(page, "Budi")
    assert "Kadek Budi" in stall.names("Budi") and stall.names("Ani") == []
    page.goto(stall.url + "/ganti")
    page.click("text=Keluar dari perangkat ini")
    page.wait_for_url("**/masuk")
    assert phone.operator() == "" and phone.holds("Kadek Budi") == []


def test_what_the_stall_refuses_stays_in_sight_until_somebody_throws_it_away(stall: Stall, phone: Phone) -> None:
    page = phone.ready("Budi")
    page.evaluate(STRANGE)
    page.reload()
    page.locator("[data-list] li:has-text('Kiriman ini bukan dari HP yang dikenal gerai.')").wait_for()
    assert len(phone.parcels()) == 1
    page.once("dialog", lambda asked: asked.accept())
    page.click("[data-discard]")
    until(lambda: not phone.parcels())
    page.locator("[data-waiting]").wait_for(state="hidden")


def test_going_back_after_leaving_shows_nothing(playwright: Any, chromium: str, stall: Stall, tmp_path: Path) -> None:
    """The browser keeps pages alive to go back to them; whoever comes next goes back to the door."""
    kept_alive = {"ignore_default_args": ["--disable-back-forward-cache"]}
    with trusting_phone(playwright, chromium, tmp_path, stall.door.own.root, **kept_alive) as context:
        page = context.new_page()
        stall.wifi.mend()
        stall.sign_in(page)
        page.goto(stall.url + "/layanan/DKC-07")
        page.goto(stall.url + "/ganti")
        page.click("text=Keluar dari perangkat ini")
        page.wait_for_url("**/masuk")
        for _ in range(2):
            page.go_back()
            page.locator("[name=frasa]").wait_for()
            assert "Buat permohonan" not in page.inner_text("body")


def test_leaving_takes_the_page_before_it_along(stall: Stall, phone: Phone) -> None:
    """A page that the browser brings back as it was is loaded anew once somebody has left."""
    page = phone.ready("Budi")
    page.goto(stall.url + "/permohonan")
    page.evaluate("document.querySelector('h1').textContent = 'milik Budi'")
    page.evaluate("pasar.parcels.leave()")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert "milik Budi" not in page.content()


def test_a_full_phone_says_so_and_the_form_stays(stall: Stall, phone: Phone) -> None:
    phone.ready("Budi")
    phone.close()
    phone.start()  # an open store has looked at the room it has, and looks again only later
    page = phone.page
    wire = phone.context.new_cdp_session(page)
    wire.send("Storage.overrideQuotaForOrigin", {"origin": stall.url, "quotaSize": 1})
    stall.sign_in(page)
    open_people(page, stall.url)
    stall.wifi.cut()
    write_people(page, pemohon_name="Wulan Penuh")
    says(page, "Belum tersimpan: penyimpanan HP ini penuh.")
    page.click("main button:has-text('Lanjut')")
    page.locator("[role=alert]:has-text('Jangan tutup halaman ini')").wait_for()
    assert page.input_value("[name=pemohon_name]") == "Wulan Penuh"
    wire.send("Storage.overrideQuotaForOrigin", {"origin": stall.url})
    stall.wifi.join()
    page.click("[data-retry]")
    page.wait_for_url("**/periksa")


def test_a_phone_that_refuses_to_store_says_so(stall: Stall, phone: Phone) -> None:
    phone.ready("Budi")
    page = phone.context.new_page()
    page.add_init_script(REFUSED)
    open_people(page, stall.url)
    stall.wifi.cut()
    write_people(page, pemohon_name="Wulan Tolak")
    says(page, "Belum tersimpan: HP ini tidak mau menyimpan.")
    page.click("text=Kunci")
    page.locator("[data-cover]").wait_for()
    assert not page.locator("[name=pemohon_name]").is_visible(), "out of sight, and still there"
    stall.wifi.join()
    page.locator("[name=pin]").wait_for()
    page.fill("[name=pin]", PIN)
    page.click("main button >> nth=0")
    page.locator("[name=pemohon_name]").wait_for()
    assert page.input_value("[name=pemohon_name]") == "Wulan Tolak"
    stall.wifi.cut()
    page.goto(stall.url + "/hp/catat")
    page.locator("text=HP ini belum dapat mencatat.").wait_for()
    page.close()


def test_exactly_once_with_a_third_of_the_answers_lost(shop: Shop, stall: Stall, browser: Any) -> None:
    plain_door, chance = Stage("", shop, {}, {}), random.Random(7)
    serving = listen(shop.app, [Listener("127.0.0.1", 0)], threads=4)

    def losing(proxy: FaultyProxy, near: Any, request: bytes) -> None:
        lost = request.startswith(b"POST /hp/kiriman") and chance.random() < 0.3
        (answer_lost if lost else plain)(proxy, near, request)

    with FaultyProxy(("127.0.0.1", serving.ports[0])) as link:
        link.always = losing
        plain_door.url = f"http://localhost:{link.port}"
        page = browser.new_page()
        plain_door.sign_in(page)
        until(lambda: page.evaluate("pasar.parcels.kit()"))
        names = [f"Orang ke-{number:02}" for number in range(20)]
        page.evaluate(SEVERAL, names)
        until(
            lambda: page.evaluate(
                "pasar.parcels.deliver().then(() => pasar.parcels.waiting()).then((all) => !all.length)"
            )
        )
        page.close()
    serving.stop()
    found = [name for name in stall.names() if name.startswith("Orang ke-")]
    assert found == names
    with shop.app.app_context():
        assert len(set(db.session.scalars(select(ParcelRow.sha256)))) >= len(names)


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    surroundings = {**os.environ, "PASAR_DATA": str(folder), "PASAR_HTTP_PORT": str(port), "PASAR_HTTPS_PORT": "0"}
    command = [sys.executable, "-m", "pasar", "run"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env={**surroundings, "PASAR_HOST": "127.0.0.1"}, **quiet)  # type: ignore[call-overload]
    assert answers(f"http://127.0.0.1:{port}", process)
    return process  # type: ignore[no-any-return]


def test_a_stall_killed_in_mid_form_has_it_all_when_it_is_back(shop: Shop, browser: Any, tmp_path: Path) -> None:
    folder, port = copy_shop(shop, tmp_path / "gerai").folder, free_port()
    counter = Stage(f"http://localhost:{port}", shop, {}, {})
    process = started(folder, port)
    try:
        page = browser.new_page()
        counter.sign_in(page)
        until(lambda: page.evaluate("pasar.parcels.kit()"))
        record = open_people(page, counter.url)
        write_people(page, pemohon_name="Nengah Mati")
        says(page, KEPT_HERE)
        process.send_signal(signal.SIGKILL)
        process.wait()
        page.fill("[name=pemohon_name]", "Nengah Matra")
        says(page, KEPT_ON_PHONE)
        process = started(folder, port)
        page.goto(counter.url + "/masuk")
        until(lambda: not page.evaluate("pasar.parcels.waiting().then((all) => all.length)"))
        counter.sign_in(page)
        page.goto(counter.url + "/permohonan/draf")
        assert page.locator(f"main a[href*='{record}']").count() == 1
        page.goto(f"{counter.url}/permohonan/baru/{record}/orang")
        assert page.input_value("[name=pemohon_name]") == "Nengah Matra"
        page.close()
    finally:
        process.kill()
        process.wait()


def test_without_scripts_the_pages_still_work(stall: Stall, phone: Phone, browser: Any, shop: Shop) -> None:
    serving = listen(shop.app, [Listener("127.0.0.1", 0)], threads=4)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    url = f"http://localhost:{serving.ports[0]}"
    Stage(url, shop, {}, {}).sign_in(page)
    open_people(page, url, "DKC-07")
    page.select_option("[name=relation]", "diri_sendiri")
    page.fill("[name=pemohon_nik]", SITI["pemohon_nik"])
    page.fill("[name=pemohon_name]", SITI["pemohon_name"])
    page.click("main button:has-text('Lanjut')")
    page.click("text=Simpan, beri tanda terima")
    page.wait_for_url("**/tanda-terima")
    context.close()
    serving.stop()


def test_over_plain_http_the_stall_still_keeps_and_the_page_says_that_the_phone_cannot(
    playwright: Any, chromium: str, shop: Shop, tmp_path: Path
) -> None:
    """A try-out without a certificate: no service worker, no cryptography, and a true insecure origin."""
    tried = copy_shop(shop, tmp_path / "gerai")
    tried.app = make_app(tried.folder, tried.time, lan_http=True)
    serving = listen(tried.app, [Listener("127.0.0.1", 0)], threads=4)
    with (
        CutLink(("127.0.0.1", serving.ports[0])) as link,
        trusting_phone(playwright, chromium, tmp_path / "phone", None, maps="pasar.local") as context,
    ):
        page = context.new_page()
        counter = Stage(f"http://pasar.local:{link.port}", tried, {}, {})
        counter.sign_in(page)
        assert not page.evaluate("isSecureContext") and not page.evaluate("pasar.parcels.able")
        open_people(page, counter.url)
        write_people(page, pemohon_name="Wulan Polos")
        says(page, KEPT_HERE)
        link.cut()
        page.fill("[name=pemohon_name]", "Wulan Polos Sari")
        page.click("main button:has-text('Lanjut')")
        page.locator("[role=alert]:has-text('Jangan tutup halaman ini')").wait_for()
        says(page, "Belum tersimpan.")
        link.join()
        page.click("[data-retry]")
        page.wait_for_url("**/periksa")
        assert "Wulan Polos Sari" in page.inner_text("main")
    serving.stop()
