"""Headquarters' screens in a real browser: accessible on a phone and on a laptop, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.axe import flaws
from tests.browser.looks import FITS, LEFT_OVER, LOOKS, OUTSIDE, SMALL_WORDS, Look
from tests.mpp.screens import DESK_OF_AGUS, DESK_OF_RATNA, DOOR, chosen, enter, furnished
from tests.mpp.site import Site, open_site

Show = Callable[[Any, Site, dict[str, str]], None]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str]]]:
    """A site with a morning behind it, shared: pages are only looked at."""
    with open_site(tmp_path_factory.mktemp("mpp")) as site:
        yield site, furnished(site)


@pytest.mark.parametrize("wide", [False, pytest.param(True, marks=pytest.mark.full)], ids=["phone", "laptop"])
@pytest.mark.parametrize(("login", "screens"), [("", DOOR), ("agus", DESK_OF_AGUS), ("ratna", DESK_OF_RATNA)])
def test_every_screen_is_accessible(
    busy: tuple[Site, dict[str, str]], page: Any, desk_page: Any, login: str, screens: dict[str, Show], wide: bool
) -> None:
    shown = desk_page if wide else page
    site, records = busy
    if login:
        enter(shown, site, login)
    for name, show in screens.items():
        if name == "10-berubah":
            records = records | {"baru": site.taken()}
        show(shown, site, records)
        assert not (found := flaws(shown)), f"{name}: {found}"
        assert shown.evaluate(FITS), name


FEW = {"": ("02-masuk-salah",), "agus": ("03-daftar", "09-kurang-isi", "12-perlu-dilihat"), "ratna": ("15-gerai",)}
WRITTEN = {"13-ditolak"}
"""Screens on which an officer's own Indonesian words stand inside a sentence."""
DESKS = (("", DOOR), ("agus", DESK_OF_AGUS), ("ratna", DESK_OF_RATNA))


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


def looked_at(site: Site, records: dict[str, str], page: Any, look: Look, screens: dict[str, Show]) -> None:
    for name, show in screens.items():
        look.take_off(page)
        show(page, site, records | {"baru": site.taken()} if name == "10-berubah" else records)
        look.put_on(page, site.url)
        assert not (found := flaws(page)), f"{name}, {look.name}: {found}"
        assert page.evaluate(FITS), f"{name}, {look.name}"
        assert page.evaluate(OUTSIDE) == [], f"{name}, {look.name}"
        if look.english and name not in WRITTEN:
            assert page.evaluate(LEFT_OVER, SMALL_WORDS) == [], name


@pytest.mark.parametrize(
    ("login", "screens"),
    [desk if desk[0] == "agus" else pytest.param(*desk, marks=pytest.mark.full) for desk in DESKS],
)
def test_a_few_screens_in_every_look(
    busy: tuple[Site, dict[str, str]], page: Any, look: Look, login: str, screens: dict[str, Show]
) -> None:
    site, records = busy
    if login:
        enter(page, site, login)
    looked_at(site, records, page, look, {name: screens[name] for name in FEW[login]})


@pytest.mark.full
@pytest.mark.parametrize(("login", "screens"), DESKS)
def test_all_screens_in_every_look(
    busy: tuple[Site, dict[str, str]], page: Any, look: Look, login: str, screens: dict[str, Show]
) -> None:
    site, records = busy
    if login:
        enter(page, site, login)
    looked_at(site, records, page, look, screens)


def test_the_form_asks_only_what_the_choice_needs(busy: tuple[Site, dict[str, str]], page: Any) -> None:
    site, records = busy
    enter(page, site, "agus")
    page.goto(f"{site.url}/permohonan/{records['proses']}")
    assert not page.is_visible("[name=tempat]") and not page.is_visible("[name=alasan] >> nth=1")
    chosen("proses", "SELESAI")(page, site, records)
    assert page.input_value("[name=tempat]") == "Pasar Genteng"
    assert page.is_visible("[name=tempat]") and not page.is_visible("textarea[name=alasan]")
    page.check("[name=status][value=DITOLAK]")
    assert page.is_visible("textarea[name=alasan]") and not page.is_visible("[name=tempat]")
