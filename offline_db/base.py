"""Knows how the stall's file is reached: one engine, one write lock, reads that never wait; refuses to know tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection
from sqlalchemy.orm import DeclarativeBase, Session

import store.backup
import store.writing
from offline_db.high_water import HighWater
from store.lock import WriteLock
from store.sqlite import ENGINE_OPTIONS, assert_pragmas, made_safe
from sync.chain import Position

_LOCK = "offline_db.lock"
_MARK = "offline_db.mark"
_MOVED = "offline_db.moved"


class Base(DeclarativeBase):
    """What every table of the stall's file is declared on."""


db = SQLAlchemy(model_class=Base)


def bind(app: Flask, path: Path) -> None:
    """Let `db`, `reading` and `writing` use the file at `path` inside this app's contexts. Raises Refused disk_*."""
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{path.resolve()}"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = ENGINE_OPTIONS
    app.extensions[_LOCK] = WriteLock(path.resolve())
    app.extensions[_MARK] = HighWater(path.resolve())
    db.init_app(app)
    with app.app_context():
        assert_pragmas(made_safe(db.engine))


def write_lock() -> WriteLock:
    """Return the lock of the current app's file."""
    lock: WriteLock = current_app.extensions[_LOCK]
    return lock


def file_path() -> Path:
    """Return where the current app's file is; what belongs to it stands beside it under its name."""
    return write_lock().database


def high_water() -> HighWater:
    """Return the marks beside the current app's file."""
    mark: HighWater = current_app.extensions[_MARK]
    return mark


def moved_to(connection: Connection, place: Position) -> None:
    """Say, inside a writing transaction, where the log now ends; the mark follows once that is durable."""
    connection.info[_MOVED] = place


@contextmanager
def writing() -> Iterator[Session]:
    """One durable transaction, and the only way to write. Raises Refused disk_*, store_busy, store_damaged.

    Afterwards `db.session` looks anew, so that a page shows what it has just stored.
    """
    try:
        with store.writing.writing(db.engine, write_lock()) as session:
            facts = session.connection().info
            facts.pop(_MOVED, None)
            yield session
            place = facts.pop(_MOVED, None)
        if place is not None:
            high_water().reached(place)
    finally:
        if db.session.registry.has():
            db.session.rollback()


@contextmanager
def reading() -> Iterator[Session]:
    """A short look of its own at this moment, for what runs long beside the pages; waits for nobody."""
    with Session(db.engine, expire_on_commit=False) as session:
        yield session


def checkpoint() -> bool:
    """Fold the write-ahead log into the file; call it when nobody is being served. False: a reader still needs it."""
    high_water().settle()
    return store.writing.checkpoint(db.engine, write_lock())


def backup(target: Path) -> None:
    """Write a checked copy of this moment, while the stall works on. Raises Refused disk_*, store_damaged."""
    store.backup.backup(db.engine, target)


def integrity() -> list[str]:
    """Return what SQLite finds wrong with the file, nothing when it is sound."""
    return store.backup.integrity(db.engine)
