"""Knows how one SQLite file is opened safely; refuses to know its tables. The only module that imports `sqlite3`.

A second SQLite library in the process would drop the first one's POSIX locks by closing its own descriptor, hence
one import for everybody. Why the settings are what they are: docs/decisions/0003 and 0004.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from layanan.problems import Refused
from store.failure import refusal, refusal_of_os_error
from store.lock import WriteLock

DriverError = sqlite3.Error
LIBRARY_VERSION = sqlite3.sqlite_version
BUSY_MILLISECONDS = 5000
WRITES = "store_writes"
_PRAGMAS: dict[str, str | int] = {
    "busy_timeout": BUSY_MILLISECONDS,
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "secure_delete": 1,
    "wal_autocheckpoint": 0,
    "journal_size_limit": 4 * 1024 * 1024,
    "temp_store": 2,
}


ENGINE_OPTIONS: dict[str, Any] = {
    "module": sqlite3,
    "connect_args": {"isolation_level": None, "check_same_thread": False},
    "hide_parameters": True,
    "pool_size": 8,
    # The connection that wrote last still knows the pages: another one would read them all again for every save.
    "pool_use_lifo": True,
    "max_overflow": 32,
}
"""How an engine on a database file is made, whoever makes it; `made_safe` does the rest."""


def open_engine(path: Path) -> Engine:
    """Return a safe engine on the file. Raises Refused disk_*, store_damaged."""
    return made_safe(create_engine(URL.create("sqlite", database=str(path)), **ENGINE_OPTIONS))


def made_safe(engine: Engine) -> Engine:
    """Return an engine of ENGINE_OPTIONS with the settings above; a new file is made readable by its owner only.

    Transactions begin deferred and read only (SQLite itself refuses a write), so a reader never waits for a writer
    nor holds one up; `store.writing` alone begins writing ones, with BEGIN IMMEDIATE.
    """
    path = database_path(engine)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    with WriteLock(path).held():
        _first_connection(engine, path)
    return engine


def assert_pragmas(engine: Engine) -> None:
    """Raise Refused store_unsafe naming the first setting that this SQLite did not take over."""
    with engine.connect() as connection:
        for name, wanted in _PRAGMAS.items():
            if connection.exec_driver_sql(f"PRAGMA {name}").scalar() != wanted:
                raise Refused("store_unsafe", setting=name)


def database_path(engine: Engine) -> Path:
    """Return the path of the engine's file."""
    return Path(engine.url.database or "")


def plain_connection(path: Path) -> sqlite3.Connection:
    """Return an autocommit connection for whole-file work (backup, restore); the caller closes it."""
    return sqlite3.connect(path, isolation_level=None, timeout=0)


def _first_connection(engine: Engine, path: Path) -> None:
    # Under the write lock: turning a new file into WAL mode is a write.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        engine.connect().close()
    except OSError as error:
        raise refusal_of_os_error(error) from None
    except (DBAPIError, DriverError) as error:
        raise refusal(error, path) or error from None


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    writes = connection.get_execution_options().get(WRITES, False)
    driver.execute(f"PRAGMA query_only={0 if writes else 1}")
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
