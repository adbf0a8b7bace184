"""Several processes at one file, and one that is killed: nothing reported is missing, nobody is told `locked`."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from store.backup import integrity
from store.lock import WriteLock
from store.sqlite import LIBRARY_VERSION, open_engine
from store.writing import checkpoint

ROOT = Path(__file__).parents[2]
SAVER = Path(__file__).with_name("saver.py")


def start(path, name, rows, every):
    command = [sys.executable, str(SAVER), str(path), name, str(rows), str(every)]
    return subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def stored(path):
    engine = open_engine(path)
    try:
        assert integrity(engine) == []
        with engine.connect() as connection:
            return {row[0] for row in connection.execute(text("SELECT body FROM note"))}
    finally:
        engine.dispose()


def test_two_processes_writing_and_checkpointing_lose_nothing(tmp_path):
    """The shape of the WAL-reset race (SQLite before 3.51.3): commits beside back-to-back checkpoints."""
    path = tmp_path / "stall.db"
    savers = [start(path, name, 150, 1) for name in ("one", "two")]
    engine, lock = open_engine(path), WriteLock(path)
    while any(saver.poll() is None for saver in savers):
        checkpoint(engine, lock)
        checkpoint(engine, lock)
    engine.dispose()
    printed = set()
    for saver in savers:
        out, err = saver.communicate()
        assert (saver.returncode, err) == (0, "")
        printed |= set(out.split()) - {"ready"}
    assert len(printed) == 300
    assert stored(path) == printed


def test_every_row_reported_by_a_killed_process_is_there(tmp_path):
    path = tmp_path / "stall.db"
    for life in range(4):
        saver = start(path, f"life{life}", 0, 7)
        assert saver.stdout.readline() == "ready\n"
        printed = {saver.stdout.readline().strip() for _ in range(11 + life)}
        time.sleep(0.003 * life)
        saver.kill()
        printed |= {line for line in saver.stdout.read().split("\n")[:-1] if line}
        saver.wait()
        assert printed - stored(path) == set()
        assert len(stored(path) - printed) <= 1 or life


HOLDER = """
import sys
from pathlib import Path
from store.lock import WriteLock
with WriteLock(Path(sys.argv[1]), patience=0.1).held():
    print("held", flush=True)
    input()
"""


def test_a_killed_holder_frees_the_lock(tmp_path):
    path = tmp_path / "stall.db"
    command = [sys.executable, "-c", HOLDER, str(path)]
    holder = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    assert "store_busy" in subprocess.run(command, cwd=ROOT, input="", capture_output=True, text=True).stderr
    holder.kill()
    holder.wait()
    with WriteLock(path, patience=1).held():
        assert path.with_name("stall.db.lock").exists()


LIBRARIES = """
import flask_sqlalchemy, sqlalchemy, sqlite_utils, store.sqlite, alembic
sqlite_utils.Database(memory=True)
mapped = {line.split()[-1] for line in open("/proc/self/maps") if "sqlite3" in line}
print(*sorted(mapped), sep="\\n")
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux lists the libraries of a process")
def test_one_sqlite_library_is_loaded_by_everything_the_stall_imports():
    run = subprocess.run([sys.executable, "-c", LIBRARIES], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [Path(line).name for line in run.stdout.split()]
    assert sum(name.startswith("_sqlite3.") for name in names) <= 1
    assert sum(name.startswith("libsqlite3") for name in names) <= 1
    assert [name for name in names if "pysqlite3" in name or "apsw" in name] == []
    assert tuple(map(int, LIBRARY_VERSION.split("."))) >= (3, 35)
