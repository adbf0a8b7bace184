"""The counting hand counts what a person does: scrolling, focusing and Enter too, and what is typed a second time."""

import pytest

from tests.browser.hand import DESK, PHONE, Hand

PAGE = """<form><input name=a autofocus><input name=b><select name=c><option>x<option>y</select>
<p style="height: 3000px"></p><button type=button>Jauh</button></form>"""


def at(page, device):
    page.set_content(PAGE)
    page.focus("[name=a]")
    return Hand(page, device)


@pytest.mark.parametrize(("screen", "first"), [(PHONE, 1), (DESK, 0)], ids=["phone", "desk"])
def test_a_phone_opens_no_keyboard_by_itself(page, screen, first):
    hand = at(page, screen)
    hand.write("[name=a]", "KTP")
    assert hand.taps == first
    hand.write("[name=b]", "KK")
    assert (hand.taps, hand.fields, hand.characters) == (first + 1, 2, 5)
    assert page.input_value("[name=a]") == "KTP"


def test_what_lies_below_the_screen_costs_a_scroll(page):
    hand = at(page, DESK)
    hand.tap("text=Jauh")
    hand.tap("text=Jauh")
    assert hand.taps == 3


def test_enter_and_each_half_of_a_choice_are_taps(page):
    hand = at(page, DESK)
    hand.pick("[name=c]", "y")
    hand.enter()
    assert (hand.taps, hand.fields) == (3, 1)


def test_writing_what_was_told_before_is_seen(page):
    hand = at(page, DESK)
    hand.known |= {"Siti Aminah"}
    hand.write("[name=a]", "Siti Aminah")
    assert hand.retyped == 1


def test_seconds_are_those_of_the_model_and_not_of_the_clock(page):
    hand = at(page, DESK)
    hand.write("[name=a]", "KTP")
    page.wait_for_timeout(200)
    assert hand.seconds == pytest.approx(DESK.home + DESK.mind + 3 * DESK.key)
