"""A disk that is full, over a limit or read only: nothing counts as saved, reading works, and so does saving later."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from layanan.problems import Refused
from store.lock import WriteLock
from store.sqlite import open_engine
from store.writing import writing
from tests.conftest import missing

ROOT = Path(__file__).parents[2]


def count(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM note")).scalar()


def save(engine, lock, size=20_000):
    with writing(engine, lock) as session:
        session.execute(text("INSERT INTO note (body) VALUES (:body)"), {"body": os.urandom(size).hex()})


def refused_code(engine, lock):
    try:
        save(engine, lock)
    except Refused as refused:
        return refused.code
    return None


def opened(path):
    engine, lock = open_engine(path), WriteLock(path)
    with writing(engine, lock) as session:
        session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)"))
    return engine, lock


def test_over_a_file_size_limit_nothing_is_saved_and_afterwards_it_works_again(tmp_path):
    engine, lock = opened(tmp_path / "stall.db")
    save(engine, lock)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        saved = 1
        while (code := refused_code(engine, lock)) is None:
            saved += 1
        assert count(engine) == saved
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code in ("disk_error", "disk_full")
    save(engine, lock)
    assert count(engine) == saved + 1
    engine.dispose()


IN_A_SMALL_ROOM = """
import os, pathlib, subprocess, sys
sys.path.insert(0, os.getcwd())
from tests.store.test_full_disk import count, opened, refused_code, save
room = pathlib.Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", room], check=True)
engine, lock = opened(room / "stall.db")
filler = room / "filler"
save(engine, lock)
filler.write_bytes(b"x" * 3_300_000)
saved = 1
while (code := refused_code(engine, lock)) is None:
    saved += 1
print(code, refused_code(engine, lock), count(engine) == saved)
filler.unlink()
save(engine, lock)
print(count(engine) == saved + 1)
engine.dispose()  # the kernel remounts nothing that is open for writing
subprocess.run(["mount", "-o", "remount,bind,ro", room], check=True)
print(refused_code(engine, lock))
subprocess.run(["mount", "-o", "remount,bind,rw", room], check=True)
save(engine, lock)
print(count(engine) == saved + 2)
"""


def test_a_full_disk_and_a_read_only_one_are_named_and_survived_without_a_restart(tmp_path):
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user", "--user"])]
    if subprocess.run([*namespace, "true"], capture_output=True).returncode:
        missing("mount", "The kernel lets this user mount nothing; root can, or a user with user namespaces.")
    run = subprocess.run(
        [*namespace, sys.executable, "-c", IN_A_SMALL_ROOM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.stderr == ""
    assert run.stdout.split("\n")[:-1] == ["disk_full disk_full True", "True", "disk_readonly", "True"]


def test_a_damaged_file_is_named_and_not_touched(tmp_path):
    path = tmp_path / "stall.db"
    path.write_bytes(b"this is no database " * 400)
    with pytest.raises(Refused) as refused:
        open_engine(path)
    assert refused.value.code == "store_damaged"
    assert path.read_bytes() == b"this is no database " * 400
