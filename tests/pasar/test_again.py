"""What was told once is offered again while the day's keys open it: no field typed twice, nothing after the day."""

import uuid

import pytest
from sqlalchemy import select

from offline_db.base import reading
from offline_db.models import PermohonanRow
from offline_db.permohonan import personal
from offline_db.told_today import Told
from tests.pasar.cast import NIK, SITI, Budi

ANAK = {"subjek_nik": "3510096708069903", "subjek_name": "Putri Ayu", "relation": "anak"}


def begin(budi, source, who, service="DKC-08"):
    """The next form from the page that offers it, past the papers; returns its id and where the papers led."""
    record_id = str(uuid.uuid4())
    fields = {"layanan": service, "record_id": record_id, "dari": source, "siapa": who}
    budi.post("/permohonan/baru", fields)
    answer = budi.post(f"/permohonan/baru/{record_id}/berkas", {"semua": "asli"})
    return record_id, answer.headers["Location"].rpartition("/")[2]


def stored(shop, record_id):
    with shop.app.app_context():
        return personal(record_id, shop.app.extensions["pasar"].keys)


def told(shop):
    here = shop.app.extensions["pasar"]
    return here.told, here.desk("Budi")


def test_the_same_people_are_read_back_without_a_page_of_questions(shop, budi):
    first = budi.take(notes="Datang lagi hari Senin")
    assert f"/permohonan/{first}/lagi" in budi.get(f"/permohonan/{first}/tanda-terima").text
    record_id, page = begin(budi, first, "sama")
    assert page == "periksa"
    assert "Siti Aminah" in budi.get(f"/permohonan/baru/{record_id}/periksa").text
    assert budi.save(record_id).status_code == 303
    again = stored(shop, record_id)
    assert (again.pemohon, again.relation) == (stored(shop, first).pemohon, "diri_sendiri")
    assert again.notes == ""


def test_a_new_member_keeps_address_and_phone_only(shop, budi):
    record_id, page = begin(budi, budi.take(), "baru")
    assert page == "orang"
    form = budi.get(f"/permohonan/baru/{record_id}/orang").text
    assert SITI["pemohon_address"] in form
    assert "+6281234567890" in form
    assert "Siti Aminah" not in form
    assert NIK not in form.replace(" ", "")


def test_a_child_is_applied_for_by_the_one_who_stands_there(shop, budi):
    record_id, _page = begin(budi, budi.take(), "diurus")
    assert budi.post(f"/permohonan/baru/{record_id}/orang", {**ANAK}).status_code == 303
    budi.save(record_id)
    part = stored(shop, record_id)
    assert (part.pemohon.nik, part.subjek.name, part.relation) == (NIK, "Putri Ayu", "anak")


def test_the_family_is_who_shares_a_phone_a_person_or_an_origin(shop, budi):
    siti = budi.take()
    budi.take(pemohon_name="Orang Lain", pemohon_nik="3510091708959909", pemohon_phone="0813 1111 2222")
    slamet = budi.take(pemohon_name="Slamet", pemohon_nik="3510090205929902")
    child, _page = begin(budi, siti, "diurus")
    budi.post(f"/permohonan/baru/{child}/orang", ANAK)
    budi.save(child)
    with shop.app.app_context():
        known, desk = told(shop)
        assert known.family(slamet, desk) == [Told(child), Told(child, subjek=True), Told(slamet)]
        assert known.by_nik("3510096708069903", desk) == Told(child, subjek=True)
        assert known.by_nik("3510090205929904", desk) is None
    offered = budi.get(f"/permohonan/{slamet}/keluarga").text
    assert "Putri Ayu" in offered
    assert "Orang Lain" not in offered
    assert "3510096708069903" not in offered
    next_one, page = begin(budi, slamet, f"{child}/subjek", "DKC-23")
    assert page == "periksa"
    assert "Dokumen ini untuk: Anak" in budi.get(f"/permohonan/baru/{next_one}/periksa").text


