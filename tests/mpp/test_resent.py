"""What is sent again after a break or a refusal: changed meanwhile, refused for good, or of another version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from layanan.permohonan import Kind
from layanan.problems import Refused
from layanan.status import Status
from mpp.db.models import StallEntry
from mpp.db.permohonan import find
from mpp.db.personal import personal
from offline_db import writing
from offline_db.heads import compare
from offline_db.identity import identity
from offline_db.models import LogRow
from offline_db.outbox import SqliteOutbox, refusals
from offline_db.own_log import Deed, append, head
from offline_db.permohonan import accept, amend
from offline_db.permohonan import find as find_here
from offline_db.status_book import SqliteStatusBook
from offline_db.trust import stall_keys
from sync.canonical import encode
from sync.chain import start
from sync.exchange import exchange
from sync.frame import FrameKind, pack, unpack
from sync.memory import MemoryLink
from sync.ports import LinkDown
from tests.mpp.cast import NOW, SITI, Headquarters
from tests.mpp.test_recovery import Pair
from tests.offline_db.desk import new_form


@pytest.fixture
def pair(office: Headquarters, tmp_path: Path) -> Pair:
    return Pair(office, tmp_path)


def broken_off(pair: Pair) -> None:
    """Headquarters stores the batch, and the answer is lost on the way."""

    def lost(frame: bytes) -> bytes:
        pair.answer(frame)
        raise LinkDown("link_timeout")

    said = exchange(SqliteOutbox(), SqliteStatusBook(), MemoryLink(lost), stall_keys(), now=lambda: NOW)
    assert said.problem == "link_timeout"


@pytest.mark.clause("P22", "P23")
@pytest.mark.parametrize("arrived", [True, False])
def test_a_request_that_was_changed_after_a_send_that_broke_off_arrives_once_and_as_changed(
    pair: Pair, arrived: bool
) -> None:
    with pair.machine() as counter:
        record = accept(new_form(), counter.desk()).record_id
        if arrived:
            broken_off(pair)
        whole = replace(new_form().personal, pemohon=replace(SITI, name="Siti Aminah binti Slamet"))
        amend(record, {"priority": "lansia"}, whole, counter.desk(), why="nama")
        if arrived:
            broken_off(pair)
        assert pair.sync().problem is None
        pair.equal()
        assert SqliteOutbox().pending(9, 10**6) == []
        with pair.office.database.reading() as session:
            kinds = session.scalars(select(StallEntry.kind).where(StallEntry.record_id == record)).all()
            assert sorted(kinds) == ["accepted", "amended"]
            part = personal(session, pair.office.keys, record)
            assert part is not None
            assert part.pemohon.name == "Siti Aminah binti Slamet"


@pytest.mark.clause("P23", "P24")
def test_what_headquarters_refused_stays_refused_when_it_comes_again_and_its_correction_is_taken(pair: Pair) -> None:
    with pair.machine() as counter:
        good = accept(new_form("Slamet"), counter.desk()).record_id
        with writing() as session:
            log = session.connection()
            orphan = Deed(Kind.AMENDED, "00000000-0000-4000-8000-000000000000", {"patch": {}})
            append(log, head(log), orphan, counter.desk())
        poison(pair)
        assert pair.sync().problem is None
        assert [one.result for one in refusals()] == ["rejected"]
        again(pair)
        assert len(SqliteOutbox().pending(9, 10**6)) > 0
        assert pair.sync().problem is None
        assert [one.result for one in refusals()] == ["rejected"]
        assert SqliteOutbox().pending(9, 10**6) == []
        assert pair.sync().sent == 0
        corrected = accept(new_form("Wati"), counter.desk()).record_id
        assert pair.sync().problem is None
        with pair.office.database.reading() as session:
            assert {find(session, one).status for one in (good, corrected)} == {Status.DITERIMA}
        assert find_here(corrected).delivered


def poison(pair: Pair) -> None:
    """Headquarters has judged the orphan before, with a final no."""
    (last,) = [item.entry for item in SqliteOutbox().pending(9, 10**6)][-1:]
    exchange(SqliteOutbox(), SqliteStatusBook(), MemoryLink(pair.answer), stall_keys(), now=lambda: NOW)
    refused = update(StallEntry).where(StallEntry.hash == last.hash)
    with pair.office.database.writing() as session:
        session.execute(refused.values(result="rejected", problem="entry_not_yours"))


def again(pair: Pair) -> None:
    """The stall believes that headquarters was restored, and offers everything once more."""
    me = identity().grant
    with writing() as session:
        assert session.get(LogRow, (me.device, me.epoch)) is not None
        compare(session, start(me.device, me.epoch), set())


@pytest.mark.clause("P38")
def test_a_headquarters_that_is_too_new_is_a_clear_sentence_and_nothing_is_lost(pair: Pair) -> None:
    def later(frame: bytes) -> bytes:
        opened = unpack(pair.answer(frame), {pair.office.keys.signing.id: pair.office.keys.signing.public}.get,
                        FrameKind.ACKNOWLEDGEMENT)  # fmt: skip
        assert opened.payload
        return pack(encode({"min_reader": 2, "version": 2}), pair.office.keys.signing, FrameKind.ACKNOWLEDGEMENT)

    with pair.machine() as counter:
        accept(new_form(), counter.desk())
        waiting = len(SqliteOutbox().pending(9, 10**6))
        said = exchange(SqliteOutbox(), SqliteStatusBook(), MemoryLink(later), stall_keys(), now=lambda: NOW)
        assert said.problem == "sync_too_new"
        assert "Perbarui programnya" in Refused("sync_too_new").sentence()
        assert len(SqliteOutbox().pending(9, 10**6)) == waiting
        assert pair.sync().problem is None
        pair.equal()
