"""What a phone can do at each level, in a real browser: plain http as a true insecure origin, and a trusted stall."""

import pytest

from tests.browser.phone import trusting_phone
from tests.browser.test_counter import accessible

NAME = "pasar.local"


@pytest.fixture(scope="module")
def plain(stage):
    return f"http://{NAME}:{stage.url.rpartition(':')[2]}"


@pytest.fixture
def stranger(playwright, chromium, tmp_path):
    """A phone that trusts nobody."""
    with trusting_phone(playwright, chromium, tmp_path, None, maps=NAME) as phone:
        yield phone.new_page()


def levels(page):
    return page.evaluate(
        "[...document.querySelectorAll('[data-level]')].filter((e) => !e.hidden).map((e) => e.dataset.level)"
    )


def test_over_plain_http_the_page_says_what_works_and_what_does_not(stranger, plain):
    stranger.goto(plain + "/hp")
    assert not stranger.evaluate("isSecureContext") and not stranger.evaluate("'serviceWorker' in navigator")
    assert levels(stranger) == ["plain"]
    accessible(stranger, "hp")
    with stranger.expect_download() as saved:
        stranger.click("text=Untuk Android")
    assert saved.value.suggested_filename == "pasar.crt"


def test_over_plain_http_everybody_reads_a_status(stranger, plain, stage):
    stranger.goto(plain + "/c")
    stranger.fill("[name=code]", stage.codes["selesai"])
    stranger.click("main button[type=submit]:has-text('Lihat status')")
    assert "Selesai" in stranger.inner_text("main")
    stranger.goto(plain + "/informasi")
    assert stranger.locator("h1").count() == 1


def test_over_plain_http_the_counter_is_refused_and_the_way_is_shown(stranger, plain):
    for path in ("/", "/masuk", "/permohonan", "/hp/label"):
        assert stranger.goto(plain + path).status == 403
        accessible(stranger, path)
        stranger.click("main a:has-text('Siapkan HP petugas')")
        assert stranger.url == plain + "/hp"


def test_without_a_script_the_page_says_as_much(playwright, chromium, tmp_path, plain, door):
    with trusting_phone(
        playwright, chromium, tmp_path, door.own.root, maps=f"{NAME},pasar.home.arpa", java_script_enabled=False
    ) as phone:
        page = phone.new_page()
        for address, shown in ((plain, "HP ini belum siap untuk loket."), (door.url, "Sambungan ke gerai terlindung.")):
            page.goto(address + "/hp")
            assert page.locator("main section").get_by_text(shown).is_visible()


def test_a_phone_that_trusts_the_stall_is_told_so(playwright, chromium, tmp_path, door):
    with trusting_phone(playwright, chromium, tmp_path, door.own.root) as phone:
        page = phone.new_page()
        page.goto(door.url + "/hp")
        page.locator("[data-level=trusted]").wait_for(state="visible")
        assert levels(page) == ["trusted"]
        accessible(page, "hp")


def test_a_warning_that_was_clicked_away_is_not_trust(playwright, chromium, tmp_path, door):
    """The one place where a browser is told to look away, as a person does: the page must not be fooled."""
    with trusting_phone(playwright, chromium, tmp_path, None, ignore_https_errors=True) as phone:
        page = phone.new_page()
        page.goto(door.url + "/hp")
        page.locator("[data-level=warned]").wait_for(state="visible")
        assert levels(page) == ["warned"]
