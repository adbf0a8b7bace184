"""One SQLite file used safely: settings, reads beside a writer, failures by name, backup and restore."""

import os
import stat
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from layanan.problems import Refused
from store.backup import backup, integrity, restore
from store.lock import WriteLock
from store.sqlite import assert_pragmas, open_engine
from store.writing import checkpoint, writing


@pytest.fixture
def path(tmp_path):
    return tmp_path / "stall.db"


@pytest.fixture
def engine(path):
    engine = open_engine(path)
    with writing(engine, WriteLock(path)) as session:
        session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)"))
    yield engine
    engine.dispose()


@pytest.fixture
def lock(path):
    return WriteLock(path)


def add(session, body):
    session.execute(text("INSERT INTO note (body) VALUES (:body)"), {"body": body})


def behind_its_back(engine, *statements):
    fairy = engine.raw_connection()
    for statement in statements:
        fairy.driver_connection.execute(statement)
    fairy.close()


def bodies(engine):
    with engine.connect() as connection:
        return [row[0] for row in connection.execute(text("SELECT body FROM note ORDER BY id"))]


def test_settings_are_taken_and_a_wrong_one_is_named(engine):
    assert_pragmas(engine)
    behind_its_back(engine, "PRAGMA synchronous=OFF")
    with pytest.raises(Refused) as refused:
        assert_pragmas(engine)
    assert (refused.value.code, refused.value.slots) == ("store_unsafe", {"setting": "synchronous"})


def test_the_file_and_its_lock_are_their_owners_alone(engine, path):
    for name in (path, f"{path}.lock"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600


def test_a_block_that_raises_leaves_nothing(engine, lock):
    def half():
        with writing(engine, lock) as session:
            add(session, "half")
            session.flush()
            bodies(42)

    with pytest.raises(AttributeError):
        half()
    assert bodies(engine) == []


def test_a_reading_session_cannot_write_and_the_next_writer_can(engine, lock):
    with Session(engine) as session, pytest.raises(DBAPIError):
        add(session, "sneaked in")
    with writing(engine, lock) as session:
        add(session, "written")
    assert bodies(engine) == ["written"]


def test_a_reader_waits_for_no_writer_and_keeps_its_moment(engine, lock):
    with engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM note")).scalar() == 0
        with writing(engine, lock) as session:
            add(session, "one")
            assert bodies(engine) == []
        assert reader.execute(text("SELECT count(*) FROM note")).scalar() == 0
    assert bodies(engine) == ["one"]


def test_an_error_of_the_database_repeats_no_value(engine, lock):
    with pytest.raises(DBAPIError) as error, writing(engine, lock) as session:
        session.execute(text("INSERT INTO note (id, body) VALUES (:id, :body)"), [{"id": 1, "body": "Siti"}] * 2)
    assert "Siti" not in str(error.value)


def test_the_lock_is_not_reentrant_and_gives_up_in_time(engine, path, lock):
    with lock.held():
        with pytest.raises(RuntimeError), lock.held():
            pass
        with pytest.raises(Refused) as refused, WriteLock(path, patience=0.05).held():
            pass
    assert refused.value.code == "store_busy"
    with lock.held():
        assert True, "free again"


def test_threads_pass_the_lock_on(engine, lock):
    def save(name):
        for number in range(20):
            with writing(engine, lock) as session:
                add(session, f"{name}-{number}")

    threads = [threading.Thread(target=save, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies(engine)) == 80


def test_checkpoint_empties_the_log_unless_a_reader_needs_it(engine, lock, path):
    log = path.with_name("stall.db-wal")
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM note")).scalar()
        with writing(engine, lock) as session:
            add(session, "one")
        assert not checkpoint(engine, lock)
        assert log.stat().st_size > 0
    assert checkpoint(engine, lock)
    assert log.stat().st_size == 0
    assert bodies(engine) == ["one"]


def test_deleted_text_leaves_the_disk_with_a_checkpoint(engine, lock, path):
    with writing(engine, lock) as session:
        add(session, "a very particular sentence")
    with writing(engine, lock) as session:
        session.execute(text("DELETE FROM note"))
    checkpoint(engine, lock)
    assert b"particular" not in path.read_bytes() + path.with_name("stall.db-wal").read_bytes()


def test_backup_of_a_file_in_use_restores_to_the_same(engine, lock, path, tmp_path):
    target = tmp_path / "copy.db"
    with writing(engine, lock) as session:
        add(session, "kept")
    with writing(engine, lock) as session:
        add(session, "not committed yet")
        session.flush()
        backup(engine, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    engine.dispose()
    aside = restore(target, path, lock)
    assert bodies(engine) == ["kept"]
    assert aside is not None
    assert bodies(open_engine(aside)) == ["kept", "not committed yet"]
    assert integrity(engine) == []
    assert [p.name for p in tmp_path.iterdir() if "partial" in p.name] == []


def test_restore_refuses_an_open_file_and_a_damaged_copy(engine, lock, path, tmp_path):
    target = tmp_path / "copy.db"
    with writing(engine, lock) as session:
        for number in range(200):
            add(session, f"line {number} " * 20)
    backup(engine, target)
    with engine.connect() as reader:
        reader.execute(text("SELECT 1 FROM note LIMIT 1")).scalar()
        with pytest.raises(Refused) as in_use:
            restore(target, path, lock)
    assert in_use.value.code == "store_in_use"
    whole = target.read_bytes()
    target.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])
    engine.dispose()
    with pytest.raises(Refused) as damaged:
        restore(target, path, lock)
    assert damaged.value.code == "backup_damaged"
    with pytest.raises(Refused) as missing:
        restore(tmp_path / "none.db", path, lock)
    assert missing.value.code == "backup_missing"
    assert len(bodies(engine)) == 200


def test_a_damaged_file_is_set_aside_with_its_log_never_mixed_with_the_new_one(engine, lock, path, tmp_path):
    target = tmp_path / "copy.db"
    with writing(engine, lock) as session:
        add(session, "kept")
    backup(engine, target)
    engine.dispose()
    path.write_bytes(b"\xff" * 4096)
    path.with_name("stall.db-wal").write_bytes(b"rubbish")
    aside = restore(target, path, lock)
    assert aside is not None and aside.read_bytes() == b"\xff" * 4096
    assert not path.with_name("stall.db-wal").exists() or path.with_name("stall.db-wal").stat().st_size == 0
    assert bodies(engine) == ["kept"]


def test_integrity_names_what_is_wrong(engine, lock, path):
    with writing(engine, lock) as session:
        session.execute(text("CREATE TABLE child (id INTEGER PRIMARY KEY, note INTEGER REFERENCES note (id))"))
    assert integrity(engine) == []
    behind_its_back(engine, "PRAGMA foreign_keys=OFF", "PRAGMA query_only=0", "INSERT INTO child (note) VALUES (99)")
    assert integrity(engine) == ["child -> note"]
