"""A real stall's file and a real headquarters: one is restored, cloned or lost, and both come together again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, update

from layanan.permohonan import Kind
from layanan.status import Status
from mpp.db.backup import backup, restore
from mpp.db.database import open_database
from mpp.db.decision import Decision, decide
from mpp.db.ledger import ledger as office_ledger
from mpp.db.models import Alarm, StallEntry
from mpp.db.models import Headquarters as HeadquartersRow
from mpp.db.permohonan import find
from mpp.db.schema import upgrade
from mpp.db.stall import add_stall, enrol
from mpp.keys import wrapped
from offline_db import open_stall, writing
from offline_db.identity import device_key, grant, identity, take_grant
from offline_db.ledger import ledger
from offline_db.models import EntryRow
from offline_db.operators import add_operator, check_passphrase
from offline_db.outbox import SqliteOutbox, refusals
from offline_db.permohonan import accept, by_code, hand_over
from offline_db.selfcheck import selfcheck
from offline_db.status_book import SqliteStatusBook
from sync.enrol import read_answer, request
from sync.exchange import Outcome, StallKeys
from sync.memory import MemoryLink
from sync.receive import HqKeys, receive
from sync.until_quiet import sync_until_quiet
from tests.mpp.cast import NOW, RATNA, Headquarters
from tests.offline_db.desk import Counter, new_form

PHRASE = "halus asap wajan rancang anak tepuk nasib lurik cempaka negeri hormat sambung"


@dataclass
class Pair:
    """A headquarters, and a stall's file that several machines may hold copies of."""

    office: Headquarters
    folder: Path
    phrase: str = ""

    @contextmanager
    def machine(self, name: str = "gerai") -> Iterator[Counter]:
        """Inside: this machine's file, Budi signed in."""
        path = self.folder / name / "gerai.sqlite"
        path.parent.mkdir(exist_ok=True)
        with open_stall(path):
            if grant() is None:
                self.enrol()
                self.phrase = add_operator("Budi")
            counter = Counter()
            counter.ring.unlock("Budi", check_passphrase("Budi", self.phrase), counter.moment())
            yield counter

    def enrol(self) -> None:
        """One more one-time code, and the two steps two machines take."""
        before = grant()
        with self.office.database.writing() as session:
            _, code = add_stall(session, "Pasar Genteng", NOW)
        asked = request(code, device_key().public, os.urandom(16), before.epoch if before else 0)
        with self.office.database.writing() as session:
            answered = enrol(session, self.office.keys, "http://mpp.test", asked, NOW)
        take_grant(read_answer(code, asked, answered))

    def copy(self, name: str, to: str) -> None:
        shutil.rmtree(self.folder / to, ignore_errors=True)
        shutil.copytree(self.folder / name, self.folder / to)

    def answer(self, frame: bytes) -> bytes:
        return receive(frame, self.office.inbox, HqKeys(self.office.keys.hq, self.office.keys.signing), now=lambda: NOW)

    def sync(self) -> Outcome:
        keys = StallKeys(identity().key, {identity().hq_sign.id: identity().hq_sign})
        return sync_until_quiet(SqliteOutbox(), SqliteStatusBook(), MemoryLink(self.answer), keys, now=lambda: NOW)

    def decide(self, record: str, status: Status) -> None:
        with self.office.database.writing() as session:
            seen = find(session, record).content_sha256
            decide(session, self.office.keys, RATNA, record, seen, Decision(status), NOW)

    def equal(self) -> None:
        """Both sides tell the same of every record: status, entries, content."""
        told = ("record_id", "status", "entries", "content_sha256")
        with self.office.database.reading() as session:
            there = sorted(tuple(row[name] for name in told) for row in office_ledger(session))
        assert sorted(tuple(row[name] for name in told) for row in ledger()) == there
        assert selfcheck() == []

    def alarms(self) -> list[Alarm]:
        with self.office.database.reading() as session:
            return list(session.scalars(select(Alarm)))


