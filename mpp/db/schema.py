"""Knows which version of the tables this code needs and how to get there; refuses to know what the tables are for."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from layanan.problems import Refused
from mpp.db.database import Database, lock_once

NEWEST = "0005"
_LOCK_NUMBER = 0x4D5050


def upgrade(database: Database) -> None:
    """Bring the tables to this code's version in one transaction: after a crash they are old or new, never between.

    Raises Refused("schema_too_new") when a newer release has written this database.
    """
    with database.reading() as session:
        if _version(session) == NEWEST:
            return
    with database.writing() as session:
        lock_once(session, _LOCK_NUMBER)
        _migrate(session)


def is_current(database: Database) -> bool:
    """Say whether the tables are those this code needs."""
    with database.reading() as session:
        return _version(session) == NEWEST


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
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = session.connection()
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise Refused("schema_too_new") from None
