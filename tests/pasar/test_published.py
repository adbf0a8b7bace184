"""A catalogue comes while people work at the counter: what was marked is asked again, what was printed stays true."""

import pytest

from layanan.permohonan import Kind
from layanan.published import KEYS, merged, version_of
from layanan.service import put_in_force as put_catalogue
from layanan.service import released_tables
from layanan.sla import put_in_force as put_calendar
from offline_db.status_book import SqliteStatusBook
from sync.entry import Entry
from tests.sync.cast import MORNING, stretch


@pytest.fixture(autouse=True)
def release_in_force():
    yield
    put_catalogue(None)
    put_calendar(None)


def told(shop, *said):
    """Headquarters' log at this stall goes on with these (kind, fields)."""
    with shop.app.app_context():
        book = SqliteStatusBook()
        cursor = book.cursor()
        entries = [
            Entry(
                id=f"00000000-0000-4000-8000-{cursor.seq + n:012}", author=cursor.author, epoch=cursor.epoch,
                seq=cursor.seq + n, kind=kind, record=None, at=MORNING, zone="Asia/Jakarta", boot="", mono=0,
                trusted=True, operator="", read=(0, 0), catalogue="", fields=fields,
            )
            for n, (kind, fields) in enumerate(said, 1)
        ]  # fmt: skip
        book.receive(stretch(cursor, entries))


def printed(budi, record_id):
    """The paper, without the page's own token."""
    text = budi.get(f"/permohonan/{record_id}/tanda-terima/cetak").text
    return text.replace(budi.hidden("csrf_token"), "")


def catalogue_with(**changed):
    """The entries of a catalogue in which DKC-07 says something else, whole."""
    row = next(dict(row) for row in released_tables()["services"] if row["code"] == "DKC-07") | changed
    tables = merged({}, {"services": [row], "agencies": released_tables()["agencies"], "service_notes": []})
    fields = {"number": 1, "version": version_of(tables), "base": "", "part": 1, "parts": 1}
    return Kind.CATALOGUE, {**fields, **{name: tables[name] for name in KEYS}}


@pytest.mark.clause("P94")
def test_marks_of_another_list_of_papers_are_asked_again_and_all_else_stays(shop, budi):
    record_id = budi.begin()
    budi.fill(record_id)
    told(shop, catalogue_with(requirements="Surat ajaib; KTP-el rusak; KK"))
    answer = budi.save(record_id)
    assert answer.headers["Location"] == f"/permohonan/baru/{record_id}/berkas"
    page = budi.get(answer.headers["Location"]).text
    assert "Surat ajaib" in page
    assert "baru saja diubah MPP" in page
    budi.post(f"/permohonan/baru/{record_id}/berkas", {"semua": "asli"})
    assert "Siti Aminah" in budi.get(f"/permohonan/baru/{record_id}/periksa").text
    assert budi.save(record_id).headers["Location"] == f"/permohonan/{record_id}/tanda-terima"


@pytest.mark.clause("P94")
def test_a_receipt_keeps_the_papers_it_was_printed_with(shop, budi):
    record_id = budi.begin()
    budi.post(f"/permohonan/baru/{record_id}/berkas", {"berkas_0": "ditinggal", "berkas_1": "asli"})
    budi.fill(record_id)
    budi.save(record_id)
    before = printed(budi, record_id)
    told(shop, catalogue_with(requirements="Surat ajaib; KTP-el rusak; KK", name_id="Lain sama sekali"))
    assert printed(budi, record_id) == before
    assert "Lain sama sekali" in budi.get("/layanan/DKC-07").text


@pytest.mark.clause("P95")
def test_a_catalogue_that_is_not_in_force_is_told_on_every_page_and_stops_nothing(shop, budi):
    kind, fields = catalogue_with()
    told(shop, (kind, {**fields, "version": "00" * 8}))
    assert "Katalog dari MPP belum berlaku di gerai ini" in budi.get("/sinkron").text
    assert budi.take()


@pytest.mark.clause("P94")
def test_settings_stand_on_the_stalls_page_and_the_receipt(shop, budi):
    record_id = budi.take()
    told(shop, (Kind.CONFIG, {"number": 1, "values": {"complaint": "Lapor ke 0333", "hours": "Senin-Jumat 8-14"}}))
    assert "Lapor ke 0333" in budi.get(f"/permohonan/{record_id}/tanda-terima/cetak").text
    assert "Senin-Jumat 8-14" in budi.get("/gerai").text
