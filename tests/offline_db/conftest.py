"""The stall every test of this folder works at."""

import pytest

from tests.offline_db.desk import Headquarters, opened


@pytest.fixture
def headquarters():
    return Headquarters()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gerai.sqlite"


@pytest.fixture
def counter(path, headquarters):
    with opened(path, headquarters) as counter:
        yield counter
