"""Papers sent, at the counter: what waits, a sheet without full names, and what headquarters did not find."""

import re

from layanan.permohonan import Kind
from layanan.service import catalogue
from offline_db.berkas import folders_of, sendings
from tests.offline_db.office import publish


def leave(budi, service="DKC-07", **person):
    """Siti leaves her first paper at the stall."""
    record_id = budi.begin(service)
    page = budi.get(f"/permohonan/baru/{record_id}/berkas").text
    marks = {name: "ditinggal" if name == "berkas_0" else "asli" for name in set(re.findall(r"berkas_\d+", page))}
    assert budi.post(f"/permohonan/baru/{record_id}/berkas", marks).status_code == 303
    assert budi.fill(record_id, **person).status_code == 303
    assert budi.save(record_id).status_code == 303
    return record_id


def make_list(budi, agency="DUKCAPIL"):
    budi.get("/berkas")
    answer = budi.post("/berkas", {"instansi": agency})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def test_what_was_left_waits_under_its_agency_until_one_tap_makes_the_list(shop, budi):
    leave(budi)
    budi.take("DKC-01")
    page = budi.get("/berkas").text
    assert "Buat daftar: 1 map" in page
    assert page.count("GTG-261121-") == 1
    sha = make_list(budi)
    page = budi.get("/berkas").text
    assert "Tidak ada map yang menunggu" in page and "GTG-B1" in page
    assert budi.post("/berkas", {"instansi": "DUKCAPIL"}).status_code == 409
    sheet = budi.get(f"/berkas/{sha}").text
    assert "GTG-261121-0001" in sheet and "S••• A•••" in sheet and "Kurir" in sheet
    assert "Siti" not in sheet and "3510091708959901" not in sheet
    assert budi.get("/berkas/abc").status_code == 404


def test_a_service_that_tells_of_health_or_crime_is_named_by_its_agency_and_its_papers_only_counted(shop, budi):
    offered = [each for each in catalogue().services if each.opens_permohonan]
    hidden = next(each for each in offered if catalogue().public_name(each.code) != each.name)
    leave(budi, hidden.code)
    sheet = budi.get("/berkas").text
    assert hidden.name not in sheet and hidden.requirements[0] not in sheet
    assert "1 berkas" in sheet


def test_a_missing_folder_is_named_on_the_home_page_the_list_and_the_sheet_of_the_day(shop, budi):
    leave(budi)
    leave(budi)
    sha = make_list(budi)
    assert "2 / 2 / 0" in budi.get("/tutup-hari").text
    with shop.app.app_context():
        here, lost = [folder.record for folder, _ in folders_of([sha])[sha]]
        fields = {"list": sha, "received": [here], "missing": [lost], "extra": []}
        publish((Kind.PAPERS_RECEIVED, None, fields))
        assert sendings()[0].received_at
    assert "1 map tidak sampai" in budi.get("/").text
    page = budi.get(f"/berkas/{sha}").text
    assert "1 map tidak ada di MPP" in page and "tidak ada di MPP" in page
    assert "1 tidak sampai" in budi.get("/berkas").text
    assert "2 / 0 / 1" in budi.get("/tutup-hari").text
    with shop.app.app_context():
        publish((Kind.PAPERS_RECEIVED, None, {**fields, "received": [here, lost], "missing": []}))
    assert "Semua map di daftar ini sudah diterima" in budi.get(f"/berkas/{sha}").text
    assert "tidak sampai" not in budi.get("/").text


def test_a_stranger_meets_the_door(shop, budi):
    leave(budi)
    sha = make_list(budi)
    assert 'name="frasa"' in shop.app.test_client().get(f"/berkas/{sha}").text
