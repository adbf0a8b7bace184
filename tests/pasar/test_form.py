"""Bad input, the back button, two tabs and a double tap: everything typed stays, and one form is one record."""

import threading

import pytest
from sqlalchemy import func, select

from offline_db.base import reading
from offline_db.models import PermohonanRow
from offline_db.permohonan import find
from tests.pasar.cast import SITI, Budi

ARABIC = "٣٥١٠٠٩١٧٠٨٩٥٩٩٠١"
UNKNOWN_PROVINCE = "9910091708959902"


def stored(shop):
    with shop.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(PermohonanRow))


@pytest.mark.parametrize("name", ["Ö", "Suparti", "Nur'aini bin al-Habsyi", "Siti 🙂", "محمد"])
def test_short_lone_and_foreign_names_are_taken(shop, budi, name):
    record_id = budi.begin()
    assert budi.fill(record_id, pemohon_name=name).status_code == 303
    assert name.replace("'", "&#39;") in budi.get(f"/permohonan/baru/{record_id}/periksa").text


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("pemohon_name", "", "Nama belum diisi."),
        ("pemohon_name", "x" * 10_000, "Tulisan terlalu panjang."),
        ("pemohon_name", "Siti\u202enimA", "Tulisan berisi tanda yang tidak dapat disimpan."),
        ("pemohon_name", "Siti\x00", "Tulisan berisi tanda yang tidak dapat disimpan."),
        ("pemohon_nik", ARABIC, "NIK hanya boleh angka 0 sampai 9."),
        ("pemohon_nik", "351009170895990", "NIK harus 16 angka."),
        ("pemohon_nik", "", "NIK belum diisi."),
        ("pemohon_phone", "0812-3456-789O", "Nomor telepon tidak benar."),
        ("relation", "tetangga", "Pilih hubungan pemohon"),
    ],
)
def test_what_is_wrong_is_said_twice_and_the_rest_stays(shop, budi, field, typed, told):
    record_id = budi.begin()
    answer = budi.fill(record_id, **{field: typed})
    assert answer.status_code == 422
    assert answer.text.count(told) >= 2
    assert f'href="#f-{field}"' in answer.text
    assert "Dusun Krajan, Genteng" in answer.text
    assert field == "pemohon_name" or 'value="Siti Aminah"' in answer.text
    assert stored(shop) == 0


def test_all_wrong_fields_are_named_at_once_in_the_order_of_the_page(budi):
    answer = budi.fill(budi.begin(), pemohon_name="", pemohon_nik="1", pemohon_phone="x")
    places = [answer.text.index(f'href="#f-pemohon_{name}"') for name in ("nik", "name", "phone")]
    assert places == sorted(places)


def test_an_unusual_nik_is_typed_again_and_given_a_reason(shop, budi):
    record_id = budi.begin()
    asked = budi.fill(record_id, pemohon_nik=UNKNOWN_PROVINCE)
    assert asked.status_code == 422
    assert 'name="pemohon_nik_again"' in asked.text
    once = budi.fill(record_id, pemohon_nik=UNKNOWN_PROVINCE, pemohon_nik_again="9910091708959903",
                     pemohon_nik_override="sesuai KTP-el")  # fmt: skip
    assert once.status_code == 422
    answer = budi.fill(record_id, pemohon_nik=UNKNOWN_PROVINCE, pemohon_nik_again="9910 0917 0895 9902",
                       pemohon_nik_override="sesuai KTP-el")  # fmt: skip
    assert answer.status_code == 303
    assert "sesuai KTP-el" in budi.get(f"/permohonan/baru/{record_id}/periksa").text


def test_a_newborn_without_a_nik_is_a_lawful_subjek(shop, budi):
    record_id = budi.begin("DKC-03")
    answer = budi.fill(record_id, relation="anak", subjek_name="Bayi Siti", subjek_nik_absent="bayi_baru_lahir")
    assert answer.status_code == 303
    read_back = budi.get(f"/permohonan/baru/{record_id}/periksa").text
    assert "belum ada: Bayi baru lahir" in read_back
    assert "Dokumen ini untuk: Anak" in read_back
    assert budi.save(record_id).status_code == 303


def test_every_paper_needs_its_mark(budi):
    budi.get("/layanan/DKC-07")
    record_id = budi.hidden("record_id")
    budi.post("/permohonan/baru", {"layanan": "DKC-07", "record_id": record_id})
    answer = budi.post(f"/permohonan/baru/{record_id}/berkas", {"berkas_0": "ditinggal"})
    assert answer.status_code == 422
    assert answer.text.count("Tandai setiap syarat") == 2
    marks = {"berkas_0": "ditinggal", "berkas_1": "belum"}
    assert budi.post(f"/permohonan/baru/{record_id}/berkas", marks).status_code == 303
    budi.fill(record_id)
    budi.save(record_id)
    receipt = budi.get(f"/permohonan/{record_id}/tanda-terima").text
    assert "Ditinggal di gerai" in receipt
    assert "Masih harus dibawa" in receipt


