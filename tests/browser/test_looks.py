"""Every screen in English, dark, high contrast and large text: accessible, and nothing wider than a phone."""

import pytest

from tests.browser.looks import LEFT_OVER, LOOKS, OUTSIDE, SMALL_WORDS
from tests.browser.stage import SIGNED_IN, STRANGER
from tests.browser.test_counter import accessible

FEW = ("02-beranda", "09-orang-salah", "57-tutup-hari")


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def look(request):
    return request.param


def looked_at(page, stage, look, screens):
    for name, show in screens.items():
        look.take_off(page)
        if page.locator("[name=pin]").count():
            stage.sign_in(page)
        show(page, stage)
        look.put_on(page, stage.url)
        accessible(page, f"{name}, {look.name}")
        assert page.evaluate(OUTSIDE) == [], f"{name}, {look.name}"
        if look.english and page.locator("html[lang=en]").count():
            assert page.evaluate(LEFT_OVER, SMALL_WORDS) == [], name


def test_a_few_screens_in_every_look(stage, page, look):
    stage.sign_in(page)
    looked_at(page, stage, look, {name: SIGNED_IN[name] for name in FEW})


@pytest.mark.full
def test_all_screens_in_every_look(stage, page, look):
    looked_at(page, stage, look, STRANGER)
    stage.sign_in(page)
    looked_at(page, stage, look, SIGNED_IN)
