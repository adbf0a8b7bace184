"""Close of day: the sheet beside headquarters' answers, record by record, and the keys that are gone afterwards."""

from layanan.problems import Refused
from offline_db.permohonan import personal
from offline_db.tutup_hari import closed_days, sheet
from sync.messages import Result
from tests.offline_db.office import acknowledge_all
from tests.pasar.cast import Budi

DAY, ZONE = "2026-11-21", "Asia/Jakarta"


def today(shop):
    with shop.app.app_context():
        return sheet(DAY, ZONE)


def test_what_headquarters_has_not_signed_for_is_named_until_it_has(shop, budi):
    budi.take()
    budi.take("DKC-08")
    page = budi.get("/tutup-hari").text
    assert "2 permohonan belum cocok" in page
    assert page.count("belum dikonfirmasi") == 4
    with shop.app.app_context():
        acknowledge_all()
    budi.take()
    found = today(shop)
    assert (len(found.lines), found.confirmed) == (3, 2)
    assert [line.series for line in found.differences] == ["GTG-261121-0003"]
    page = budi.get("/tutup-hari").text
    assert "1 permohonan belum cocok" in page
    assert "Sabtu, 21 November 2026" in page
    assert "Rp0" in page


def test_what_headquarters_refused_is_named_with_its_reason(shop, budi):
    budi.take()
    with shop.app.app_context():
        acknowledge_all(Result.REJECTED, "entry_too_large")
    assert [line.problem for line in today(shop).differences] == ["entry_too_large"]
    assert Refused("entry_too_large").sentence() in budi.get("/tutup-hari").text


def test_a_reason_that_only_a_newer_headquarters_knows_is_said_as_such(shop, budi):
    budi.take()
    with shop.app.app_context():
        acknowledge_all(Result.REJECTED, "of_next_year")
    for page in ("/tutup-hari", "/sinkron"):
        assert "belum dikenal versi ini" in budi.get(page).text


def test_everything_of_the_day_is_counted_and_nothing_of_the_day_before(shop, budi):
    record = budi.take()
    shop.time.pass_by(24 * 3600)
    budi = Budi(shop).sign_in()
    budi.take("DKC-08")
    budi.post(f"/permohonan/{record}/batal", {"alasan": "berubah_pikiran", "yakin": "ya"})
    with shop.app.app_context():
        found = sheet("2026-11-22", ZONE)
    assert len(found.lines) == 1
    assert found.did == {"accepted": 1, "cancelled": 1}


def test_closing_asks_keeps_the_sheet_and_destroys_the_keys(shop, budi):
    record = budi.take()
    assert budi.post("/tutup-hari").status_code == 422
    closed = budi.post("/tutup-hari", {"yakin": "ya"})
    assert "sudah ditutup" in closed.text
    assert "GTG-261121-0001" in closed.text
    with shop.app.app_context():
        assert personal(record, shop.app.extensions["pasar"].keys) is None
        kept = closed_days()[0]
    assert (kept.operator, kept.sheet) == ("Budi", today(shop))
    assert 'name="frasa"' in budi.get("/").text
    again = Budi(shop).sign_in()
    assert "sudah ditutup" in again.get(f"/tutup-hari/{kept.id}").text
    assert f"/tutup-hari/{kept.id}" in again.get("/tutup-hari").text
    assert again.get(f"/permohonan/{record}/tanda-terima").status_code == 200
    assert again.get("/tutup-hari/99").status_code == 404


def test_a_table_for_a_spreadsheet_has_a_row_for_each_request_and_no_name(budi):
    budi.take()
    answer = budi.get("/tutup-hari/hari-ini.csv")
    assert "tutup-hari-2026-11-21.csv" in answer.headers["Content-Disposition"]
    assert len(answer.text.strip().splitlines()) == 2
    assert "Siti" not in answer.text
