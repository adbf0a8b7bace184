"""The inbox keeps the behaviour of its port on SQLite and on PostgreSQL, also when stalls send at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace

import pytest
from sqlalchemy import select

from layanan.permohonan import Kind
from layanan.status import Status
from mpp.db.decision import Decision, decide
from mpp.db.down import append, locked_stall
from mpp.db.models import Alarm, StallEntry
from mpp.db.permohonan import find
from mpp.db.personal import personal
from mpp.db.stall import revoke
from sync.chain import GENESIS, linked
from sync.keys import VerifyKey
from sync.messages import Result
from sync.ports import KnownDevice
from tests.mpp.cast import NOW, RATNA, Headquarters, StallAtWork
from tests.sync.behaviour_inbox import InboxBehaviour


class _OverSql(InboxBehaviour):
    """The port's own suite; the fixture is this headquarters' inbox and keeps its headquarters beside it."""

    @pytest.fixture
    def inbox(self, office: Headquarters):
        inbox = office.inbox
        inbox.office_of_test = office
        return inbox

    def office(self, inbox) -> tuple[str, int]:
        return inbox.office_of_test.keys.hq, 1

    def enrolled(self, inbox, stall: str) -> KnownDevice:
        grant, key = inbox.office_of_test.enrolled(stall)
        return KnownDevice(grant.device, grant.stall, grant.epoch, VerifyKey(bytes(key.public)), False)

    def revoke(self, inbox, device: KnownDevice) -> KnownDevice:
        with inbox.office_of_test.database.writing() as session:
            revoke(session, device.stall, NOW)
        return inbox.device(device.id)

    def publish(self, inbox, stall: str) -> None:
        with inbox.office_of_test.database.writing() as session:
            row = locked_stall(session, stall)
            append(session, row, Kind.NOTICE, {}, record=None, read=(0, 0), operator="ratna", now=NOW)


class TestInbox(_OverSql):
    """Every case of the port."""


def test_two_batches_of_one_stall_at_once_lose_nothing(office: Headquarters, stall: StallAtWork) -> None:
    records = [stall.accept() for _ in range(40)]
    items = stall.unsent
    halves = [stall.batch(items[:25]), stall.batch(items[15:])]
    with ThreadPoolExecutor(4) as pool:
        answered = list(pool.map(lambda batch: office.inbox.store(stall.device, batch)[0], halves * 2))
    assert {answer.result for answers in answered for answer in answers} <= {Result.ACCEPTED, Result.KNOWN}
    with office.database.reading() as session:
        seqs = list(session.scalars(select(StallEntry.seq).order_by(StallEntry.seq)))
        assert seqs == list(range(1, 42))
        assert {find(session, record).status for record in records} == {"DITERIMA"}
    _, head = office.inbox.store(stall.device, stall.batch([]))
    assert head.seq == 41
    assert head.chain == linked(GENESIS, [item.entry.hash for item in items])


def test_officers_and_two_stalls_at_once_leave_each_log_gapless(office: Headquarters) -> None:
    stalls = [StallAtWork(office, "gtg"), StallAtWork(office, "rgj")]
    records = {stall: [stall.accept() for _ in range(12)] for stall in stalls}
    for stall in stalls:
        stall.send()
        for _ in range(10):
            stall.accept()

    def verify(record: str) -> None:
        def work(session):
            decide(
                session,
                office.keys,
                RATNA,
                record,
                find(session, record).content_sha256,
                Decision(Status.VERIFIKASI),
                NOW,
            )

        office.database.change(work)

    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(stall.send) for stall in stalls]
        decided = [pool.submit(verify, record) for stall in stalls for record in records[stall]]
        for future in [*sent, *decided]:
            future.result()
    for stall in stalls:
        entries = stall.news()
        assert [entry.seq for entry in entries] == list(range(1, 13))
        assert {entry.record for entry in entries} == set(records[stall])


def test_a_cloned_cards_requests_are_all_there_and_the_clone_is_named(office: Headquarters) -> None:
    """Two boxes with one identity each handed out receipts under the same numbers: nobody's request is dropped."""
    stall = StallAtWork(office)
    stall.send()
    clone = copy(stall)
    clone.unsent = []
    records = [stall.accept(), clone.accept()]
    assert [answer.result for answer in stall.send()[0]] == [Result.ACCEPTED]
    assert [answer.result for answer in clone.send()[0]] == [Result.CONFLICT]
    with office.database.reading() as session:
        assert {find(session, record).status for record in records} == {"DITERIMA"}
        assert all(personal(session, office.keys, record) for record in records)
        assert session.scalars(select(Alarm.kind)).all() == ["sync_fork"]


def test_what_another_stall_sent_by_mistake_does_not_spoil_the_right_ones(office: Headquarters) -> None:
    stall, other = StallAtWork(office, "gtg"), StallAtWork(office, "rgj")
    record = stall.accept()
    wrong = replace(other.batch(stall.unsent), sender=other.sender())
    assert {answer.problem for answer in office.inbox.store(other.device, wrong)[0]} == {"entry_not_yours"}
    assert {answer.result for answer in stall.send()[0]} == {Result.ACCEPTED}
    assert {answer.problem for answer in office.inbox.store(other.device, wrong)[0]} == {"entry_not_yours"}
    with office.database.reading() as session:
        assert find(session, record).stall == "gtg"
        assert personal(session, office.keys, record) is not None


def test_a_stall_cannot_change_another_stalls_request(office: Headquarters) -> None:
    stall, other = StallAtWork(office, "gtg"), StallAtWork(office, "rgj")
    record = stall.accept()
    stall.send()
    other.write(Kind.CANCELLED, {"reason": "iseng"}, record=record)
    assert other.send()[0][-1].problem == "entry_not_yours"
    with office.database.reading() as session:
        assert (find(session, record).status, find(session, record).entries) == ("DITERIMA", 1)


def test_a_lost_machines_sealed_parts_are_kept_and_open_once_its_stall_has_another(office: Headquarters) -> None:
    stall = StallAtWork(office)
    record = stall.accept()
    items = list(stall.unsent)
    with office.database.writing() as session:
        revoke(session, "gtg", NOW)
    assert {answer.problem for answer in stall.send()[0]} == {"sync_revoked"}
    successor = StallAtWork(office)
    again = replace(stall.batch(items), sender=successor.sender())
    assert {answer.result for answer in office.inbox.store(successor.device, again)[0]} == {Result.ACCEPTED}
    with office.database.reading() as session:
        assert find(session, record).status == "DITERIMA"
        assert personal(session, office.keys, record) is not None
