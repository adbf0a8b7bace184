"""The survey: nine taps become a count of the day, and one entry about nobody when the day is closed."""

from sqlalchemy import select

from layanan.survei import index_of
from offline_db import db
from offline_db.models import EntryRow
from offline_db.survei import counted
from sync.entry import Entry

DAY = "2026-11-21"


def rate(budi, marks):
    page = budi.get("/survei").text
    for mark in marks:
        page = budi.post("/survei", {"sejauh_ini": budi.hidden("sejauh_ini"), "jawaban": mark}).text
    return page


def rated(shop):
    with shop.app.app_context():
        raws = db.session.scalars(select(EntryRow.raw).where(EntryRow.kind == "rated").order_by(EntryRow.id))
        return [Entry.decode(raw) for raw in raws]


def test_nine_taps_are_counted_and_thanked(shop, budi):
    assert "Terima kasih" in rate(budi, "444444444")
    rate(budi, "333333331")
    with shop.app.app_context():
        counts = counted(DAY)
    assert counts[0] == (0, 0, 1, 1)
    assert counts[8] == (1, 0, 0, 1)
    assert index_of(counts).grade == "B"


def test_one_may_go_back_and_nothing_half_done_is_counted(shop, budi):
    page = rate(budi, "44")
    assert "3 dari 9" in page
    page = budi.post("/survei", {"sejauh_ini": "44", "jawaban": "kembali"}).text
    assert "2 dari 9" in page
    assert budi.post("/survei", {"sejauh_ini": "4", "jawaban": "7"}).status_code == 422
    with shop.app.app_context():
        assert sum(counted(DAY)[0]) == 0


def test_the_day_goes_to_headquarters_as_counts_about_no_record(shop, budi):
    budi.take()
    rate(budi, "444444444")
    assert rated(shop) == []
    budi.get("/tutup-hari")
    budi.post("/tutup-hari", {"yakin": "ya"})
    (entry,) = rated(shop)
    assert entry.record is None
    assert entry.fields["day"] == DAY
    assert entry.fields["counts"][0] == [0, 0, 0, 1]
