"""What is proven is put right: a flipped bit, a row that is not its entries, a damaged entry of headquarters' log."""

import pytest
from sqlalchemy import select, update

from offline_db import db, writing
from offline_db.mend import mend
from offline_db.models import EntryRow, HqEntryRow
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept, find
from offline_db.selfcheck import selfcheck
from offline_db.status_book import SqliteStatusBook
from sync.chain import Position
from sync.messages import Down
from tests.offline_db.desk import new_form
from tests.offline_db.office import acknowledge_all, decide


def flip(model, column, where, place=40, bit=2):
    """Turn one bit of what is stored, as a worn card does."""
    with writing() as session:
        was = session.scalars(select(getattr(model, column)).where(where)).one()
        now = bytearray(was)
        now[place] ^= 1 << bit
        session.execute(update(model).where(where).values({column: bytes(now)}))


def damage(statement):
    with writing() as session:
        session.connection().exec_driver_sql(statement)


@pytest.mark.clause("P72")
@pytest.mark.parametrize("column", ["raw", "sealed"])
def test_a_flipped_bit_is_turned_back_exactly(counter, column):
    for _ in range(3):
        accept(new_form(), counter.desk())
    before = db.session.execute(select(EntryRow.raw, EntryRow.sealed)).all()
    flip(EntryRow, column, EntryRow.seq == 3)
    assert selfcheck() != []
    mended = mend()
    assert (mended.entries, mended.left) == (1, [])
    db.session.rollback()
    assert db.session.execute(select(EntryRow.raw, EntryRow.sealed)).all() == before
    assert len(SqliteOutbox().pending(100, 10**6)) == 4


@pytest.mark.clause("P72")
def test_more_than_a_bit_is_left_as_it_is_and_said(counter):
    accept(new_form(), counter.desk())
    flip(EntryRow, "sealed", EntryRow.seq == 2, place=3)
    flip(EntryRow, "sealed", EntryRow.seq == 2, place=9)
    mended = mend()
    assert (mended.entries, [one.kind for one in mended.left]) == (0, ["sealed"])
    assert [item.entry.seq for item in SqliteOutbox().pending(100, 10**6)] == [1]


@pytest.mark.parametrize(
    "wrong", ["UPDATE permohonan SET status = 'SELESAI', masked = 'x'", "DELETE FROM permohonan WHERE id = 1"]
)
def test_a_row_is_made_anew_from_its_entries(counter, wrong):
    record_id = accept(new_form(), counter.desk()).record_id
    acknowledge_all()
    before = find(record_id)
    damage(wrong)
    mended = mend()
    assert (mended.rows, mended.left) == (1, [])
    after = find(record_id)
    assert after.delivered
    for name in ("status", "masked", "code", "receipt_sig"):
        assert getattr(after, name) == getattr(before, name)


@pytest.mark.clause("P72")
def test_headquarters_log_is_read_again_from_before_its_damage_and_healed_by_the_next_sync(counter):
    record_id = accept(new_form(), counter.desk()).record_id
    for status in ("DITERIMA_MPP", "DIVERIFIKASI", "DIPROSES"):
        decide(record_id, status)
    told = db.session.execute(select(HqEntryRow.raw, HqEntryRow.chain).order_by(HqEntryRow.seq)).all()
    end = SqliteStatusBook().cursor()
    status = find(record_id).status
    damage("UPDATE hq_entry SET raw = randomblob(200) WHERE seq = 2")
    mended = mend()
    assert (mended.book_from, mended.left) == (2, [])
    assert SqliteStatusBook().cursor() == Position(end.author, end.epoch, 1, told[0].chain)
    SqliteStatusBook().receive(Down(tuple(row.raw for row in told[1:]), end, b"proof"))
    assert selfcheck() == []
    assert (find(record_id).status, SqliteStatusBook().cursor()) == (status, end)


def test_a_damaged_entry_of_headquarters_names_itself_and_a_bit_of_it_comes_back(counter):
    record_id = accept(new_form(), counter.desk()).record_id
    decide(record_id, "DIPROSES")
    flip(HqEntryRow, "raw", HqEntryRow.seq == 1)
    assert "book" in [one.kind for one in selfcheck()]
    mended = mend()
    assert (mended.entries, mended.book_from, mended.left) == (1, None, [])
