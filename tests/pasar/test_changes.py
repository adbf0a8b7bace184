"""After the receipt: looking it up, correcting, cancelling, sending again, handing over, and two people at once."""

import pytest

from layanan.permohonan import Kind
from layanan.service import catalogue
from layanan.tracking import spoken
from offline_db.permohonan import find
from tests.offline_db.office import acknowledge_all, decide, publish, send_slip
from tests.pasar.cast import Budi


def row(shop, record_id):
    with shop.app.app_context():
        return find(record_id)


def ratna(shop, record_id, status, **slots):
    with shop.app.app_context():
        acknowledge_all()
        decide(record_id, status, **slots)


@pytest.mark.parametrize("said", ["code", "spoken", "series", "last4", "short", "qr"])
def test_one_request_is_found_by_whatever_the_paper_says(shop, budi, said):
    budi.take()
    record_id = budi.take(pemohon_name="Suwarni")
    stored = row(shop, record_id)
    words = {
        "code": stored.code.lower(), "spoken": spoken(stored.code), "series": stored.series.lower(), "last4": "0002",
        "short": "2", "qr": f"http://localhost:8090/c#{stored.code}.{stored.device}.1.{stored.receipt_date}.x",
    }[said]  # fmt: skip
    assert budi.get("/permohonan", query_string={"q": words}).headers["Location"] == f"/permohonan/{record_id}"


def test_the_list_shows_masked_names_and_nobody_is_found_by_name(shop, budi):
    budi.take()
    listed = budi.get("/permohonan").text
    assert "S••• A•••" in listed
    assert "Siti" not in listed
    assert "Tidak ditemukan" in budi.get("/permohonan?q=Siti").text


def test_a_correction_is_prefilled_today_and_stored_as_a_change(shop, budi):
    record_id = budi.take()
    page = budi.get(f"/permohonan/{record_id}/ubah").text
    assert 'value="Siti Aminah"' in page
    fields = {"pemohon_name": "Siti Aminah", "pemohon_nik": "3510091708959901", "pemohon_address": "Dusun Maron",
              "relation": "diri_sendiri", "why": "pindah rumah"}  # fmt: skip
    assert budi.post(f"/permohonan/{record_id}/ubah", fields).headers["Location"] == f"/permohonan/{record_id}"
    told = budi.get(f"/permohonan/{record_id}").text
    assert "Data diubah di gerai." in told
    assert "Dusun Maron" in told
    assert row(shop, record_id).entries == 2


def test_a_change_of_nothing_stores_nothing(shop, budi):
    record_id = budi.take()
    budi.post(f"/permohonan/{record_id}/ubah", {"why": ""})
    assert "Tidak ada yang berubah." in budi.get(f"/permohonan/{record_id}").text
    assert row(shop, record_id).entries == 1


def test_a_wrong_correction_keeps_what_was_typed(shop, budi):
    record_id = budi.take()
    answer = budi.post(f"/permohonan/{record_id}/ubah", {"pemohon_nik": "123", "why": "salah ketik"})
    assert answer.status_code == 422
    assert 'value="123"' in answer.text
    assert 'value="salah ketik"' in answer.text


def test_once_the_day_is_closed_only_what_is_typed_anew_changes(shop, budi):
    record_id = budi.take()
    with shop.app.app_context():
        shop.app.extensions["pasar"].ring.close_day()
    budi.sign_in()
    assert "Data pemohon sudah tertutup" in budi.get(f"/permohonan/{record_id}").text
    assert "Siti Aminah" not in budi.get(f"/permohonan/{record_id}/ubah").text
    fields = {"berkas_0": "asli", "berkas_1": "ditinggal", "relation": "diri_sendiri", "pemohon_name": ""}
    assert budi.post(f"/permohonan/{record_id}/ubah", fields).status_code == 303
    assert row(shop, record_id).papers == [[0, "asli"], [1, "ditinggal"]]


def test_a_cancellation_asks_first(shop, budi):
    record_id = budi.take()
    asked = budi.post(f"/permohonan/{record_id}/batal", {"alasan": "berubah_pikiran"})
    assert asked.status_code == 422
    assert row(shop, record_id).status == "DITERIMA"
    budi.post(f"/permohonan/{record_id}/batal", {"alasan": "berubah_pikiran", "yakin": "ya"})
    assert row(shop, record_id).status == "DIBATALKAN"
    assert "Dibatalkan pemohon" in budi.get(f"/permohonan/{record_id}/tanda-terima").text
    again = budi.post(f"/permohonan/{record_id}/batal", {"alasan": "berubah_pikiran", "yakin": "ya"})
    assert again.status_code == 409


