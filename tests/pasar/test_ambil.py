"""Collected and returned: by code to the hand-over, to the person or a helper; ready words for whom something waits."""

import pytest
from sqlalchemy import select

from layanan.permohonan import Kind
from layanan.person_bytes import unpacked
from offline_db import db
from offline_db.models import EntryRow
from offline_db.permohonan import find, personal
from sync.entry import Entry
from tests.offline_db.office import decide, send_slip


@pytest.fixture
def ready(shop, budi):
    record = budi.take()
    with shop.app.app_context():
        decide(record, "SELESAI", tempat="Gerai Genteng")
        send_slip(record, next(iter(shop.app.extensions["pasar"].keys.values())))
    return record


def code_of(shop, record):
    with shop.app.app_context():
        return find(record).code


def test_the_code_leads_to_the_hand_over_of_what_is_ready(shop, budi, ready):
    assert "GTG-261121-0001" in budi.get("/ambil").text
    for text in (code_of(shop, ready).lower(), "0001", "GTG-261121-0001"):
        assert budi.post("/ambil", {"kode": text}).headers["Location"].endswith(f"/permohonan/{ready}/serahkan")


def test_what_is_not_ready_or_not_known_is_said(shop, budi):
    record = budi.take()
    where = budi.post("/ambil", {"kode": code_of(shop, record)}).headers["Location"]
    assert "Belum dapat diambil: Berkas diterima" in budi.get(where).text
    refused = budi.post("/ambil", {"kode": "7777"})
    assert refused.status_code == 422
    assert 'value="7777"' in refused.text
    assert budi.post("/ambil").status_code == 422


def test_a_helper_is_named_and_the_name_is_sealed(shop, budi, ready):
    page = f"/permohonan/{ready}/serahkan"
    budi.get(page)
    missing = budi.post(page, {"kepada": "wakil", "relation": "anak"})
    assert "Nama belum diisi" in missing.text
    done = budi.post(page, {"kepada": "wakil", "relation": "anak", "wakil": "Komang Sanjaya"}).headers["Location"]
    shown = budi.get(done).text
    assert "Minta penilaian" in shown
    with shop.app.app_context():
        of_it = EntryRow.record_id == ready, EntryRow.kind == Kind.HANDED_OVER
        row = db.session.scalars(select(EntryRow).where(*of_it)).one()
        entry = Entry.decode(row.raw)
        key = shop.app.extensions["pasar"].keys[entry.sealed.key]
        taker = unpacked(key.open(row.sealed, record=ready, entry=entry.id, part="personal"))
        assert personal(ready, shop.app.extensions["pasar"].keys).pemohon.name == "Siti Aminah"
    assert (taker.pemohon.name, taker.relation) == ("Komang Sanjaya", "anak")
    assert b"Komang" not in row.raw


def test_who_is_waited_for_gets_ready_words_without_a_person_in_them(shop, budi, ready):
    page = budi.get(f"/permohonan/{ready}").text
    assert "Siti Aminah" in page
    words = page.split("data-copy>")[1].split("</textarea>")[0]
    for said in ("Gerai Genteng", "GTG-261121-0001", "OTP"):
        assert said in words
    assert "Siti" not in words
    link = page.split("https://wa.me/?text=")[1].split('"')[0]
    assert "Siti" not in link
    assert "0812" not in link


def test_a_request_that_waits_for_nobody_has_no_words(budi):
    assert "wa.me" not in budi.get(f"/permohonan/{budi.take()}").text
