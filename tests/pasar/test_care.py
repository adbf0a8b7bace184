"""What the stall does for its own file, and what its people see: at the start, at night, and with a clock gone mad."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from layanan.problems import Refused
from offline_db import db, writing
from offline_db.base import high_water
from offline_db.models import EntryRow
from offline_db.outbox import SqliteOutbox, last_sync
from pasar.app import start_background
from pasar.care import QUIET_SECONDS
from pasar.syncing import sync_here
from sync.chain import Position
from tests.pasar.cast import PIN, Budi, make_app
from tests.pasar.hq import headquarters, utc_now

FLIP = "UPDATE entry SET sealed = randomblob(80) WHERE seq = 2"
YEARS = timedelta(days=3653)


def damage(shop, statement=FLIP):
    with shop.app.app_context(), writing() as session:
        session.connection().exec_driver_sql(statement)


def care_of(shop):
    return shop.app.extensions["pasar"].care


def test_a_changed_byte_is_told_on_the_screen_after_a_start_and_is_not_sent(shop, budi):
    budi.take()
    budi.take()
    assert "rusak" not in budi.get("/sinkron").text
    damage(shop)
    budi = shop.restart().sign_in()
    for page in ("/", "/sinkron"):
        assert Refused("store_entry_damaged", number=1).sentence() in budi.get(page).text
    with headquarters(shop) as (url, inbox), shop.app.app_context():
        sync_here(url, shop.folder)
        sent = {item.entry.seq for item in inbox.entries.values()}
        assert 2 not in sent
        assert {1, 3} <= sent


def test_an_older_file_is_told_on_the_screen(shop, budi):
    budi.take()
    with shop.app.app_context():
        high_water().reached(Position(shop.app.extensions["pasar"].granted().device, 1, 99, "ab" * 32))
    budi = shop.restart().sign_in()
    assert Refused("store_went_back").sentence() in budi.get("/sinkron").text


def quiet(shop):
    care_of(shop)._busy_at -= QUIET_SECONDS


def test_the_whole_file_is_read_once_a_night_when_nobody_works_and_remembered(shop, budi):
    budi.take()
    care = care_of(shop)
    assert not care.is_due(), "somebody is at work"
    quiet(shop)
    assert care.is_due()
    damage(shop, "UPDATE permohonan SET status = 'SELESAI'")
    with shop.app.app_context():
        care.at_night()
    assert not care.is_due()
    assert [one.kind for one in care.found] == ["row"]
    budi = shop.restart().sign_in()
    assert Refused("store_entry_damaged", number=1).sentence() in budi.get("/sinkron").text
    quiet(shop)
    assert not care_of(shop).is_due(), "it was done today"
    shop.time.pass_by(13 * 3600)
    assert not care_of(shop).is_due(), "before two in the morning"
    shop.time.pass_by(5 * 3600)
    assert care_of(shop).is_due()


def test_the_loop_does_it_by_itself_and_prunes(shop, budi):
    budi.take()
    with headquarters(shop) as (url, _), shop.app.app_context():
        sync_here(url, shop.folder)
        with writing() as session:
            session.connection().exec_driver_sql("UPDATE log SET durable_seq = seq")
        sync_here(url, shop.folder)
    with headquarters(shop, lambda: utc_now() + timedelta(hours=25)) as (url, _):
        shop.app = make_app(shop.folder, shop.time, hq_url=url)
        quiet(shop)
        done = threading.Event()
        night = care_of(shop).at_night
        care_of(shop).at_night = lambda: (night(), done.set())
        loop = start_background(shop.app)
        try:
            assert done.wait(30)
        finally:
            loop.stop()
    assert care_of(shop).found == []
    with shop.app.app_context():
        assert last_sync().problem is None
        assert db.session.scalar(select(func.count()).where(EntryRow.sealed.is_not(None))) == 0


@pytest.mark.clause("P42", "P74")
@pytest.mark.parametrize("jump", [YEARS, -YEARS * 5.68, timedelta(hours=7), -timedelta(minutes=20)])
def test_a_clock_that_jumps_in_mid_run_is_told_and_stops_nothing(shop, budi, jump):
    first = budi.take()
    shop.time.now += jump
    second = budi.take()
    page = budi.get("/sinkron")
    assert page.status_code == 200, "nobody was locked out"
    assert "dari yang seharusnya" in page.text
    assert "-" not in "".join(part for part in page.text.split("Paling lama menunggu")[1][:80] if part in "-0123456789")
    with shop.app.app_context():
        entries = db.session.execute(select(EntryRow.seq, EntryRow.record_id).order_by(EntryRow.seq)).all()
        assert [tuple(row) for row in entries[1:]] == [(2, first), (3, second)]
        assert [item.entry.trusted for item in SqliteOutbox().pending(9, 10**6)] == [True, True, False]
    shop.time.now -= jump
    assert "dari yang seharusnya" not in budi.get("/sinkron").text
    assert budi.get(f"/permohonan/{first}").status_code == 200


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, 0, 3, tzinfo=UTC), datetime(2036, 11, 21, tzinfo=UTC)])
def test_a_clock_that_is_years_off_syncs_and_is_told_how_far(shop, at):
    shop.time.now = at
    with headquarters(shop) as (url, inbox):
        shop.app = make_app(shop.folder, shop.time, hq_url=url)
        budi = Budi(shop).sign_in()
        budi.take()
        page = budi.post("/sinkron", follow_redirects=True).text
        assert len(inbox.entries) == 2
        assert ("hari lebih lambat" if at.year == 1970 else "hari lebih cepat") in page
        budi.post("/kunci")
        assert budi.get("/").status_code == 200
        answer = budi.post("/masuk/pin", {"petugas": "Budi", "pin": PIN, "lanjut": "/"})
        assert answer.status_code == 303


def test_the_lock_after_wrong_pins_is_not_undone_by_a_clock(shop, budi):
    budi.post("/kunci")
    for _ in range(5):
        answer = budi.post("/masuk/pin", {"petugas": "Budi", "pin": "000001", "lanjut": "/"})
    assert answer.status_code == 401
    shop.time.now += YEARS
    answer = budi.post("/masuk/pin", {"petugas": "Budi", "pin": PIN, "lanjut": "/"})
    assert answer.status_code == 401


def test_pruned_requests_still_open_and_print(shop, budi):
    record_id = budi.take()
    damage(shop, "UPDATE entry SET sealed = NULL")
    assert budi.get(f"/permohonan/{record_id}").status_code == 200
    assert budi.get(f"/permohonan/{record_id}/tanda-terima").status_code == 200
    with shop.app.app_context():
        assert db.session.scalar(select(func.count()).where(EntryRow.sealed.is_not(None))) == 0
