"""The byte budget of a stall, through the real app and a real socket: kept, said, gone beyond only by a person."""

import json

import pytest

from layanan.problems import Refused
from offline_db.outbox import SqliteOutbox, last_sync
from pasar.doctor import examine
from pasar.line import KEPT_NAME, KeptLine
from pasar.settings import read_config
from sync.kuota import Kuota
from tests.pasar.cast import Budi, make_app
from tests.pasar.hq import headquarters

DAY = 86_400


def opened(shop, url, kuota="3 KB/hari"):
    shop.app = make_app(shop.folder, shop.time, hq_url=url, kuota=kuota)
    return Budi(shop).sign_in()


def kept(shop):
    return json.loads((shop.folder / KEPT_NAME).read_text("ascii"))


def confirmed(shop):
    with shop.app.app_context():
        return SqliteOutbox().counts().confirmed


@pytest.mark.clause("P87")
def test_when_the_allowance_is_used_up_nothing_goes_until_the_next_window(shop):
    with headquarters(shop, now=lambda: shop.time.now) as (url, inbox):
        budi = opened(shop, url)
        for _ in range(6):
            budi.take()
            budi.post("/sinkron")
        here, spent = len(inbox.entries), kept(shop)["spent"]
        assert 0 < here < 7
        assert 2_000 < spent <= 3_500
        page = budi.post("/sinkron", follow_redirects=True).text
        assert Refused("link_kuota").sentence() in page
        assert "jatah 3 KB habis sampai 22 Nov 2026" in page
        budi.post("/sinkron")
        assert (len(inbox.entries), kept(shop)["spent"]) == (here, spent)
        with shop.app.app_context():
            assert last_sync().problem == "link_kuota"
        shop.time.pass_by(DAY)
        budi = Budi(shop).sign_in()
        budi.post("/sinkron")
        assert len(inbox.entries) > here
        assert kept(shop)["since"] == "2026-11-22"


@pytest.mark.clause("P87")
def test_a_person_may_go_beyond_and_it_counts(shop):
    with headquarters(shop, now=lambda: shop.time.now) as (url, inbox):
        budi = opened(shop, url, "1 KB/bulan")
        budi.take()
        assert "di_luar_jatah" not in budi.get("/sinkron").text
        KeptLine(shop.folder, Kuota(1_000, "bulan"), shop.time.clock().today).spend(900)
        page = budi.get("/sinkron").text
        assert "Ya, pakai data di luar jatah" in page
        budi.post("/sinkron")
        assert len(inbox.entries) == 0
        budi.post("/sinkron", {"di_luar_jatah": "ya"})
        assert (len(inbox.entries), confirmed(shop)) == (2, 2)
        assert kept(shop)["spent"] > 2_000


@pytest.mark.clause("P87")
def test_what_was_spent_outlives_the_process_and_doctor_tells_of_it(shop):
    with headquarters(shop, now=lambda: shop.time.now) as (url, _):
        budi = opened(shop, url, "1 KB/hari")
        budi.take()
        budi.post("/sinkron", {"di_luar_jatah": "ya"})
        spent = kept(shop)["spent"]
        config = read_config({}, data=shop.folder, hq_url=url, kuota="1 KB/bulan")
        (said,) = [one for one in examine(config) if one.part == "kuota"]
    assert spent > 0
    assert "dari 1 KB" in said.said


def test_a_setting_that_is_no_kuota_stops_the_start_with_its_name():
    with pytest.raises(Refused) as caught:
        read_config({"PASAR_KUOTA": "lima mega"})
    assert "PASAR_KUOTA" in caught.value.sentence()
    assert read_config({"PASAR_KUOTA": "5 MB/hari"}).kuota == Kuota(5_000_000, "hari")
    assert read_config({}).kuota is None


@pytest.mark.clause("P39")
def test_the_pace_is_remembered_and_a_damaged_note_is_no_trouble(shop):
    with headquarters(shop, now=lambda: shop.time.now) as (url, inbox):
        budi = opened(shop, url, "")
        budi.take()
        budi.post("/sinkron")
        assert kept(shop)["pace"]["trip"] > 0
        for nonsense in (b"", b"{", b'{"pace": {"rows": -1}}', b"\xff", b'{"pace": 5, "since": [], "spent": "x"}'):
            (shop.folder / KEPT_NAME).write_bytes(nonsense)
            budi.take()
            budi.post("/sinkron")
        assert len(inbox.entries) == 7


def test_the_page_says_what_was_spent_without_a_kuota_too(shop, budi):
    assert "0 KB hari ini" in budi.get("/sinkron").text


@pytest.mark.clause("P40")
def test_the_loop_waits_as_long_as_a_busy_headquarters_asks_even_after_a_save(shop):
    loop = shop.app.extensions["pasar"].loop
    loop._retry_after, loop._failures = 1_800.0, 1
    loop.saved()
    assert loop._pause() >= 1_800
    assert loop._soonest(loop._pause()) >= 1_800
    loop._retry_after = None
    assert loop._soonest(loop._pause()) <= 3
