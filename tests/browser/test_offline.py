"""The stall goes away in the middle of the work: the app still starts, nothing typed is lost, nothing looks received.

A real Chromium with its service worker, https with the stall's own trusted certificate, a link that is really cut.
"""

from __future__ import annotations

import re

import pytest

from tests.browser.away import (
    KEPT_HERE,
    KEPT_ON_PHONE,
    Phone,
    Stall,
    note,
    open_people,
    says,
    until,
    write_people,
)
from tests.browser.test_counter import accessible
from tests.pasar.cast import NIK

AWAY = "Gerai tidak terjangkau"
RECEIPT = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b|\b[A-Z]{3}-\d{6}-\d{4}\b")


def test_the_app_starts_and_takes_requests_without_the_stall(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    stall.wifi.cut()
    page.goto(stall.url + "/")
    assert page.locator("h1").inner_text() == AWAY
    accessible(page, "offline")
    page.click("text=Catat permohonan")
    for name in ("Ketut Sari", "Made Wirawan"):
        note(page, name)
        assert not RECEIPT.search(page.inner_text("body"))
        page.click("text=Orang berikutnya")
    assert page.locator("[data-list] li").count() == 2
    accessible(page, "catat")
    assert phone.holds("Ketut Sari") == [], "only sealed bytes lie on the phone"
    page.goto(stall.url + "/permohonan")
    page.locator("[data-list] li").nth(1).wait_for()
    assert "Ketut" not in page.inner_text("body"), "the list names nobody"
    stall.wifi.join()
    page.locator("[data-delivered]:has-text('Gerai sudah menerima 2 isian. Periksa lalu simpan.')").wait_for()
    page.click("text=Periksa isian")
    assert page.url == stall.url + "/permohonan/draf" and phone.parcels() == []
    assert {"Ketut Sari", "Made Wirawan"} <= set(stall.names())


def test_a_cut_in_mid_form_loses_nothing_and_shows_no_page_of_the_browser(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    record = open_people(page, stall.url)
    write_people(page, pemohon_name="Wayan Kerta")
    says(page, KEPT_HERE)
    stall.wifi.cut()
    page.fill("[name=pemohon_name]", "Wayan Kertayasa")
    page.click("main button:has-text('Lanjut')")
    page.locator("[data-away]:has-text('Gerai tidak terjangkau.')").wait_for()
    says(page, KEPT_ON_PHONE)
    assert page.input_value("[name=pemohon_name]") == "Wayan Kertayasa" and phone.parcels() == [record]
    accessible(page, "cut")
    stall.wifi.join()
    page.click("[data-retry]")
    page.wait_for_url("**/periksa")
    assert "Wayan Kertayasa" in page.inner_text("main") and phone.parcels() == []
    stall.wifi.cut()
    page.click("text=Simpan, beri tanda terima")
    page.locator("[data-unsent]").wait_for()
    assert "Wayan Kertayasa" in page.inner_text("main"), "the read-back stays, and no page of the browser comes"
    stall.wifi.join()
    page.click("text=Simpan, beri tanda terima")
    page.wait_for_url("**/tanda-terima")
    assert RECEIPT.search(page.inner_text("main")) and "Wayan Kertayasa" not in stall.names()


def test_the_stall_takes_the_form_back_as_soon_as_it_answers(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    open_people(page, stall.url)
    phone.context.set_offline(True)
    write_people(page, pemohon_name="Nyoman Rai")
    says(page, KEPT_ON_PHONE)
    phone.context.set_offline(False)
    says(page, KEPT_HERE)
    assert phone.parcels() == [] and stall.names().count("Nyoman Rai") == 1


def test_a_reload_without_the_stall_goes_on_until_the_phone_is_locked(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    record = open_people(page, stall.url)
    stall.wifi.cut()
    write_people(page, pemohon_name="Gede Pasek", pemohon_address="Dusun Sukorejo")
    says(page, KEPT_ON_PHONE)
    page.reload()
    page.click("text=Teruskan isian tadi")
    page.wait_for_url("**/hp/catat")
    assert page.input_value("[name=pemohon_name]") == "Gede Pasek"
    page.fill("[name=pemohon_name]", "Gede Pasek Putra")
    page.click("button:has-text('Simpan di HP ini')")
    page.locator("[data-saved]").wait_for()
    page.goto(stall.url + "/offline")
    page.click("text=Kunci HP ini")
    page.locator("text=terkunci").wait_for()
    page.goto(f"{stall.url}/hp/catat#{record}")
    page.locator("#f-cari").wait_for()
    assert page.input_value("[name=pemohon_name]") == ""
    stall.wifi.join()
    page.goto(stall.url + "/")
    page.locator("[name=pin]").wait_for()
    stall.sign_in(page)
    until(lambda: "Gede Pasek Putra" in stall.names())
    (mine,) = [each for each in stall.drafts() if each.get("pemohon_name") == "Gede Pasek Putra"]
    assert mine["berkas_0"] == "asli", "the marks that only the stall had stay"
    assert mine["pemohon_address"] == "Dusun Sukorejo" and "Gede Pasek" not in stall.names()


def test_a_stall_that_hangs_is_as_good_as_gone(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    stall.wifi.hang()
    page.goto(stall.url + "/permohonan")
    assert page.locator("h1").inner_text() == AWAY
    stall.wifi.mend()
    page.locator("h1:not(:has-text('Gerai'))").wait_for()


@pytest.mark.parametrize("end", ["close", "kill"])
def test_what_was_kept_outlives_the_browser(stall: Stall, phone: Phone, end: str) -> None:
    page = phone.ready()
    open_people(page, stall.url)
    stall.wifi.cut()
    name = f"Komang {end}"
    write_people(page, pemohon_name=name)
    says(page, KEPT_ON_PHONE)
    getattr(phone, end)()
    assert phone.holds(name) == [] and phone.holds(NIK) == []
    stall.wifi.join()
    phone.start()
    phone.page.goto(stall.url + "/masuk")
    until(lambda: not phone.parcels())
    assert stall.names().count(name) == 1, "delivered before anybody signed in"


def test_a_new_version_leaves_a_draft_in_use_alone(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    open_people(page, stall.url)
    write_people(page, pemohon_name="Luh Ayu")
    (before,) = page.evaluate("caches.keys()")
    stall.shop.app.extensions["fingerprints"]["css/berkas.css"] = "0" * 12
    other = phone.context.new_page()
    other.goto(stall.url + "/layanan")
    other.evaluate("navigator.serviceWorker.getRegistration().then((each) => each.update()).then(() => true)")
    bar = page.locator("#versi-baru")
    bar.locator("button").click()
    bar.locator("text=Simpan dulu").wait_for()
    other.reload()
    assert before in other.evaluate("caches.keys()")
    stall.wifi.cut()
    page.fill("[name=pemohon_name]", "Luh Ayu Lestari")
    says(page, KEPT_ON_PHONE)
    assert page.input_value("[name=pemohon_name]") == "Luh Ayu Lestari"


def test_the_lock_without_the_stall_keeps_the_form_sealed(stall: Stall, phone: Phone) -> None:
    page = phone.ready()
    record = open_people(page, stall.url)
    stall.wifi.cut()
    write_people(page, pemohon_name="Putu Eka")
    page.click("text=Kunci")
    page.wait_for_url(stall.url + "/offline")
    page.locator("text=terkunci").wait_for()
    assert phone.parcels() == [record] and page.evaluate("sessionStorage.getItem('pasar-key')") is None
    stall.wifi.join()
    page.locator("[name=pin]").wait_for()
    page.goto(stall.url + "/permohonan")
    assert page.locator("[name=pin]").count() == 1, "the stall was told of the lock as soon as it could be"
