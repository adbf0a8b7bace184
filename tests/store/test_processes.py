"""Several processes at one file, and one that is killed: nothing reported is missing, nobody is told `locked`."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from layanan.problems import Refused
from store.backup import integrity
from store.lock import WriteLock
from store.sqlite import LIBRARY_VERSION, open_engine
from store.writing import checkpoint, writing

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


@pytest.fixture
def engine(tmp_path):
    path = tmp_path / "stall.db"
    engine = open_engine(path)
    with writing(engine, WriteLock(path)) as session:
        session.execute(text("CREATE TABLE note (body TEXT)"))
    checkpoint(engine, WriteLock(path))
    yield engine
    engine.dispose()


def grow(engine, path, rows=3000):
    with writing(engine, WriteLock(path)) as session:
        session.execute(text("INSERT INTO note VALUES (:b)"), [{"b": "x" * 2000}] * rows)


def test_neither_a_commit_nor_a_checkpoint_begins_while_another_process_holds_the_lock(engine, tmp_path):
    path = tmp_path / "stall.db"
    command = [sys.executable, "-c", HOLDER, str(path)]
    holder = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Refused, match="store_busy"):
        checkpoint(engine, WriteLock(path, patience=0.05))
    with pytest.raises(Refused, match="store_busy"), writing(engine, WriteLock(path, patience=0.05)):
        pass
    holder.communicate("\n")
    assert checkpoint(engine, WriteLock(path))


def test_a_big_commit_folds_nothing_and_closing_one_of_two_neither(engine, tmp_path):
    path, log = tmp_path / "stall.db", tmp_path / "stall.db-wal"
    before = path.stat().st_size
    other = open_engine(path)
    grow(other, path)
    assert log.stat().st_size > 1000 * 4096
    other.dispose()
    assert (path.stat().st_size, log.stat().st_size > 1000 * 4096) == (before, True)
    assert checkpoint(engine, WriteLock(path))
    assert path.stat().st_size > before


def test_a_log_beyond_its_bound_is_folded_by_the_writer_itself(engine, tmp_path):
    path, log = tmp_path / "stall.db", tmp_path / "stall.db-wal"
    for _ in range(3):
        grow(engine, path)
    assert path.stat().st_size > 16 * 1024 * 1024
    grow(engine, path, rows=1)
    assert log.stat().st_size <= 4 * 1024 * 1024
