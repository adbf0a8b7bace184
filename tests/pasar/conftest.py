"""The stall every test of this folder works at."""

import pytest

from tests.pasar.cast import Budi, copy_shop, make_app, make_shop


@pytest.fixture(scope="session")
def first_shop(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("first") / "gerai", "Budi", "Ani")


@pytest.fixture
def shop(first_shop, tmp_path):
    return copy_shop(first_shop, tmp_path / "gerai")


@pytest.fixture
def budi(shop):
    return Budi(shop).sign_in()


@pytest.fixture
def roll(tmp_path):
    """A plain file that takes whatever is printed."""
    path = tmp_path / "roll"
    path.touch()
    return path


@pytest.fixture
def printing(shop, roll):
    """The shop with a printer and its thread at work."""
    shop.app = make_app(shop.folder, shop.time, printer=f"file:{roll}")
    spooler = shop.app.extensions["pasar"].spooler
    spooler.start(shop.app)
    yield Budi(shop).sign_in()
    spooler.stop()
