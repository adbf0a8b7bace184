"""A photo that is saved while the stall is out of reach: sealed on the phone, delivered by itself, and once."""

from __future__ import annotations

import time

import pytest

from offline_db.attachments import of_record
from offline_db.parcels import waiting_for
from offline_db.permohonan import find
from tests.faults.faulty_proxy import FaultyProxy, answer_lost, plain
from tests.pasar.cast import Budi
from tests.pasar.photos import camera

KEPT = """async () => ({
  rows: (await self.pasar.parcels.waiting()).map(({ kind, label }) => [kind, label]),
  bytes: await new Promise((done) => {
    indexedDB.open("pasar").onsuccess = ({ target: { result: base } }) => {
      base.transaction("parcels").objectStore("parcels").getAll().onsuccess = ({ target: { result } }) =>
        done(result.map((each) => Array.from(new Uint8Array(each.bytes), (one) => String.fromCharCode(one)).join("")));
    };
  }),
})"""
HAS_KIT = "async () => Boolean(await self.pasar.parcels.kit())"
PATIENCE = 30.0


@pytest.fixture
def record(stage):
    return Budi(stage.shop).sign_in().take("UMK-05")


def until(holds):
    """Wait for what a background thread does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def choose(page, stage, url, record):
    page.goto(f"{url}/permohonan/{record}/tanda-terima")
    until(lambda: page.evaluate(HAS_KIT))
    page.set_input_files("[capture=environment]", {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": camera()})
    page.locator(".photo .send").wait_for()


def taken(stage, record):
    with stage.shop.app.app_context():
        return [scan.paper for scan in of_record(record)]


def test_it_waits_sealed_on_the_phone_and_goes_when_the_stall_is_back(stage, page, record):
    stage.sign_in(page)
    choose(page, stage, stage.url, record)
    page.context.set_offline(True)
    page.click(".photo .send")
    page.locator(".says:has-text('Belum diterima gerai. Foto tersimpan di HP ini.')").wait_for()
    assert page.locator("canvas:visible, .photo .send:visible").count() == 0, "nothing invites to save it again"
    kept = page.evaluate(KEPT)
    with stage.shop.app.app_context():
        assert kept["rows"] == [["photo", f"{find(record).series} · Foto usaha"]]
    assert "WEBP" not in kept["bytes"][0] and record not in kept["bytes"][0]
    assert taken(stage, record) == []
    page.context.set_offline(False)
    until(lambda: taken(stage, record) == [1])
    until(lambda: page.evaluate(KEPT)["rows"] == [])
    page.reload()
    assert page.locator(".taken li").count() == 1


def test_an_answer_that_is_lost_makes_no_second_photo(stage, page, record):
    port = int(stage.url.rsplit(":", 1)[1])

    def loses_one(proxy, near, request):
        mine = request.startswith(b"POST /permohonan/") and b"/foto/1 " in request[:120]
        (answer_lost if mine else plain)(proxy, near, request)

    with FaultyProxy(("127.0.0.1", port)) as proxy:
        proxy.always = loses_one
        url = proxy.url.replace("127.0.0.1", "localhost")
        here, stage.url = stage.url, url
        stage.sign_in(page)
        stage.url = here
        choose(page, stage, url, record)
        page.click(".photo .send")
        page.locator(".says:has-text('Belum diterima gerai.'), .says:has-text('Foto tersimpan di gerai.')").wait_for()
        assert taken(stage, record) == [1], "the stall has it, the phone does not know"
        until(lambda: (page.evaluate("self.pasar.parcels.deliver()"), page.evaluate(KEPT)["rows"] == [])[1])
        until(lambda: settled(stage))
    assert taken(stage, record) == [1]


def settled(stage):
    """Nothing that a phone has delivered waits to be taken up."""
    with stage.shop.app.app_context():
        return not waiting_for("Budi")
