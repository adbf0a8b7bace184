"""Knows how to reach headquarters' database, PostgreSQL or the embedded SQLite file; refuses to know its tables.

Everything above writes through `writing` or `change` and reads through `reading`, and cannot tell the two apart.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from layanan.problems import Refused
from store.lock import WriteLock
from store.sqlite import assert_pragmas, open_engine
from store.writing import checkpoint, writing

LOG = logging.getLogger("mpp.db")
T = TypeVar("T")
_ATTEMPTS = 5
# https://www.postgresql.org/docs/current/errcodes-appendix.html : serialization_failure, deadlock_detected.
_TRY_AGAIN = ("40001", "40P01")


class Database:
    """One open database. Safe to share between threads; each worker process opens its own."""

    def __init__(self, engine: Engine, lock: WriteLock | None) -> None:
        self.engine = engine
        self._snapshots = engine if lock else engine.execution_options(isolation_level="REPEATABLE READ")
        self._lock = lock

    @property
    def embedded(self) -> bool:
        """True for the SQLite file, which one machine only can use."""
        return self._lock is not None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One snapshot that writes nothing. Raises Refused("server_busy") when PostgreSQL cannot be reached."""
        with _as_refused(), Session(self._snapshots, expire_on_commit=False) as session:
            yield session

    def writing(self) -> AbstractContextManager[Session]:
        """One durable transaction: all of the block or nothing. Raises Refused("server_busy") or disk_*."""
        return writing(self.engine, self._lock) if self._lock else _writing_postgresql(self.engine)

    def change(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one durable transaction, again from the start when the database asks for it."""
        for attempt in range(_ATTEMPTS):
            try:
                with self.writing() as session:
                    return work(session)
            except OperationalError as error:
                if attempt == _ATTEMPTS - 1 or _sqlstate(error) not in _TRY_AGAIN:
                    raise Refused("server_busy") from None
        raise Refused("server_busy")

    def close(self) -> None:
        """Fold the log of the embedded file back and close every connection."""
        if self._lock:
            checkpoint(self.engine, self._lock)
        self.engine.dispose()


def open_database(url: str, folder: Path) -> Database:
    """Open PostgreSQL at `url`, or the SQLite file in `folder` when it is empty. Raises Refused."""
    if url:
        return Database(create_engine(_postgresql(url), pool_pre_ping=True, hide_parameters=True), None)
    path = folder / "mpp.sqlite"
    engine = open_engine(path)
    assert_pragmas(engine)
    return Database(engine, WriteLock(path))


def lock_once(session: Session, number: int) -> None:
    """Hold a lock of this number until the transaction ends; SQLite's writers are alone already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _postgresql(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise Refused("setting_invalid", name="MPP_DATABASE_URL", expected="postgresql://...")
    return parsed.set(drivername="postgresql+psycopg")


@contextmanager
def _writing_postgresql(engine: Engine) -> Iterator[Session]:
    with _as_refused(), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def _as_refused() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if _sqlstate(error) in _TRY_AGAIN:
            raise
        # The text may quote a row, so only its kind is written down.
        LOG.error("database: %s %s", type(error.orig).__name__, _sqlstate(error))
        raise Refused("server_busy") from None


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")
