"""Killed, full, or two at once: every receipt that was shown is there, no number is given twice."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import select

from layanan.problems import Refused
from offline_db import db, open_stall
from offline_db.models import PermohonanRow
from offline_db.permohonan import accept, find
from offline_db.selfcheck import selfcheck
from tests.offline_db.desk import new_form, opened

ROOT = Path(__file__).parents[2]
SAVING = Path(__file__).with_name("saving.py")


def start(path, count):
    command = [sys.executable, str(SAVING), str(path), str(count)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def receipts(lines):
    return {tuple(line.split()) for line in lines if line.count(" ") == 2}


def stored():
    rows = db.session.execute(select(PermohonanRow.record_id, PermohonanRow.code, PermohonanRow.series))
    return {tuple(row) for row in rows}


@pytest.mark.faults
def test_every_receipt_of_a_killed_counter_is_stored(path):
    with opened(path):
        pass
    shown = set()
    for life in range(4):
        saving = start(path, 0)
        assert saving.stdout.readline() == "ready\n"
        lines = [saving.stdout.readline() for _ in range(5 + 3 * life)]
        saving.kill()
        out, err = saving.communicate()
        assert err == ""
        shown |= receipts([*lines, *out.split("\n")[:-1]])
    with open_stall(path):
        assert shown - stored() == set()
        assert len(stored()) <= len(shown) + 4
        assert len({row[2] for row in stored()}) == len(stored())
        assert selfcheck() == []


@pytest.mark.faults
def test_two_processes_save_at_once_and_share_no_number(path):
    with opened(path):
        pass
    both = [start(path, 60) for _ in range(2)]
    shown = set()
    for saving in both:
        out, err = saving.communicate()
        assert (saving.returncode, err) == (0, "")
        shown |= receipts(out.split("\n"))
    with open_stall(path):
        assert shown == stored()
        assert len({row[2] for row in shown}) == 120
        assert selfcheck() == []


def test_eight_taps_at_once_are_one_record(path, headquarters):
    form, answers = new_form(), []
    with opened(path, headquarters) as counter:
        app, desk = current_app._get_current_object(), counter.desk()

        def tap():
            with app.app_context():
                answers.append(accept(form, desk))

        taps = [threading.Thread(target=tap) for _ in range(8)]
        for one in taps:
            one.start()
        for one in taps:
            one.join()
        assert len({answer.code for answer in answers}) == 1
        assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7
        assert not any(answer.differs for answer in answers)
        assert len(stored()) == 1


def test_without_room_there_is_no_receipt_and_with_room_it_goes_on(counter):
    before = accept(new_form(), counter.desk())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    form = new_form()
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(Refused, match=r"disk_(full|error)"):
            accept(form, counter.desk())
        assert find(before.record_id).code == before.code
        assert find(form.record_id) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert accept(form, counter.desk()).series == "GTG-261121-0002"
    assert selfcheck() == []
