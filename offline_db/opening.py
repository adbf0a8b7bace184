"""Knows how the stall's file is opened: settings, tables of this version, catalogue; refuses to know its use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

import store.backup
from layanan.problems import Refused
from offline_db.base import backup, bind, db, reading, writing
from offline_db.typed import open_catalogue
from store.lock import WriteLock

NEWEST = "0011"
_MIGRATIONS = Path(__file__).parent / "migrations"


def init_app(app: Flask, path: Path) -> None:
    """Open the stall's file for this app, new or old, and bring it to this version.

    Raises Refused disk_*, store_damaged, store_unsafe, store_too_new.
    """
    bind(app, path)
    with app.app_context():
        _upgrade(path)
        open_catalogue()


@contextmanager
def open_stall(path: Path) -> Iterator[None]:
    """The stall's file without a web server around it, for commands. Raises as `init_app`."""
    app = Flask("pasar")
    init_app(app, path)
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def restore(source: Path, path: Path) -> Path | None:
    """Put a checked backup in the place of the stall's file; return where the former file was set aside.

    Raises Refused store_in_use while a server runs, backup_missing, backup_damaged, disk_*.
    """
    return store.backup.restore(source, path.resolve(), WriteLock(path.resolve()))


def _upgrade(path: Path) -> None:
    with reading() as session:
        before = _version(session)
    if before == NEWEST:
        return
    if before:
        backup(path.with_name(f"{path.name}.before-{NEWEST}"))
    with writing() as session:
        if _version(session) != NEWEST:
            _migrate(session)


def _version(session: Session) -> str:
    if not inspect(session.connection()).has_table("alembic_version"):
        return ""
    return str(session.scalar(text("SELECT version_num FROM alembic_version")) or "")


def _migrate(session: Session) -> None:
    # Alembic is loaded only when there is something to migrate: it costs a start more than all the rest of it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = session.connection()
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise Refused("store_too_new") from None
