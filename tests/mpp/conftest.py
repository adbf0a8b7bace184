"""Headquarters on both of its databases: a SQLite file, and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mpp.cast import Headquarters, StallAtWork, headquarters


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; empty for the embedded file."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("fresh_postgres"))


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Headquarters]:
    """A headquarters that may enrol stalls."""
    made = headquarters(database_url, tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def stall(office: Headquarters) -> StallAtWork:
    """A stall that is enrolled and has begun a shift."""
    return StallAtWork(office)
