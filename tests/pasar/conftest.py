"""The stall every test of this folder works at."""

import pytest

from tests.pasar.cast import Budi, copy_shop, make_shop


@pytest.fixture(scope="session")
def first_shop(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("first") / "gerai", "Budi", "Ani")


@pytest.fixture
def shop(first_shop, tmp_path):
    return copy_shop(first_shop, tmp_path / "gerai")


@pytest.fixture
def budi(shop):
    return Budi(shop).sign_in()
