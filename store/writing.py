"""Knows the one way to change a database file and to fold its log back; refuses to know what is changed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from store.failure import is_distrusted, refusal
from store.lock import WriteLock
from store.sqlite import BUSY_MILLISECONDS, WRITES, DriverError

_LOG_LIMIT = 16 * 1024 * 1024


@contextmanager
def writing(engine: Engine, lock: WriteLock) -> Iterator[Session]:
    """One durable transaction under the write lock: everything in the block is on disk when it ends, or nothing is.

    Raises Refused disk_full, disk_readonly, disk_error, store_busy or store_damaged. After an I/O error the connection
    is thrown away: a later fsync on it that succeeds would say nothing about the pages of the one that failed.
    """
    with lock.held():
        session = Session(engine, expire_on_commit=False)
        try:
            session.connection(execution_options={WRITES: True})
            yield session
            session.commit()
        except DBAPIError as error:
            session.invalidate() if is_distrusted(error) else session.rollback()
            raise refusal(error, lock.database) or error from None
        finally:
            session.close()
        _fold_long_log(engine)


def checkpoint(engine: Engine, lock: WriteLock) -> bool:
    """Copy the write-ahead log into the file and empty it; False when a reader still needs it (nothing is lost).

    Deleted content leaves the disk here. Raises Refused as `writing` does.
    """
    with lock.held():
        try:
            return _fold_log(engine, "TRUNCATE")
        except DriverError as error:
            raise refusal(error, lock.database) or error from None


def _fold_long_log(engine: Engine) -> None:
    # A bound, not the rule: a busy day without an idle moment must not grow the log for ever.
    with suppress(OSError, DriverError, DBAPIError):  # what was committed is safe in the log; the next one tries again
        if os.stat(f"{engine.url.database}-wal").st_size > _LOG_LIMIT:
            _fold_log(engine, "TRUNCATE")


def _fold_log(engine: Engine, mode: str) -> bool:
    fairy = engine.raw_connection()
    try:
        cursor = fairy.cursor()
        # Readers are not waited for: the lock is held, and a save must not wait for somebody's open page.
        cursor.execute("PRAGMA busy_timeout=0")
        cursor.execute("PRAGMA query_only=0")
        busy, _, _ = cursor.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        return not busy
    except DriverError:
        fairy.invalidate()
        raise
    finally:
        fairy.close()
