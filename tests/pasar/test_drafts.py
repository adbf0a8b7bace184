"""What is typed is kept before it is right, listed for who typed it, gone on with, thrown away, lost only when told."""

import re

import pytest

from offline_db.drafts import draft
from tests.pasar.cast import SITI, Budi
from tests.pasar.test_disk import no_room


def keep(who, record_id, **fields):
    """What the page's script sends every few seconds."""
    return who.post(f"/permohonan/baru/{record_id}/draf", fields)


def state(who, record_id, page="orang"):
    return re.search(r'data-revision="(\d+)"', who.get(f"/permohonan/baru/{record_id}/{page}").text)[1]


def typed(shop, record_id):
    with shop.app.app_context():
        return draft(record_id, shop.app.extensions["pasar"].keys)


@pytest.fixture
def record_id(budi):
    return budi.begin()


def test_the_form_says_where_its_typing_is_kept(budi, record_id):
    for page in ("berkas", "orang"):
        form = re.search(r"<form[^>]*data-keep[^>]*>", budi.get(f"/permohonan/baru/{record_id}/{page}").text)[0]
        assert f'data-draft="/permohonan/baru/{record_id}/draf"' in form
        assert f'data-record="{record_id}"' in form
        assert 'data-revision="2"' in form
        assert 'data-service="DKC-07"' in form


def test_half_a_form_is_kept_unjudged_over_a_restart(shop, budi, record_id):
    answer = keep(budi, record_id, base=state(budi, record_id), pemohon_nik="35", pemohon_name="Si")
    assert answer.json == {"revision": 3, "at": "08.00"}
    assert answer.headers["Cache-Control"] == "no-store"
    again = shop.restart().sign_in()
    page = again.get(f"/permohonan/baru/{record_id}/orang").text
    assert 'value="Si"' in page


def test_the_same_words_again_cost_no_write(budi, record_id):
    base = state(budi, record_id)
    first = keep(budi, record_id, base=base, halaman="p1", dibuat="1", pemohon_name="Siti")
    again = keep(budi, record_id, base=base, halaman="p1", dibuat="2", pemohon_name="Siti")
    assert first.json == again.json


def test_an_answer_that_was_lost_stops_nobody(shop, budi, record_id):
    """The page goes on from the state it knows; its own words are no other's."""
    base = state(budi, record_id)
    for time, name in enumerate(("S", "Si", "Siti")):
        assert keep(budi, record_id, base=base, halaman="p1", dibuat=str(time), pemohon_name=name).status_code == 200
    assert typed(shop, record_id)["pemohon_name"] == "Siti"


def test_what_arrives_late_overwrites_nothing(shop, budi, record_id):
    base = state(budi, record_id)
    keep(budi, record_id, base=base, halaman="p1", dibuat="2000", pemohon_name="Siti Aminah")
    late = keep(budi, record_id, base=base, halaman="p1", dibuat="1000", pemohon_name="Si")
    assert late.status_code == 200
    assert typed(shop, record_id)["pemohon_name"] == "Siti Aminah"
    budi.fill(record_id, pemohon_name="Siti Aminah Wati")
    after = keep(budi, record_id, base=base, halaman="p1", dibuat="3000", pemohon_name="Siti")
    assert (after.status_code, after.json["problem"]["code"]) == (409, "draft_moved")
    assert typed(shop, record_id)["pemohon_name"] == "Siti Aminah Wati"


def test_a_page_elsewhere_is_told_and_overwrites_nothing(shop, budi, record_id):
    base = state(budi, record_id)
    keep(budi, record_id, base=base, halaman="p1", dibuat="1", pemohon_name="Siti")
    other = keep(budi, record_id, base=base, halaman="p2", dibuat="9", pemohon_name="Suwarni")
    assert other.json["problem"]["code"] == "draft_moved"
    assert typed(shop, record_id)["pemohon_name"] == "Siti"


def test_after_saving_nothing_is_kept_any_more(shop, budi):
    record_id = budi.take()
    answer = keep(budi, record_id, base="2", layanan="DKC-07", pemohon_name="Orang Lain")
    assert (answer.status_code, answer.json["problem"]["code"]) == (409, "already_stored")
    assert "Tidak ada isian" in budi.get("/permohonan/draf").text


