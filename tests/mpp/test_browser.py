"""Headquarters' screens in a real browser: accessible on a phone and on a laptop, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.mpp.screens import DESK_OF_AGUS, DESK_OF_RATNA, DOOR, chosen, enter, furnished
from tests.mpp.site import Site, open_site

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
Show = Callable[[Any, Site, dict[str, str]], None]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str]]]:
    """A site with a morning behind it, shared: pages are only looked at."""
    with open_site(tmp_path_factory.mktemp("mpp")) as site:
        yield site, furnished(site)


@pytest.mark.parametrize("wide", [False, True], ids=["phone", "laptop"])
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
        found = Axe().run(shown, options=RULES)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


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
