"""Scans at headquarters on both databases: every chunk once, opened once, shown to whom gives a reason, durable."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

import mpp.db.attachments
from layanan.attachments import MOST_BYTES
from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.access import accesses
from mpp.db.attachments import SqlAttachments, of_record, opened_for
from mpp.db.backup import backup, restore
from mpp.db.database import open_database
from mpp.db.models import Alarm, AttachmentChunk, Capsule, StallEntry
from mpp.db.schema import upgrade
from mpp.keys import wrapped
from sync.attachment_messages import MOST_CHUNK, Asked, Offer, State
from sync.attachment_ports import AttachmentInbox
from sync.entry import Entry
from sync.messages import Item, Sender
from sync.seal import ShiftKey
from tests.mpp.cast import NOW, Headquarters, StallAtWork
from tests.sync.behaviour_attachments import AttachmentInboxBehaviour
from tests.sync.cast_attachments import attached, offer, picture, state_of

PHRASE = "apel buku cincin durian emas fajar gula hujan"


@pytest.fixture
def inbox(office: Headquarters) -> AttachmentInbox:
    return SqlAttachments(office.database, office.keys, office.clock)


@pytest.fixture
def record(stall: StallAtWork) -> str:
    accepted = stall.accept()
    stall.send()
    return accepted


class TestSqlAttachments(AttachmentInboxBehaviour):
    @pytest.fixture
    def inbox(self, office: Headquarters, stall: StallAtWork) -> AttachmentInbox:
        self.stall = stall
        return SqlAttachments(office.database, office.keys, office.clock)

    @pytest.fixture
    def shift(self, stall: StallAtWork) -> ShiftKey:
        return stall.shift

    @pytest.fixture
    def sender(self, stall: StallAtWork) -> Sender:
        return stall.sender()

    @pytest.fixture
    def record(self, stall: StallAtWork) -> str:
        accepted = stall.accept()
        stall.send()
        return accepted

    def entry(self, made: Entry) -> None:
        (answer,) = self.stall.office.inbox.store(self.stall.device, self.stall.batch([Item(made)]))[0]
        assert answer.result == "accepted"

    def alarms(self) -> list[str]:
        with self.stall.office.database.reading() as session:
            return list(session.scalars(select(Alarm.kind)))


def taken(stall: StallAtWork, record: str, plain: bytes, *, seq: int = 900, sent: int | None = None) -> Entry:
    """Headquarters has the entry, and so many bytes of the scan it names; all of them when nothing is said."""
    made, sealed = attached(stall.sender(), seq, record, stall.shift, plain)
    stall.office.inbox.store(stall.device, stall.batch([Item(made)]))
    inbox = SqlAttachments(stall.office.database, stall.office.keys, stall.office.clock)
    for start in range(0, len(sealed) if sent is None else sent, MOST_CHUNK):
        inbox.take(stall.device, offer(stall.sender(), made, (start, sealed[start : start + MOST_CHUNK])))
    return made


@pytest.mark.clause("P114")
def test_two_at_once_of_everything_is_one_scan(inbox: AttachmentInbox, stall: StallAtWork, record: str) -> None:
    made, sealed = attached(stall.sender(), 900, record, stall.shift, picture(300_000))
    stall.office.inbox.store(stall.device, stall.batch([Item(made)]))

    def send(step: int) -> None:
        for start in range(0, len(sealed), step):
            inbox.take(stall.device, offer(stall.sender(), made, (start, sealed[start : start + step])))

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(send, (40_000, 64_000, 64_000))) == [None] * 3
    with stall.office.database.writing() as session:
        assert opened_for(session, stall.office.keys, record, 1, "ratna", "periksa", NOW)[0] == picture(300_000)
        assert session.scalar(select(func.sum(func.length(AttachmentChunk.body)))) == 300_020


@pytest.mark.clause("P116")
def test_a_worker_that_dies_while_checking_loses_nothing_and_after_three_times_it_is_kept_apart(
    inbox: AttachmentInbox, stall: StallAtWork, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def too_much(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(mpp.db.attachments, "verdict", too_much)
        with pytest.raises(Killed):
            taken(stall, record, picture(100_000))
    with stall.office.database.reading() as session:
        (sha,) = session.scalars(select(AttachmentChunk.sha256).distinct())
        entry = session.scalars(select(StallEntry.hash).where(StallEntry.kind == Kind.ATTACHED)).one()
    ask = Offer(stall.sender(), (Asked(sha, entry),))
    with monkeypatch.context() as dying:
        dying.setattr(mpp.db.attachments, "verdict", too_much)
        for _ in range(2):
            with pytest.raises(Killed):
                inbox.take(stall.device, ask)
        (told,) = inbox.take(stall.device, ask)
    assert (told.state, told.problem) == (State.REFUSED, "attachment_unreadable")
    with stall.office.database.reading() as session:
        assert session.scalars(select(Alarm.kind)).all() == ["attachment_unreadable"]
        assert session.scalar(select(func.count()).select_from(AttachmentChunk)) == 1

    again = taken(stall, record, picture(100_000), seq=901)
    with stall.office.database.reading() as session:
        assert [scan.state for scan in of_record(session, record)] == ["refused", "complete"]
    assert again.record == record


def test_killed_after_the_last_chunk_and_before_the_check_the_next_question_checks(
    inbox: AttachmentInbox, stall: StallAtWork, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(SqlAttachments, "_check", lambda *_: None)
        made = taken(stall, record, picture(900))
    assert state_of(inbox.take(stall.device, offer(stall.sender(), made))) == "complete"


def test_an_officer_opens_it_with_a_reason_that_is_written_down(stall: StallAtWork, record: str) -> None:
    taken(stall, record, picture(700_000))
    taken(stall, record, picture(600_000, 1), seq=901, sent=1)
    office = stall.office
    with office.database.writing() as session:
        plain, media = opened_for(session, office.keys, record, 1, "ratna", "periksa", NOW)
        assert (plain, media) == (picture(700_000), "image/jpeg")
        for number in (0, 2, 3):
            with pytest.raises(Refused, match="attachment_missing"):
                opened_for(session, office.keys, record, number, "ratna", "periksa", NOW)
        session.flush()
        assert [(one.officer, one.reason) for one in accesses(session, record)] == [("ratna", "periksa")]
        assert [(scan.number, scan.state, scan.media) for scan in of_record(session, record)] == [
            (1, "complete", "image/jpeg"), (2, "partial", ""),
        ]  # fmt: skip


def test_without_its_capsule_it_is_kept_apart_until_somebody_looks(stall: StallAtWork, record: str) -> None:
    with stall.office.database.writing() as session:
        session.execute(delete(Capsule))
    made, sealed = attached(stall.sender(), 900, record, stall.shift, picture(900))
    stall.office.inbox.store(stall.device, stall.batch([Item(made)]))
    inbox = SqlAttachments(stall.office.database, stall.office.keys, stall.office.clock)
    with stall.office.database.writing() as session:
        session.execute(delete(Capsule))
    assert state_of(inbox.take(stall.device, offer(stall.sender(), made, (0, sealed)))) == "refused"


@pytest.mark.clause("P117")
def test_only_a_verified_backup_makes_it_durable_and_a_restore_brings_it_back(
    office: Headquarters, stall: StallAtWork, record: str, tmp_path: Path
) -> None:
    made = taken(stall, record, picture(MOST_BYTES))
    partial = taken(stall, record, picture(600_000), seq=901, sent=1)
    inbox = SqlAttachments(office.database, office.keys, office.clock)
    assert state_of(inbox.take(stall.device, offer(stall.sender(), made))) == "complete"
    keys = wrapped(office.keys, PHRASE)
    backup(office.database, keys, tmp_path / "one", NOW)
    assert state_of(inbox.take(stall.device, offer(stall.sender(), made))) == "durable"
    assert state_of(inbox.take(stall.device, offer(stall.sender(), partial))) == "partial"

    other = open_database("", tmp_path)
    if office.database.embedded:
        (tmp_path / "other").mkdir()
        other = open_database("", tmp_path / "other")
    upgrade(other)
    restore(other, tmp_path / "one")
    with other.writing() as session:
        assert opened_for(session, office.keys, record, 1, "ratna", "periksa", NOW)[0] == picture(MOST_BYTES)
        assert [scan.state for scan in of_record(session, record)] == ["complete", "partial"]
    other.close()


def test_the_largest_scan_is_in_memory_a_few_times_and_no_more(
    office: Headquarters, stall: StallAtWork, record: str, tmp_path: Path
) -> None:
    """Taking it in, checking it, showing it: its sealed and its open bytes and a chunk; a backup takes a few chunks."""
    plain = picture(MOST_BYTES)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    made, sealed = attached(stall.sender(), 900, record, stall.shift, plain)
    office.inbox.store(stall.device, stall.batch([Item(made)]))
    held = tracemalloc.get_traced_memory()[0]
    inbox = SqlAttachments(office.database, office.keys, office.clock)
    tracemalloc.reset_peak()
    for start in range(0, len(sealed), MOST_CHUNK):
        inbox.take(stall.device, offer(stall.sender(), made, (start, sealed[start : start + MOST_CHUNK])))
    checked = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.reset_peak()
    with office.database.writing() as session:
        opened_for(session, office.keys, record, 1, "ratna", "periksa", NOW)
    shown = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.reset_peak()
    backup(office.database, wrapped(office.keys, PHRASE), tmp_path / "one", NOW)
    saved = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.stop()
    assert held - before < 2.5 * MOST_BYTES
    assert [checked < 2.8 * MOST_BYTES, shown < 2.8 * MOST_BYTES, saved < 2.8 * MOST_BYTES] == [True] * 3, (
        checked, shown, saved,
    )  # fmt: skip


@pytest.mark.clause("P115")
def test_too_many_pieces_are_refused_and_two_stalls_cannot_spoil_each_others(
    office: Headquarters, stall: StallAtWork, record: str, inbox: AttachmentInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sealed = attached(stall.sender(), 900, record, stall.shift, picture(900))
    office.inbox.store(stall.device, stall.batch([Item(made)]))
    monkeypatch.setattr(mpp.db.attachments, "MOST_EXTENTS", 3)
    for start in (0, 20, 40):
        inbox.take(stall.device, offer(stall.sender(), made, (start, sealed[start : start + 1])))
    with pytest.raises(Refused, match="sync_malformed"):
        inbox.take(stall.device, offer(stall.sender(), made, (60, sealed[60:61])))

    other = StallAtWork(office, "bwi")
    theirs = other.accept()
    other.send()
    claim = other.write(Kind.ATTACHED, dict(made.fields), record=theirs).entry
    named = replace(claim, attachments=made.attachments, raw=b"", hash="")
    office.inbox.store(other.device, other.batch([Item(named)]))
    inbox.take(other.device, offer(other.sender(), named, (100, bytes(300))))
    (told,) = inbox.take(stall.device, offer(stall.sender(), made))
    assert told.held == ((0, 1), (20, 21), (40, 41))
    monkeypatch.undo()
    assert state_of(inbox.take(stall.device, offer(stall.sender(), made, (0, sealed)))) == "complete"
