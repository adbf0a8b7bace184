"""The history of the tables: it ends at the models, keeps what is stored, and a kill leaves old or new."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from layanan.antrean import Lane
from layanan.problems import Refused
from layanan.survei import nothing
from offline_db import Base, open_stall, writing
from offline_db.antrean import take
from offline_db.attachments import add
from offline_db.berkas import send, sending, waiting
from offline_db.courier import SqliteCourier
from offline_db.drafts import draft, put_draft, unfinished
from offline_db.opening import NEWEST
from offline_db.parcels import keep_parcel
from offline_db.permohonan import accept, find
from offline_db.phone_key import kit
from offline_db.print_job import PrintState, ask_print
from offline_db.receipt_lost import found_on
from offline_db.selfcheck import selfcheck
from offline_db.survei import counted
from offline_db.tutup_hari import closed_days
from store.sqlite import open_engine
from tests.offline_db.desk import MORNING, new_form, opened
from tests.sync.cast_attachments import JPEG

ROOT = Path(__file__).parents[2]
STEPS = ScriptDirectory(str(ROOT / "offline_db/migrations"))
TYPED = "3b241101-e2bb-4255-8caf-4136c566a962"
CATALOGUE = ("service", "agency", "sqlite_", "_")


def ours(obj, name, kind, reflected, compared):
    return kind != "table" or name in Base.metadata.tables


def test_from_empty_the_steps_lead_to_the_models(path):
    with open_stall(path):
        pass
    engine = open_engine(path)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
    engine.dispose()


def test_the_steps_are_one_line_that_ends_at_the_version_this_code_needs():
    assert STEPS.get_heads() == [NEWEST]
    assert len(list(STEPS.walk_revisions())) == int(NEWEST)


def test_step_0001_holds_a_whole_permohonan(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
    with open_stall(path):
        assert find(stored.record_id).code == stored.code
        assert selfcheck() == []


def test_step_0002_adds_the_couriers_memory_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0001")
    with open_stall(path):
        assert SqliteCourier().begin() == 1
        assert find(stored.record_id).code == stored.code
        assert selfcheck() == []


def test_step_0003_adds_the_scans_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0002")
    with opened(path) as counter:
        assert not add(stored.record_id, JPEG, counter.desk()).repeated
        assert find(stored.record_id).code == stored.code
        assert selfcheck() == []


def test_step_0004_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0003")
    with open_stall(path):
        assert find(stored.record_id).code == stored.code
        assert selfcheck() == []


def test_step_0005_adds_the_print_jobs_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0004")
    with open_stall(path):
        assert ask_print("tanda_terima", stored.record_id, MORNING).state == PrintState.QUEUED
        assert selfcheck() == []


def test_step_0006_adds_the_queue_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0005")
    with open_stall(path):
        assert take("tap", Lane.ORDINARY, "2026-11-21").text == "A 1"
        assert find(stored.record_id).code == stored.code


def test_step_0007_adds_the_sheets_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0006")
    with open_stall(path):
        assert closed_days() == []
        assert find(stored.record_id).code == stored.code


def test_step_0008_adds_the_log_of_lost_receipts_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0007")
    with open_stall(path):
        assert found_on("2026-11-21") == 0
        assert find(stored.record_id).code == stored.code


def test_step_0009_adds_the_survey_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        back_to("0008")
    with open_stall(path):
        assert counted("2026-11-21") == nothing()
        assert find(stored.record_id).code == stored.code


def test_step_0010_adds_the_lists_of_folders_and_keeps_what_is_stored(path):
    with opened(path) as counter:
        stored = accept(new_form(papers=((0, "ditinggal"),)), counter.desk())
        back_to("0009")
    with opened(path) as counter:
        assert [one.folder.record for one in waiting()["DUKCAPIL"]] == [stored.record_id]
        assert sending(send("DUKCAPIL", counter.desk())).number == "GTG-B1"
        assert selfcheck() == []


def test_step_0011_adds_parcels_and_keeps_what_is_stored_and_what_is_typed(path):
    with opened(path) as counter:
        stored = accept(new_form(), counter.desk())
        put_draft(TYPED, {"layanan": "DKC-01", "pemohon_name": "Siti"}, counter.desk())
        back_to("0010")
    with opened(path) as counter:
        assert draft(TYPED, counter.ring.keys)["pemohon_name"] == "Siti"
        put_draft(TYPED, {"layanan": "DKC-01", "pemohon_name": "Siti Aminah"}, counter.desk())
        assert [each.operator for each in unfinished(counter.ring.keys)] == ["Budi"]
        assert not keep_parcel(TYPED, "Budi", "0123456789abcdef", b"x", MORNING).known
        with pytest.raises(Refused, match="parcel_key_gone"):
            kit("Budi")
        assert find(stored.record_id).code == stored.code
        assert selfcheck() == []


UNDONE = {
    "0011": [
        "DROP TABLE parcel", "DROP TABLE phone_key",
        *(f"ALTER TABLE draft DROP COLUMN {name}" for name in ("operator", "at", "revision", "made", "page", "parcel")),
    ],
    "0010": ["DROP TABLE berkas_folder", "DROP TABLE berkas_list"],
    "0009": ["DROP TABLE survei"],
    "0008": ["DROP TABLE receipt_lost"],
    "0007": ["DROP TABLE tutup_hari"],
    "0006": ["DROP TABLE antrean", "DROP TABLE antrean_kind"],
    "0005": ["DROP TABLE print_job"],
    "0004": [
        "ALTER TABLE courier_frame DROP COLUMN gives_back", "ALTER TABLE book DROP COLUMN common",
        "ALTER TABLE log DROP COLUMN lost_seq", "DROP TABLE damaged", "DROP TABLE kept_catalogue",
    ],
    "0003": ["DROP TABLE attachment_piece", "DROP TABLE attachment"],
    "0002": ["DROP TABLE courier_frame"],
}  # fmt: skip
"""What takes a step back, newest first."""


def back_to(version):
    with writing() as session:
        statements = [each for step, undoing in UNDONE.items() if step > version for each in undoing]
        for statement in [*statements, f"UPDATE alembic_version SET version_num = '{version}'"]:
            session.connection().exec_driver_sql(statement)


def test_every_step_has_a_test_with_stored_requests_in_it():
    here = Path(__file__).read_text(encoding="utf-8")
    for step in STEPS.walk_revisions():
        assert f"def test_step_{step.revision}_" in here


def test_a_file_of_a_newer_version_is_left_alone(path):
    with open_stall(path), writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="store_too_new"), open_stall(path):
        pass


def test_a_start_that_needs_no_step_loads_no_alembic(path):
    with open_stall(path):
        pass
    code = (
        "import pathlib, sys, offline_db\n"
        f"with offline_db.open_stall(pathlib.Path({str(path)!r})): pass\n"
        "print('alembic' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


KILLED = """
import os, pathlib, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
seen = 0
@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *rest):
    global seen
    seen += statement.lstrip().startswith(("CREATE", "INSERT INTO alembic", "UPDATE alembic"))
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
import offline_db
with offline_db.open_stall(pathlib.Path(sys.argv[1])):
    pass
"""


@pytest.mark.parametrize("moment", [1, 4, 12, 20])
def test_killed_in_the_middle_of_a_step_the_next_start_completes_it(path, moment):
    command = [sys.executable, "-c", KILLED, str(path), str(moment)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == -9
    with opened(path) as counter:
        assert accept(new_form(), counter.desk()).series == "GTG-261121-0001"
        assert selfcheck() == []
