"""What is pruned is gone from the file, never too early, and a prune that is killed has lost nothing."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from offline_db import checkpoint, db, open_stall, writing
from offline_db.drafts import put_draft
from offline_db.models import DraftRow, EntryRow
from offline_db.permohonan import accept
from offline_db.prune import note_durable, prune
from offline_db.selfcheck import selfcheck
from sync.messages import Result
from tests.offline_db.desk import new_form, opened
from tests.offline_db.office import acknowledge_all

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
ROOT = Path(__file__).parents[2]


def durable_up_to(seq):
    with writing() as session:
        session.connection().exec_driver_sql("UPDATE log SET durable_seq = ?", (seq,))


def kept():
    return db.session.scalar(select(func.count()).where(EntryRow.sealed.is_not(None)))


def a_day_later(counter, number, durable):
    for _ in range(number):
        accept(new_form(), counter.desk())
    acknowledge_all()
    durable_up_to(durable)
    note_durable(NOON)
    note_durable(NOON + DAY)


def in_any_file(path, parts):
    """Which of the parts stand, whole or by a piece of 24 bytes, in the file or in its log."""
    wal = path.with_name(f"{path.name}-wal")
    stored = path.read_bytes() + (wal.read_bytes() if wal.exists() else b"")
    pieces = [part[at : at + 24] for part in parts for at in range(0, len(part) - 24, 24)]
    return [piece for piece in pieces if piece in stored]


@pytest.mark.clause("P48", "P73")
def test_pruned_bytes_are_gone_from_the_file_and_its_log(enrolled_path):
    with opened(enrolled_path) as counter:
        a_day_later(counter, 30, durable=31)
        parts = db.session.scalars(select(EntryRow.sealed).where(EntryRow.sealed.is_not(None))).all()
        db.session.rollback()
        checkpoint()
        assert in_any_file(enrolled_path, parts)
        assert prune() == 30
        assert in_any_file(enrolled_path, parts) == []
        assert (kept(), selfcheck(), prune()) == (0, [], 0)


@pytest.mark.clause("P48", "P73")
@pytest.mark.parametrize(
    "durable, waited, left",
    [(4, DAY, 0), (3, DAY, 1), (0, DAY, 3), (4, DAY - timedelta(seconds=1), 3), (4, -timedelta(days=3650), 3)],
)
def test_nothing_goes_before_the_durable_mark_and_a_day_of_headquarters_time(counter, durable, waited, left):
    for _ in range(3):
        accept(new_form(), counter.desk())
    acknowledge_all()
    durable_up_to(durable)
    note_durable(NOON)
    note_durable(NOON + waited)
    prune()
    assert kept() == left


@pytest.mark.clause("P48", "P73")
def test_a_headquarters_that_went_back_takes_the_permission_with_it(counter):
    a_day_later(counter, 3, durable=4)
    durable_up_to(2)
    assert prune() == 1
    note_durable(NOON + 2 * DAY)
    durable_up_to(4)
    note_durable(NOON + 2 * DAY + timedelta(hours=2))
    assert (prune(), kept()) == (0, 2)


@pytest.mark.clause("P73")
@pytest.mark.parametrize("result", [Result.REJECTED, Result.CONFLICT, Result.WAITING])
def test_what_headquarters_did_not_take_stays_whole(counter, result):
    accept(new_form(), counter.desk())
    acknowledge_all(result, "entry_not_yours")
    durable_up_to(2)
    note_durable(NOON)
    note_durable(NOON + DAY)
    assert (prune(), kept()) == (0, 1)


def test_a_draft_that_can_still_be_opened_stays_and_a_dead_one_goes(counter):
    put_draft("00000000-0000-4000-8000-000000000001", {"pemohon_name": "Siti"}, counter.desk())
    prune()
    assert db.session.scalar(select(func.count()).select_from(DraftRow)) == 1
    db.session.rollback()
    with writing() as session:
        session.connection().exec_driver_sql("UPDATE draft SET key = '0123456789abcdef'")
    prune()
    assert db.session.scalar(select(func.count()).select_from(DraftRow)) == 0


KILLED_IN_BETWEEN = """
import os, pathlib, signal, sys
import offline_db.prune as pruning
from offline_db import open_stall
pruning._AT_ONCE = 7
after = int(sys.argv[2])
done = 0
true_some = pruning._some
def counted(*place):
    global done
    if done == after:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    return true_some(*place)
pruning._some = counted
with open_stall(pathlib.Path(sys.argv[1])):
    pruning.prune()
"""


@pytest.mark.parametrize("after", [0, 1, 3])
def test_killed_in_the_middle_the_next_one_goes_on(enrolled_path, after):
    with opened(enrolled_path) as counter:
        a_day_later(counter, 25, durable=26)
        parts = db.session.scalars(select(EntryRow.sealed).where(EntryRow.sealed.is_not(None))).all()
    child = [sys.executable, "-c", KILLED_IN_BETWEEN, str(enrolled_path), str(after)]
    run = subprocess.run(child, cwd=ROOT, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run.returncode == -signal.SIGKILL, run.stderr
    with open_stall(enrolled_path):
        assert (kept(), selfcheck()) == (25 - 7 * after, [])
        db.session.rollback()
        assert prune() == 25 - 7 * after
    assert in_any_file(enrolled_path, parts) == []
