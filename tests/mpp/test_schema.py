"""The migrations build exactly the tables the code knows, on both databases, and leave rows as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

import mpp.db.schema
from layanan.problems import Refused
from mpp.db.database import Database, open_database
from mpp.db.models import Base
from mpp.db.schema import is_current, upgrade
from tests.mpp.cast import Headquarters, StallAtWork


def test_up_from_nothing_equals_the_tables_in_the_code(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url, tmp_path)
    assert not is_current(database)
    upgrade(database)
    assert is_current(database)
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_up_again_changes_no_row(office: Headquarters, stall: StallAtWork) -> None:
    stall.accept()
    stall.send()

    def rows() -> dict[str, list[str]]:
        with office.database.reading() as session:
            return {t.name: sorted(map(repr, session.execute(t.select()))) for t in Base.metadata.sorted_tables}

    before = rows()
    with office.database.writing() as session:
        mpp.db.schema._migrate(session)
    upgrade(office.database)
    assert rows() == before
    assert before["permohonan"]


def test_a_newer_releases_database_is_left_alone(office: Headquarters) -> None:
    with office.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="schema_too_new"):
        upgrade(office.database)


def test_a_crash_in_the_middle_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    """The version is written last; a migration that dies before it leaves an empty database, and the next one works."""
    database = open_database(database_url, tmp_path)
    with pytest.raises(_Crash):
        _migrated_until_a_crash(database)
    assert _tables(database) == 0
    upgrade(database)
    assert _tables(database) > 10
    database.close()


class _Crash(Exception):
    pass


def _migrated_until_a_crash(database: Database) -> None:
    with database.writing() as session:
        mpp.db.schema._migrate(session)
        raise _Crash


def _tables(database: Database) -> int:
    with database.reading() as session:
        return len(inspect(session.connection()).get_table_names())