def test_who_came_without_a_phone_is_family_of_the_request_they_followed(shop, budi):
    siti = budi.take(pemohon_phone="")
    record_id, _page = begin(budi, siti, "baru")
    budi.fill(record_id, pemohon_name="Slamet", pemohon_nik="3510090205929902", pemohon_phone="")
    budi.save(record_id)
    with shop.app.app_context():
        known, desk = told(shop)
        assert known.family(siti, desk) == [Told(record_id), Told(siti)]


def test_the_nik_alone_is_enough_for_somebody_told_today(shop, budi):
    budi.take()
    record_id = budi.begin("DKC-08")
    assert "Cukup NIK" in budi.get(f"/permohonan/baru/{record_id}/orang").text
    only = {"pemohon_nik": "3510 0917 0895 9901", "relation": "diri_sendiri"}
    assert budi.post(f"/permohonan/baru/{record_id}/orang", only).headers["Location"].endswith("/periksa")
    budi.save(record_id)
    assert stored(shop, record_id).pemohon.name == "Siti Aminah"
    stranger = budi.begin("DKC-08")
    answer = budi.post(f"/permohonan/baru/{stranger}/orang", {**only, "pemohon_nik": "3510090205929902"})
    assert answer.status_code == 422


def test_only_services_that_the_stall_takes_are_offered(budi):
    first = budi.take()
    offered = budi.get(f"/permohonan/{first}/lagi").text
    assert 'value="DKC-07"' not in offered
    assert 'value="DKC-07"' in budi.get(f"/permohonan/{first}/keluarga").text
    found = budi.get(f"/permohonan/{first}/lagi", query_string={"q": "paspor hilang"}).text
    assert 'value="IMI' not in found
    assert 'value="DKC-04"' in budi.get(f"/permohonan/{first}/lagi", query_string={"q": "kk hilang"}).text


def test_a_corrected_name_is_the_one_that_is_offered(shop, budi):
    first = budi.take()
    budi.get(f"/permohonan/{first}/keluarga")
    budi.post(f"/permohonan/{first}/ubah", {"pemohon_name": "Siti Aminah Dewi", "why": "salah ketik"})
    assert "Siti Aminah Dewi" in budi.get(f"/permohonan/{first}/keluarga").text


@pytest.mark.parametrize("offer", ["lagi", "keluarga"])
def test_nothing_is_offered_once_the_day_is_closed(shop, budi, offer):
    first = budi.take()
    with shop.app.app_context():
        shop.app.extensions["pasar"].ring.close_day()
    shop.time.pass_by(60)
    budi.sign_in()
    assert f"/permohonan/{first}/lagi" not in budi.get(f"/permohonan/{first}/tanda-terima").text
    answer = budi.get(f"/permohonan/{first}/{offer}")
    assert answer.headers["Location"] == f"/permohonan/{first}"
    with shop.app.app_context():
        known, desk = told(shop)
        assert known.by_nik(NIK, desk) is None
        assert known.family(first, desk) == []
    record_id, where = begin(budi, first, "sama")
    assert where == "orang"
    form = budi.get(f"/permohonan/baru/{record_id}/orang").text
    assert "sudah tertutup" in form
    assert "Siti" not in form


def test_after_a_restart_only_the_operator_whose_phrase_opens_it_is_offered_it(shop, budi):
    first = budi.take()
    shop.restart()
    ani = Budi(shop, "Ani").sign_in()
    assert ani.get(f"/permohonan/{first}/lagi").status_code == 303
    assert "Siti Aminah" not in ani.get(f"/permohonan/{first}").text
    budi = Budi(shop).sign_in()
    assert budi.get(f"/permohonan/{first}/lagi").status_code == 200
    with shop.app.app_context():
        known, desk = told(shop)
        assert known.by_nik(NIK, desk) == Told(first)


def test_what_belongs_together_is_nowhere_on_the_disk(shop, budi):
    budi.take()
    budi.take()
    with shop.app.app_context(), reading() as session:
        rows = session.execute(select(PermohonanRow.__table__)).mappings().all()
        columns = [{name: row[name] for name in row if name not in ("service", "stall")} for row in rows]
    assert len(columns) == 2
    same = {name for name in columns[0] if columns[0][name] == columns[1][name]}
    assert not {"form_mac", "code", "series", "record_id"} & same
    assert b"Siti Aminah" not in (shop.folder / "pasar.sqlite").read_bytes()
