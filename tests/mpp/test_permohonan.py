"""Ratna's and Agus's desk: their agency's requests, one of them, its personal data, and what they decide."""

from __future__ import annotations

import pytest

from layanan.permohonan import Kind
from layanan.person import Person
from pasar.journey.forms import Visit
from tests.mpp.cast import SITI
from tests.mpp.site import Site, decide


def test_nobody_sees_a_request_without_signing_in(site: Site) -> None:
    record = site.taken()
    for path in ("/permohonan", f"/permohonan/{record}", "/gerai"):
        assert Visit(site.url).get(path).path == "/masuk"


def test_an_empty_desk_says_so(site: Site) -> None:
    assert "Semua sudah dikerjakan" in site.signed_in("agus").get("/permohonan").text


def test_an_officer_sees_the_own_agencys_requests_only(site: Site) -> None:
    record = site.taken()
    assert "S••• A•••" in site.signed_in("agus").get("/permohonan").text
    assert "S••• A•••" in site.signed_in("ratna").get("/permohonan").text
    dewi = site.signed_in("dewi")
    assert "S••• A•••" not in dewi.get("/permohonan").text
    assert dewi.get(f"/permohonan/{record}").status == 403


def test_a_request_is_found_by_code_by_series_and_not_by_chance(site: Site) -> None:
    record = site.taken()
    agus = site.signed_in("agus")
    series = f"{site.stall.grant.label}-261120-0001"
    assert f"/permohonan/{record}" in agus.get(f"/permohonan?q={series[-4:]}").body
    assert "Tidak ada yang cocok" in agus.get("/permohonan?q=9999").text
    assert "Tidak ada yang cocok" in agus.get("/permohonan?q=%25").text


def test_a_nik_is_searched_in_the_body_of_a_form_and_never_in_an_address(site: Site) -> None:
    record = site.taken()
    agus = site.signed_in("agus")
    page = agus.get("/permohonan")
    found = agus.send(page, page.form("nik"), {"nik": SITI.nik or ""})
    assert f"/permohonan/{record}" in found.body and (SITI.nik or "") not in found.url
    assert "Tidak ada permohonan dengan NIK ini" in agus.send(page, page.form("nik"), {"nik": "3510164107859902"}).text
    wrong = agus.send(page, page.form("nik"), {"nik": "123"})
    assert (wrong.status, "NIK harus 16 angka" in wrong.text) == (422, True)
    again = agus.get(f"/permohonan?q={SITI.nik}")
    assert (SITI.nik or "") not in again.url + again.body


def test_pages_of_a_long_list_follow_each_other(site: Site) -> None:
    records = {site.stall.accept() for _ in range(30)}
    site.stall.send()
    agus, seen, path = site.signed_in("agus"), set(), "/permohonan"
    while path:
        page = agus.get(path)
        seen |= {record for record in records if record in page.body}
        path = page.body.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == records


def test_personal_data_opens_for_a_reason_that_is_written_down(site: Site) -> None:
    record = site.taken()
    agus = site.signed_in("agus")
    page = agus.get(f"/permohonan/{record}")
    assert SITI.name not in page.body and "3510" not in page.text
    refused = agus.send(page, page.form("alasan", action="/buka"))
    assert (refused.status, "Pilih alasan" in refused.text, SITI.name in refused.text) == (422, True, False)
    opened = agus.send(page, page.form("alasan", action="/buka"), {"alasan": "periksa"})
    assert SITI.name in opened.text and (SITI.nik or "") in opened.text
    again = agus.get(f"/permohonan/{record}")
    assert SITI.name not in again.body
    assert "agus · Memeriksa berkas permohonan" in again.text


def test_a_decision_travels_from_the_form_to_the_stalls_log(site: Site) -> None:
    record = site.taken()
    agus = site.signed_in("agus")
    page = decide(agus, record, "DIPROSES")
    assert page.status == 200 and "Status diubah: Diproses" in page.text
    assert "Janji selesai" in page.text
    page = decide(agus, record, "SELESAI")
    assert "Dokumen sudah selesai dan dapat diambil di gtg." in page.text
    assert [entry.kind for entry in site.stall.news()] == [Kind.STATUS, Kind.STATUS, Kind.SLIP]


@pytest.mark.parametrize(
    ("status", "slots", "sentence"),
    [
        ("", {}, "Pilih status berikutnya."),
        ("DITOLAK", {}, "Alasan belum diisi."),
        ("DITOLAK", {"alasan": "a\u202eb"}, "Tulisan berisi tanda yang tidak dapat disimpan."),
        ("MENUNGGU_HADIR", {"tanggal": "besok", "keperluan": "foto"}, "Tanggal belum benar."),
        ("MENUNGGU_BAYAR", {"biaya": "5000", "kode": "1"}, "Langkah ini tidak dapat dilakukan"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong(
    site: Site, status: str, slots: dict[str, str], sentence: str
) -> None:
    record = site.taken()
    page = decide(site.signed_in("agus"), record, status, **slots)
    assert (page.status, sentence in page.text) == (422, True)
    kept = page.form("status", action="/status").values
    assert {name: kept.get(name) for name in slots if name in kept} == {n: v for n, v in slots.items() if n in kept}
    assert site.stall.news() == []


def test_two_officers_at_once_the_second_is_told_what_changed(site: Site) -> None:
    record = site.taken()
    agus, ratna = site.signed_in("agus"), site.signed_in("ratna")
    page = agus.get(f"/permohonan/{record}")
    decide(ratna, record, "DITOLAK", alasan="data ganda")
    late = agus.send(page, page.form("status", action="/status"), {"status": "DIPROSES"})
    assert late.status == 409
    assert "Petugas lain sudah mengubah permohonan ini" in late.text and "Ditolak: data ganda" in late.text
    assert len(site.stall.news()) == 1


def test_a_record_nobody_sent_is_a_clear_page(site: Site) -> None:
    page = site.signed_in("agus").get("/permohonan/6f1c7a52-0000-4000-8000-000000000000")
    assert (page.status, "Permohonan ini tidak ada di MPP." in page.text) == (404, True)


def test_signing_out_ends_it(site: Site) -> None:
    agus = site.signed_in("agus")
    page = agus.get("/permohonan")
    agus.send(page, page.form(action="/keluar"))
    assert agus.get("/permohonan").path == "/masuk"


def test_who_took_the_document_stands_in_the_history_and_the_name_opens_only_with_a_reason(site: Site) -> None:
    record, agus = site.taken(), site.signed_in("agus")
    decide(agus, record, "SELESAI", tempat="Pasar Genteng")
    fields = {"to": "wakil", "relation": "anak", "papers_back": True}
    helper = Person("Joko Susilo", None, None, None, "")
    site.stall.write(Kind.HANDED_OVER, fields, record=record, person=helper, read=(1, 99))
    site.stall.send()
    page = agus.get(f"/permohonan/{record}")
    assert "Dokumen diserahkan di gerai kepada wakil (Anak)" in page.text
    assert "Joko" not in page.body
    opened = agus.send(page, page.form("alasan", action="/buka"), {"alasan": "aduan"})
    assert "Siti Aminah" in opened.text and "Joko Susilo" in opened.text
    assert "Siapa membuka data pribadi (1)" in opened.text
    assert "Joko" not in agus.get(f"/permohonan/{record}").body
