"""Knows how a whole database file is copied, checked and put back; refuses to know its tables."""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from layanan.problems import Refused
from store.failure import refusal, refusal_of_os_error, result_code
from store.lock import WriteLock
from store.sqlite import DriverError, database_path, plain_connection


def integrity(engine: Engine) -> list[str]:
    """Return what SQLite finds wrong with the file and its references, nothing when it is sound.

    It does not see a row that vanished with a damaged log: the chains of the entries do.
    """
    try:
        with engine.connect() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            lost = [f"{row[0]} -> {row[2]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    except DBAPIError as error:
        return [str(error.orig)]
    return [line for line in found if line != "ok"] + lost


def backup(engine: Engine, target: Path) -> None:
    """Write a checked copy of this moment to `target`, while others read and write; an older file is replaced whole.

    Raises Refused disk_* or store_damaged; `target` then is what it was before.
    """
    partial = target.with_name(f".{target.name}.partial")
    with _as_refused(target), _removed_at_the_end(partial):
        _create_private(partial)
        _vacuum_into(database_path(engine), partial)
        _check(partial, "store_damaged")
        _replace(partial, target)


def restore(source: Path, target: Path, lock: WriteLock) -> Path | None:
    """Put a checked copy of `source` in the place of `target`; return where the former file was set aside, if any.

    Nobody may have `target` open: raises Refused store_in_use. Raises backup_missing, backup_damaged
    or disk_*. A power cut leaves the old file or the new one, never a mixture.
    """
    partial = target.with_name(f".{target.name}.partial")
    with lock.held(), _as_refused(target), _removed_at_the_end(partial):
        if not source.is_file():
            raise Refused("backup_missing")
        _create_private(partial)
        _copy_checked(source, partial)
        aside = _set_aside(target) if target.exists() else None
        _replace(partial, target)
    return aside


def _copy_checked(source: Path, partial: Path) -> None:
    try:
        _vacuum_into(source, partial)
        _check(partial, "backup_damaged")
    except DriverError as error:
        raise Refused("backup_damaged") if result_code(error) in (11, 26) else error from None


def _vacuum_into(source: Path, target: Path) -> None:
    # Not immutable: a live file needs its log and its locks to be read truly.
    with closing(plain_connection(source)) as connection:
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("VACUUM INTO ?", (str(target),))


def _check(path: Path, problem: str) -> None:
    with closing(plain_connection(path)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise Refused(problem)
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise Refused(problem)


def _set_aside(target: Path) -> Path:
    aside = target.with_name(f"{target.name}.before-restore-{time.time_ns()}")
    try:
        _fold_and_leave_wal(target)
    except DriverError:
        # Damaged beyond opening: its log is kept beside it, and must not stay where the new file would meet it.
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.replace(f"{target}{ending}", f"{aside}{ending}")
    os.link(target, aside)
    return aside


def _fold_and_leave_wal(target: Path) -> None:
    # Leaving WAL mode needs the file alone: it proves that no other process has it open, and removes the log.
    with closing(plain_connection(target)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except DriverError as error:
            if result_code(error) in (5, 6):
                raise Refused("store_in_use") from None
            raise
        if mode != "delete":
            raise Refused("store_in_use")


def _create_private(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _replace(partial: Path, target: Path) -> None:
    _sync_to_disk(partial)
    os.replace(partial, target)
    if os.name != "nt":
        _sync_to_disk(target.parent)


def _sync_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _removed_at_the_end(partial: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def _as_refused(database: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise refusal_of_os_error(error) from None
    except DriverError as error:
        raise refusal(error, database) or error from None
