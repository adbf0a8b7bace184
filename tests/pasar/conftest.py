"""The stall every test of this folder works at."""

import pytest

from tests.pasar.cast import Budi, make_shop


@pytest.fixture
def shop(tmp_path):
    return make_shop(tmp_path / "gerai", "Budi", "Ani")


@pytest.fixture
def budi(shop):
    return Budi(shop).sign_in()
