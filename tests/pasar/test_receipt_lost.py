"""A lost receipt: found by what the person still knows, opened after the card was seen, and logged."""

from offline_db.receipt_lost import DAYS, found_on
from tests.pasar.cast import Budi


def look(budi, name, service=""):
    budi.get("/tanda-terima/cari")
    return budi.post("/tanda-terima/cari", {"nama": name, "layanan": service}).text


def test_first_letters_and_service_leave_the_one_that_is_meant(budi):
    budi.take(pemohon_name="Suwarni")
    budi.take("DKC-08")
    assert "GTG-261121-0002" in look(budi, "siti aminah", "DKC-08")
    assert "Tidak ada yang cocok" in look(budi, "Siti Aminah", "DKC-01")
    both = look(budi, "Siti Aminah")
    assert "0002" in both
    assert "0001" not in both


def test_opening_needs_the_card_and_is_logged(shop, budi):
    record = budi.take()
    look(budi, "Siti Aminah")
    budi.post(f"/tanda-terima/cari/{record}")
    with shop.app.app_context():
        assert found_on("2026-11-21") == 0
    opened = budi.post(f"/tanda-terima/cari/{record}", {"cocok": "ya"})
    assert opened.headers["Location"].endswith(f"/permohonan/{record}/tanda-terima")
    with shop.app.app_context():
        assert found_on("2026-11-21") == 1
    assert "Tanda terima hilang dibuka" in budi.get("/tutup-hari").text


def test_it_works_after_the_day_was_closed_and_not_for_ever(shop, budi):
    budi.take()
    shop.time.pass_by(24 * 3600)
    budi = Budi(shop).sign_in()
    assert "GTG-261121-0001" in look(budi, "Siti Aminah")
    shop.time.pass_by(DAYS * 24 * 3600)
    assert "Tidak ada yang cocok" in look(Budi(shop).sign_in(), "Siti Aminah")


def test_a_name_is_asked_for_and_never_in_an_address(budi):
    assert "Nama belum diisi" in look(budi, " ")
    assert 'method="post" action="/tanda-terima/cari"' in budi.get("/tanda-terima/cari").text
