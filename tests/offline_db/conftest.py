"""The stall every test of this folder works at: made once, then copied."""

import shutil

import pytest

from offline_db import open_stall
from tests.offline_db.desk import Headquarters, enrol, opened


@pytest.fixture(scope="session")
def headquarters():
    return Headquarters()


@pytest.fixture(scope="session")
def first_morning(tmp_path_factory, headquarters):
    """The file and Budi's pass-phrase as they are before the first request."""
    path = tmp_path_factory.mktemp("first") / "gerai.sqlite"
    with open_stall(path):
        enrol(path, headquarters)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gerai.sqlite"


@pytest.fixture
def enrolled_path(path, first_morning):
    for name in (first_morning, first_morning.with_suffix(".phrase")):
        shutil.copy(name, path.parent / name.name)
    return path


@pytest.fixture
def counter(enrolled_path):
    with opened(enrolled_path) as counter:
        yield counter