@pytest.fixture
def pair(office: Headquarters, tmp_path: Path) -> Pair:
    return Pair(office, tmp_path)


class Copies:
    """Older states of headquarters, and three tools that bring one back."""

    def __init__(self, pair: Pair, tool: str, folder: Path, server: object) -> None:
        self.pair, self.tool, self.folder, self.server = pair, tool, folder, server

    def take(self) -> None:
        database = self.pair.office.database
        if self.tool == "mpp restore":
            backup(database, wrapped(self.pair.office.keys, PHRASE), self.folder / "mpp.cadangan", NOW)
        elif database.embedded:
            database.close()
            shutil.copy(self.folder / "mpp.sqlite", self.folder / "copied.sqlite")
        else:
            self.template("older", database.engine.url.database)

    def bring_back(self) -> None:
        former, fresh = self.pair.office.database, self.folder / "fresh"
        fresh.mkdir()
        url = ""
        if self.tool == "a copy" and former.embedded:
            shutil.copy(self.folder / "copied.sqlite", fresh / "mpp.sqlite")
        elif not former.embedded:
            url = self.template("restored", "older" if self.tool == "a copy" else "template1")
        former.close()
        self.pair.office.database = open_database(url, fresh)
        upgrade(self.pair.office.database)
        if self.tool == "mpp restore":
            restore(self.pair.office.database, self.folder / "mpp.cadangan")

    def template(self, name: str, of: str | None) -> str:
        self.pair.office.database.close()
        with psycopg.connect(self.server.get_uri(), autocommit=True) as admin:  # type: ignore[attr-defined]
            admin.execute(f'DROP DATABASE IF EXISTS "w1_{name}" WITH (FORCE)')
            source = f"w1_{of}" if of == "older" else of
            admin.execute(f'CREATE DATABASE "w1_{name}" TEMPLATE "{source}"')
        return str(self.server.get_uri(f"w1_{name}"))  # type: ignore[attr-defined]


@pytest.fixture(params=["mpp restore", "a copy"])
def copies(pair: Pair, tmp_path: Path, request: pytest.FixtureRequest) -> Copies:
    server = None if pair.office.database.embedded else request.getfixturevalue("postgres_server")
    return Copies(pair, str(request.param), tmp_path, server)


@pytest.mark.clause("P30", "P52", "P53")
@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_restored_headquarters_and_its_stall_end_with_the_same_states(
    pair: Pair, copies: Copies, meanwhile: bool
) -> None:
    """`meanwhile`: officers decided again before the stall was heard, in the dark."""
    with pair.machine() as counter:
        first = accept(new_form(), counter.desk()).record_id
        assert pair.sync().problem is None
        copies.take()
        second = accept(new_form("Slamet"), counter.desk()).record_id
        pair.sync()
        pair.decide(first, Status.DIPROSES)
        pair.decide(second, Status.VERIFIKASI)
        pair.sync()
        copies.bring_back()
        if meanwhile:
            pair.decide(first, Status.DITOLAK)
        assert pair.sync().problem is None
        pair.equal()
        assert by_code(accept_code(first)).status == (Status.DITOLAK if meanwhile else Status.DIPROSES)
        assert by_code(accept_code(second)).status == Status.VERIFIKASI
        assert [alarm.kind for alarm in pair.alarms()] == ["hq_restored"]
        with pair.office.database.reading() as session:
            assert session.scalar(select(HeadquartersRow.incarnation)) == 2
        pair.decide(second, Status.DIPROSES)
        assert pair.sync().pulled == 1
        pair.equal()


def accept_code(record: str) -> str:
    return next(str(row["tracking_code"]) for row in ledger() if row["record_id"] == record)


