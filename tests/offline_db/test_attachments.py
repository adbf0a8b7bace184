"""Scans at the stall: with their entry or not at all, once however often, kept until they are durable."""

import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import func, select

from layanan.attachments import MOST_BYTES
from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import checkpoint, db, open_stall, writing
from offline_db.attachment_pieces import PIECE
from offline_db.attachments import SqliteAttachments, add, of_record
from offline_db.models import AttachmentPieceRow, AttachmentRow, EntryRow
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept, cancel
from offline_db.prune import note_durable, prune
from offline_db.selfcheck import Finding, selfcheck
from sync.attachment_messages import State, Told
from sync.entry import Entry
from sync.messages import Result
from tests.offline_db.desk import MORNING, new_form, opened
from tests.offline_db.office import acknowledge_all
from tests.offline_db.test_prune import in_any_file
from tests.sync.behaviour_attachments import AttachmentOutboxBehaviour
from tests.sync.cast_attachments import JPEG, picture

ROOT = Path(__file__).parents[2]
DAY = timedelta(hours=24)


class TestSqliteAttachments(AttachmentOutboxBehaviour):
    @pytest.fixture
    def port(self, counter):
        self.counter = counter
        self.record = accept(new_form(), counter.desk()).record_id
        return SqliteAttachments()

    def attach(self, port, plain):
        return add(self.record, plain, self.counter.desk()).sha256

    def answer(self, port):
        acknowledge_all()


@pytest.fixture
def record(counter):
    return accept(new_form(), counter.desk()).record_id


def count(row):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(row))


def hear(sha, state, at=MORNING, **more):
    SqliteAttachments().told([Told(sha, state, **more)], at, at)


@pytest.mark.clause("P110", "P111")
def test_the_entry_names_the_sealed_bytes_and_says_nothing_of_the_picture(counter, record):
    sha = add(record, picture(100_000), counter.desk(), paper=2).sha256
    raw = db.session.scalar(select(EntryRow.raw).where(EntryRow.kind == Kind.ATTACHED))
    entry = Entry.decode(raw)
    assert (entry.record, entry.attachments, entry.sealed) == (record, (sha,), None)
    assert entry.fields == {"media": "image/jpeg", "size": 100_020, "key": counter.desk().shift.id, "paper": 2}
    opened = counter.ring.keys[entry.fields["key"]]
    sealed = SqliteAttachments().read(sha, 0, 200_000)
    assert opened.open_attachment(sealed, record=record) == picture(100_000)
    assert selfcheck() == []


def test_nothing_of_the_picture_reaches_the_disk_unsealed(enrolled_path):
    with opened(enrolled_path) as counter:
        plain = picture(200_000)
        add(accept(new_form(), counter.desk()).record_id, plain, counter.desk())
        checkpoint()
        assert in_any_file(enrolled_path, [plain]) == []


def test_the_same_scan_twice_is_one_attachment_and_two_requests_each_have_theirs(counter, record):
    first = add(record, picture(900), counter.desk())
    again = add(record, picture(900), counter.desk())
    assert (again.sha256, first.repeated, again.repeated) == (first.sha256, False, True)
    other = accept(new_form(), counter.desk()).record_id
    assert not add(other, picture(900), counter.desk()).repeated
    assert not add(record, picture(901), counter.desk()).repeated
    assert count(AttachmentRow) == 3
    assert SqliteOutbox().counts().stored == 6


def test_the_same_scan_is_known_again_after_a_restart_on_the_same_day(enrolled_path):
    with opened(enrolled_path) as counter:
        record = accept(new_form(), counter.desk()).record_id
        first = add(record, picture(900), counter.desk())
    with opened(enrolled_path) as counter:
        assert add(record, picture(900), counter.desk()).sha256 == first.sha256