def test_a_page_left_open_over_the_close_of_the_day_begins_anew(shop, budi, record_id):
    budi.post("/tutup-hari", {"yakin": "ya", "isian": "1"})
    budi.sign_in()
    assert keep(budi, record_id, base="2", pemohon_name="Siti").json["problem"]["code"] == "draft_gone"
    assert keep(budi, record_id, base="2", layanan="DKC-07", pemohon_name="Siti").json["revision"] == 1
    assert keep(budi, record_id, base="1", layanan="XXX-99", pemohon_name="Siti").status_code == 404


def test_strangers_and_locked_counters_keep_nothing(shop, budi, record_id):
    budi.post("/kunci")
    answer = keep(budi, record_id, base="2", pemohon_name="Siti")
    assert (answer.status_code, answer.json["problem"]["code"]) == (401, "session_ended")
    token = {"X-CSRFToken": "x"}
    assert budi.client.post(f"/permohonan/baru/{record_id}/draf", headers=token).status_code == 400


def test_a_full_disk_is_said_and_what_was_kept_stays(shop, budi, record_id):
    keep(budi, record_id, base="2", pemohon_name="Siti")
    with no_room(shop.folder):
        answer = keep(budi, record_id, base="3", notes="x" * 300_000)
        assert answer.json["problem"]["code"] in ("disk_full", "disk_error")
    assert typed(shop, record_id)["pemohon_name"] == "Siti"
    assert keep(budi, record_id, base="3", notes="x").status_code == 200


class TestList:
    def test_it_leads_to_the_first_page_that_is_not_whole(self, budi):
        budi.get("/layanan/DKC-07")
        marks = budi.hidden("record_id")
        budi.post("/permohonan/baru", {"layanan": "DKC-07", "record_id": marks})
        keep(budi, marks, base="1", berkas_0="asli")
        people, whole = budi.begin(), budi.begin()
        budi.fill(whole)
        page = budi.get("/permohonan/draf").text
        for record, onward in ((marks, "berkas"), (people, "orang"), (whole, "periksa")):
            assert f'href="/permohonan/baru/{record}/{onward}"' in page
        assert "di gerai" in page
        assert "S••• A•••" in page
        assert SITI["pemohon_name"] not in page

    def test_a_form_that_was_only_opened_is_none(self, budi):
        budi.get("/layanan/DKC-07")
        budi.post("/permohonan/baru", {"layanan": "DKC-07", "record_id": budi.hidden("record_id")})
        assert "Tidak ada isian" in budi.get("/permohonan/draf").text
        assert ">Belum disimpan<" not in budi.get("/").text

    def test_the_front_page_leads_to_ones_own(self, shop, budi, record_id):
        assert ">Belum disimpan<" in budi.get("/").text
        assert ">Belum disimpan<" not in Budi(shop, "Ani").sign_in().get("/").text

    def test_throwing_away_asks(self, shop, budi, record_id):
        address = f"/permohonan/draf/{record_id}/buang"
        budi.post(address)
        assert record_id in budi.get("/permohonan/draf").text
        budi.post(address, {"yakin": "ya"})
        assert record_id not in budi.get("/permohonan/draf").text


class TestCloseOfDay:
    def test_it_says_how_many_forms_are_lost_and_takes_no_surprise(self, shop, budi, record_id):
        budi.fill(record_id)
        page = budi.get("/tutup-hari").text
        assert "1 isian belum disimpan." in page
        assert 'name="isian" value="1"' in page
        Budi(shop, "Ani").sign_in().begin()
        asked = budi.post("/tutup-hari", {"yakin": "ya", "isian": "1"})
        assert asked.status_code == 422
        assert "2 isian belum disimpan." in asked.text
        closed = budi.post("/tutup-hari", {"yakin": "ya", "isian": "2"})
        assert "Hari ini sudah ditutup." in closed.text
        assert "isian belum disimpan" not in closed.text
        budi.sign_in()
        assert "Tidak ada isian" in budi.get("/permohonan/draf").text

    @pytest.mark.parametrize("isian", ["", "x", "-1", "٩٩", "9" * 5000])
    def test_nonsense_is_no_answer_or_a_number(self, budi, record_id, isian):
        assert budi.post("/tutup-hari", {"yakin": "ya", "isian": isian}).status_code in (200, 422)