def test_a_returned_file_is_completed_and_sent_again(shop, budi):
    record_id = budi.take()
    ratna(shop, record_id, "DIKEMBALIKAN", kurang="KK")
    assert "Silakan bawa: KK." in budi.get(f"/permohonan/{record_id}").text
    budi.post(f"/permohonan/{record_id}/ubah", {"berkas_0": "asli", "berkas_1": "ditinggal"})
    assert row(shop, record_id).status == "DITERIMA"
    assert "Dilengkapi dan dikirim lagi." in budi.get(f"/permohonan/{record_id}").text


def test_a_document_is_handed_over_with_the_slip(shop, budi):
    record_id = budi.take()
    ratna(shop, record_id, "SELESAI", tempat="Gerai Genteng")
    with shop.app.app_context():
        send_slip(record_id, next(iter(shop.app.extensions["pasar"].keys.values())))
    page = budi.get(f"/permohonan/{record_id}/serahkan").text
    assert "Siti Aminah" in page
    assert "9901" in page
    budi.post(f"/permohonan/{record_id}/serahkan", {"kepada": "pemohon"})
    assert row(shop, record_id).status == "DIAMBIL"


def test_without_a_slip_the_card_is_compared_and_left_papers_go_back(shop, budi):
    budi.get("/layanan/DKC-07")
    record_id = budi.hidden("record_id")
    budi.post("/permohonan/baru", {"layanan": "DKC-07", "record_id": record_id})
    budi.post(f"/permohonan/baru/{record_id}/berkas", {"berkas_0": "asli", "berkas_1": "ditinggal"})
    budi.fill(record_id)
    budi.save(record_id)
    ratna(shop, record_id, "SELESAI", tempat="Gerai Genteng")
    page = budi.get(f"/permohonan/{record_id}/serahkan").text
    assert "Bandingkan nama pada dokumen dengan KTP" in page
    assert "Siti" not in page
    asked = budi.post(f"/permohonan/{record_id}/serahkan", {"kepada": "wakil"})
    assert asked.status_code == 422
    assert "Kembalikan dulu berkas" in asked.text
    given = {"kepada": "wakil", "relation": "anak", "wakil": "Komang Sanjaya", "papers_back": "ya"}
    assert budi.post(f"/permohonan/{record_id}/serahkan", given).status_code == 303


def test_nothing_is_handed_over_before_it_is_finished(budi):
    record_id = budi.take()
    assert budi.get(f"/permohonan/{record_id}/serahkan").status_code == 409
    assert budi.post(f"/permohonan/{record_id}/serahkan", {"kepada": "pemohon"}).status_code == 409


def test_two_people_at_once_are_both_shown(shop, budi):
    record_id = budi.take()
    with shop.app.app_context():
        acknowledge_all()
    budi.post(f"/permohonan/{record_id}/batal", {"alasan": "berubah_pikiran", "yakin": "ya"})
    with shop.app.app_context():
        publish((Kind.STATUS, record_id, {"status": "VERIFIKASI", "slots": {}}), read=(1, 1))
    told = budi.get(f"/permohonan/{record_id}").text
    assert "Perlu dilihat orang" in told
    assert "Dibatalkan atas permintaan pemohon." in told
    assert "Petugas sedang memeriksa berkas." in told


@pytest.mark.parametrize("service", ["SOS-03", "DKC-07"])
def test_the_shoppers_page_names_health_matters_by_agency_only(shop, budi, service):
    record_id = budi.take(service)
    stored = row(shop, record_id)
    shopper = Budi(shop)
    name = catalogue().service(service).name
    shown = shopper.client.post("/c", data={"code": stored.code}).text
    assert "per 21 Nov 2026" in shown
    assert "Siti" not in shown
    assert "S•••" not in shown
    assert ("Dinas Sosial" in shown) == (service == "SOS-03")
    assert (name in shown) == (service == "DKC-07")
    assert "csrf_token" not in shown


def test_an_unknown_request_has_no_page(budi):
    assert budi.get("/permohonan/00000000-0000-4000-8000-000000000009").status_code == 404