def test_two_at_once_of_the_same_scan_are_one(counter, record):
    desks, found = [counter.desk(), counter.desk()], []
    app = current_app._get_current_object()

    def attach(desk):
        with app.app_context():
            found.append(add(record, picture(300_000), desk).sha256)

    threads = [threading.Thread(target=attach, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 == count(AttachmentRow)


@pytest.mark.clause("P111")
def test_what_cannot_be_attached_leaves_nothing(counter, record):
    closed = accept(new_form(), counter.desk()).record_id
    cancel(closed, "salah", counter.desk())
    before = SqliteOutbox().counts().stored
    attempts = [(record, b"GIF89a", "attachment_type"), ("00", JPEG, "permohonan_unknown")]
    attempts += [(record, JPEG.ljust(MOST_BYTES + 1), "attachment_too_large"), (closed, JPEG, "already_closed")]
    for where, plain, code in attempts:
        with pytest.raises(Refused, match=code):
            add(where, plain, counter.desk())
    assert (count(AttachmentRow), count(AttachmentPieceRow), SqliteOutbox().counts().stored) == (0, 0, before)


def test_the_largest_is_read_in_pieces(counter, record):
    sha = add(record, picture(MOST_BYTES), counter.desk()).sha256
    port = SqliteAttachments()
    assert port.is_whole(sha)
    assert len(port.read(sha, MOST_BYTES - 100, 256 * 1024)) == 120
    longest = db.session.scalar(select(func.max(func.length(AttachmentPieceRow.body))))
    assert longest == PIECE


@pytest.mark.clause("P112")
def test_a_scan_of_an_entry_that_was_rejected_is_not_offered(counter, record):
    acknowledge_all()
    add(record, picture(900), counter.desk())
    acknowledge_all(Result.REJECTED, "entry_not_yours")
    assert SqliteAttachments().unsettled(0, 20, MORNING) == []


def test_the_counter_sees_how_far_each_is(counter, record):
    shas = [add(record, picture(size, size), counter.desk()).sha256 for size in (980, 990, 1_000)]
    acknowledge_all()
    assert [(scan.percent, scan.state) for scan in of_record(record)] == [(0, "waiting")] * 3
    hear(shas[0], State.PARTIAL, held=((0, 250), (500, 750)))
    hear(shas[1], State.COMPLETE)
    hear(shas[2], State.REFUSED, problem="attachment_unreadable")
    db.session.rollback()
    scans = of_record(record)
    assert [scan.sha256 for scan in scans] == shas
    assert [(s.percent, s.state, s.problem) for s in scans] == [
        (50, "waiting", None), (100, "complete", None), (0, "refused", "attachment_unreadable"),
    ]  # fmt: skip


@pytest.mark.clause("P116")
def test_a_scan_that_was_damaged_on_the_disk_is_found_said_and_can_be_taken_again(counter, record):
    sha = add(record, picture(100_000), counter.desk()).sha256
    acknowledge_all()
    with writing() as session:
        session.connection().exec_driver_sql("UPDATE attachment_piece SET body = zeroblob(65536) WHERE start = 0")
    assert selfcheck() == [Finding("scan", sha[:16])]
    assert not SqliteAttachments().is_whole(sha)
    db.session.rollback()
    assert [scan.problem for scan in of_record(record)] == ["attachment_damaged"]
    assert SqliteAttachments().unsettled(0, 20, MORNING) == []
    assert selfcheck() == []
    assert not add(record, picture(100_000), counter.desk()).repeated


@pytest.mark.clause("P117")
def test_bytes_go_a_day_of_headquarters_time_after_it_held_them_durably(enrolled_path):
    with opened(enrolled_path) as counter:
        record = accept(new_form(), counter.desk()).record_id
        durable, complete = (add(record, picture(70_000, n), counter.desk()).sha256 for n in (1, 2))
        acknowledge_all()
        sealed = SqliteAttachments().read(durable, 0, 100_000)
        hear(complete, State.COMPLETE)
        for hours, kept in ((0, 2), (23, 2), (24, 1)):
            hear(durable, State.DURABLE, MORNING + timedelta(hours=min(hours, 1)))
            note_durable(MORNING + timedelta(hours=hours))
            assert prune() == 2 - kept
            assert count(AttachmentPieceRow) == 2 * kept
        assert in_any_file(enrolled_path, [sealed]) == []
        assert [scan.state for scan in of_record(record)] == ["pruned", "complete"]
        hear(durable, State.UNKNOWN)
        assert [scan.state for scan in of_record(record)] == ["pruned", "complete"]
        assert selfcheck() == []


KILLED = """
import os, pathlib, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from offline_db.attachments import add
from tests.offline_db.desk import opened
from tests.sync.cast_attachments import picture
seen = 0
def kill(connection, cursor, statement, *rest):
    global seen
    seen += statement.lstrip().startswith(("INSERT", "UPDATE"))
    if seen == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
with opened(pathlib.Path(sys.argv[1])) as counter:
    if int(sys.argv[3]) < 9:
        event.listen(Engine, "before_cursor_execute", kill)
    add(sys.argv[2], picture(400_000), counter.desk())
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", [1, 4, 5, 6, 9])
def test_killed_anywhere_a_scan_is_there_with_its_entry_or_neither_is(enrolled_path, moment):
    with opened(enrolled_path) as counter:
        record = accept(new_form(), counter.desk()).record_id
    command = [sys.executable, "-c", KILLED, str(enrolled_path), record, str(moment)]
    died = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    with open_stall(enrolled_path):
        named = [sha for raw in db.session.scalars(select(EntryRow.raw)) for sha in Entry.decode(raw).attachments]
        assert [scan.sha256 for scan in of_record(record)] == named
        assert len(named) == (moment == 9)
        assert count(AttachmentPieceRow) == 7 * len(named)
        assert selfcheck() == []
    with opened(enrolled_path) as counter:
        assert add(record, picture(400_000), counter.desk()).repeated == (moment == 9)


def test_the_largest_scan_is_in_memory_once_more_while_it_is_added_and_never_while_it_is_sent(counter, record):
    plain = picture(MOST_BYTES)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    sha = add(record, plain, counter.desk()).sha256
    added = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.reset_peak()
    port = SqliteAttachments()
    assert port.is_whole(sha)
    assert sum(len(port.read(sha, at, 256 * 1024)) for at in range(0, MOST_BYTES + 20, 256 * 1024)) == MOST_BYTES + 20
    sent = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert added < 1.5 * MOST_BYTES
    assert sent < 0.4 * MOST_BYTES