def test_a_double_tap_stores_one_request(shop, budi):
    record_id = budi.begin()
    budi.fill(record_id)
    budi.get(f"/permohonan/baru/{record_id}/periksa")
    cookie, token = budi.client.get_cookie("pasar-p").value, budi.hidden("csrf_token")
    places = []

    def tap():
        client = shop.app.test_client()
        client.set_cookie("pasar-p", cookie)
        answer = client.post(f"/permohonan/baru/{record_id}/periksa", data={"csrf_token": token})
        places.append(answer.headers["Location"])

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert places == [f"/permohonan/{record_id}/tanda-terima"] * 4
    assert stored(shop) == 1


@pytest.mark.parametrize("page", ["berkas", "orang", "periksa"])
def test_the_back_button_after_saving_leads_to_the_same_receipt(shop, budi, page):
    record_id = budi.take()
    assert budi.get(f"/permohonan/baru/{record_id}/{page}").headers["Location"].endswith("/tanda-terima")
    assert "sudah tersimpan" in budi.get(f"/permohonan/{record_id}/tanda-terima").text
    assert stored(shop) == 1


def test_a_second_tab_that_goes_on_typing_is_told_and_changes_nothing(shop, budi):
    record_id = budi.take()
    answer = budi.fill(record_id, pemohon_name="Orang Lain")
    assert answer.headers["Location"] == f"/permohonan/{record_id}"
    told = budi.get(f"/permohonan/{record_id}").text
    assert "Sudah tersimpan dengan kode" in told
    assert f"/permohonan/{record_id}/ubah" in told
    assert "Orang Lain" not in told
    assert budi.save(record_id).headers["Location"].endswith("/tanda-terima")
    assert stored(shop) == 1


def test_the_draft_is_there_in_another_browser_of_the_same_stall(shop, budi):
    record_id = budi.begin()
    budi.fill(record_id)
    ani = Budi(shop, "Ani").sign_in()
    assert "Siti Aminah" in ani.get(f"/permohonan/baru/{record_id}/periksa").text
    ani.save(record_id)
    with shop.app.app_context():
        assert find(record_id).operator == "Ani"


def test_a_draft_that_never_was_is_said_to_be_gone(budi):
    answer = budi.get("/permohonan/baru/00000000-0000-4000-8000-000000000009/orang")
    assert answer.status_code == 410
    assert "Mulai permohonan baru" in answer.text


def test_services_the_stall_only_informs_about_open_no_form_and_count_a_visit_once(shop, budi):
    page = budi.get("/layanan/DKC-06").text
    assert "/permohonan/baru" not in page
    assert budi.post("/permohonan/baru", {"layanan": "DKC-06"}).status_code == 422
    visit = {"kunjungan": budi.hidden("kunjungan") or "x"}
    for _ in range(2):
        budi.post("/layanan/DKC-06/kunjungan", visit)
    assert '<big class="num">1</big><small>kunjungan' in budi.get("/").text


def test_no_page_of_a_free_service_has_a_field_for_money(budi):
    record_id = budi.begin()
    pages = [budi.get("/layanan/DKC-07"), budi.get(f"/permohonan/baru/{record_id}/orang")]
    budi.fill(record_id)
    pages.append(budi.get(f"/permohonan/baru/{record_id}/periksa"))
    for page in pages:
        assert not any(f'name="{name}"' in page.text for name in ("biaya", "amount", "fee", "jumlah"))
    assert "GRATIS" in pages[2].text


def test_line_ends_of_an_address_become_one_kind(shop, budi):
    record_id = budi.take(pemohon_address="Dusun Krajan\r\nRT 01")
    assert "Dusun Krajan\nRT 01" in budi.get(f"/permohonan/{record_id}").text
    assert SITI["pemohon_name"] in budi.page


def test_going_back_to_the_papers_keeps_a_half_filled_page(budi):
    record_id = budi.begin()
    answer = budi.post(f"/permohonan/baru/{record_id}/orang", {"pemohon_name": "Siti Aminah", "kembali": "1"})
    assert answer.headers["Location"].endswith("/berkas")
    assert 'value="Siti Aminah"' in budi.get(f"/permohonan/baru/{record_id}/orang").text
