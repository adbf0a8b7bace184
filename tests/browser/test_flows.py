"""Every flow of the counter stays within its taps and fields, on a phone and on a laptop, in a real browser."""

import pytest

from tests.browser.flows import all_flows, walked
from tests.browser.hand import DESK, PHONE


@pytest.mark.parametrize("device", [PHONE, pytest.param(DESK, marks=pytest.mark.full)], ids=lambda device: device.name)
@pytest.mark.parametrize("each", all_flows(), ids=lambda each: f"{each.number}-{each.name}")
def test_a_flow_stays_within_its_limits(browser, stage, each, device):
    hand = walked(browser, stage, each, device)
    assert hand.taps and (each.taps is None or hand.taps <= each.taps), hand
    assert each.fields is None or hand.fields <= each.fields, hand
    assert each.retyped is None or hand.retyped <= each.retyped, hand
