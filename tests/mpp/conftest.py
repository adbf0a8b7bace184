"""Headquarters on both of its databases, and as a running site that officers visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mpp.cast import Headquarters, StallAtWork, headquarters
from tests.mpp.site import Site, open_site


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


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Headquarters on SQLite behind a real socket."""
    with open_site(tmp_path) as made:
        yield made