@pytest.mark.clause("P25", "P29", "P54")
def test_a_cloned_card_is_named_enrolled_again_and_loses_nothing(pair: Pair) -> None:
    with pair.machine() as counter:
        accept(new_form(), counter.desk())
        pair.sync()
    pair.copy("gerai", "clone")
    codes = set()
    with pair.machine() as counter:
        codes.add(accept(new_form("Slamet"), counter.desk()).code)
        assert pair.sync().problem is None
    with pair.machine("clone") as counter:
        codes.add(accept(new_form("Wati"), counter.desk()).code)
        assert pair.sync().problem == "sync_fork"
        pair.enrol()
        assert pair.sync().problem is None
        codes.add(accept(new_form("Yanto"), counter.desk()).code)
        assert pair.sync().problem is None
        pair.equal()
    with pair.machine() as counter:
        assert pair.sync().problem is None
    (fork,) = [alarm for alarm in pair.alarms() if alarm.kind == "sync_fork"]
    with pair.office.database.reading() as session:
        rows = session.scalars(select(StallEntry).where(StallEntry.epoch == 1).order_by(StallEntry.id)).all()
        branches = [row for row in rows if f"/{row.seq}:" in fork.detail]
        assert len({row.hash for row in branches}) == 2
        assert all(row.hash[:12] in fork.detail for row in branches)
        told = {str(row["tracking_code"]) for row in office_ledger(session)}
    assert len(codes) == 3
    assert codes < told


@pytest.mark.clause("P55")
def test_a_new_machine_gets_the_open_requests_of_the_one_that_died(pair: Pair) -> None:
    with pair.machine() as counter:
        first, second, gone = (accept(new_form(name), counter.desk()) for name in ("Siti", "Slamet", "Wati"))
        pair.sync()
        pair.decide(first.record_id, Status.DIPROSES)
        pair.decide(first.record_id, Status.SELESAI)
        pair.decide(gone.record_id, Status.DITOLAK)
    with pair.machine("new") as counter:
        assert by_code(first.code) is None
        assert pair.sync().problem is None
        known = by_code(first.code)
        assert known is not None
        assert (known.status, known.series, known.delivered) == (Status.SELESAI, first.series, True)
        assert by_code(second.code).status == Status.DITERIMA
        hand_over(first.record_id, "pemohon", "diri_sendiri", False, counter.desk())
        assert pair.sync().problem is None
        assert selfcheck() == []
        kept = {row["record_id"]: row["content_sha256"] for row in ledger()}
    with pair.office.database.reading() as session:
        there = {row["record_id"]: row for row in office_ledger(session)}
    assert there[first.record_id]["status"] == Status.DIAMBIL
    assert {record: there[record]["content_sha256"] for record in kept} == kept


@pytest.mark.clause("P29", "P55")
def test_a_stall_restored_from_an_older_card_enrols_again_and_has_every_open_request(pair: Pair) -> None:
    with pair.machine() as counter:
        accept(new_form(), counter.desk())
        pair.sync()
    pair.copy("gerai", "older")
    with pair.machine() as counter:
        lost = accept(new_form("Slamet"), counter.desk())
        pair.sync()
    with pair.machine("older"):
        assert pair.sync().problem == "sync_fork"
        pair.enrol()
        assert pair.sync().problem is None
        assert by_code(lost.code).series == lost.series
        pair.equal()


@pytest.mark.clause("P56")
def test_an_entry_that_is_damaged_beyond_repair_is_named_and_stops_nothing(pair: Pair) -> None:
    with pair.machine() as counter:
        bad, good = accept(new_form(), counter.desk()), accept(new_form("Slamet"), counter.desk())
        with writing() as session:
            broken = update(EntryRow).where(EntryRow.record_id == bad.record_id, EntryRow.kind == str(Kind.ACCEPTED))
            session.execute(broken.values(raw=b"{" + bytes(range(64))))
        assert pair.sync().problem is None
        assert [(one.result, one.problem) for one in refusals()] == [("rejected", "entry_damaged")]
        assert pair.sync().sent == 0
    assert [alarm.kind for alarm in pair.alarms()] == ["entry_damaged"]
    with pair.office.database.reading() as session:
        assert find(session, good.record_id).status == Status.DITERIMA
