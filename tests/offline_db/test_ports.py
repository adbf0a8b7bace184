"""The stall's outbox and status book keep the behaviour every implementation is held to."""

import pytest
from sqlalchemy import insert

from offline_db import reading, writing
from offline_db.identity import _open_log, device_key, take_grant
from offline_db.models import HqEntryRow, LogRow, ShiftKeyRow, run, table
from offline_db.opening import open_stall
from offline_db.outbox import SqliteOutbox
from offline_db.own_log import keep
from offline_db.status_book import SqliteStatusBook
from sync.chain import GENESIS, link
from tests.offline_db.desk import Headquarters
from tests.sync.behaviour_book import StatusBookBehaviour
from tests.sync.behaviour_outbox import OutboxBehaviour
from tests.sync.cast import news, stretch


@pytest.fixture
def enrolled(tmp_path):
    with open_stall(tmp_path / "gerai.sqlite"):
        take_grant(Headquarters().grant(device_key().id))
        yield


class TestSqliteOutbox(OutboxBehaviour):
    @pytest.fixture
    def outbox(self, enrolled):
        return SqliteOutbox()

    def add(self, outbox, item):
        entry = item.entry
        with writing() as session:
            log = session.get(LogRow, (entry.author, entry.epoch))
            if log is None:
                _open_log(session, entry.author, entry.epoch)
            keep(session.connection(), item, link(log.chain if log else GENESIS, entry.hash), 0)

    def know(self, outbox, known):
        row = {"key": known.key, "device": known.device, "capsule": known.capsule, "day": "2026-11-21"}
        with writing() as session:
            run(session, insert(table(ShiftKeyRow)), row)


class TestSqliteStatusBook(StatusBookBehaviour):
    @pytest.fixture
    def book(self, enrolled):
        return SqliteStatusBook()


def test_the_book_keeps_a_proof_for_the_end_of_each_stretch(enrolled):
    book = SqliteStatusBook()
    book.receive(stretch(book.cursor(), news(book.cursor(), 3)))
    with reading() as session:
        proofs = session.query(HqEntryRow.proof).order_by(HqEntryRow.seq).all()
    assert [row.proof for row in proofs] == [None, None, b"proof"]
