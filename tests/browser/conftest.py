"""The stalls and phones of these tests, one for each module: a morning with its https door, and a stall behind WiFi."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.away import Phone, Stall, stall_with_wifi
from tests.browser.phone import Door, secure_door
from tests.browser.stage import Stage, staged
from tests.pasar.cast import Shop, make_shop


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("gerai") / "gerai") as stage:
        yield stage


@pytest.fixture(scope="module")
def door(stage: Stage) -> Iterator[Door]:
    with secure_door(stage.shop.app, stage.shop.folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return make_shop(tmp_path_factory.mktemp("away") / "gerai", "Budi", "Ani")


@pytest.fixture(scope="module")
def stall(shop: Shop) -> Iterator[Stall]:
    with stall_with_wifi(shop) as stall:
        yield stall


@pytest.fixture(scope="module")
def phone(playwright: Any, chromium: str, stall: Stall, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """One phone through all of a module, as an operator's is."""
    opened = Phone(playwright, chromium, tmp_path_factory.mktemp("phone"), stall)
    yield opened
    opened.close()
