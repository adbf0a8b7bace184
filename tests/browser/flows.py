"""The flows of the counter, walked in a real browser and counted. `python -m tests.browser.flows` prints the table,
with numbers behind it only the rows of those flows.

To add one: a module flow_<noun>.py beside this file, and in it a function under `@flow(...)`. It gets the hand, which
counts, and the stage, on which it may prepare what is not counted (hand.page, stage.shop); it begins on the home page.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.hand import DESK, PHONE, Device, Hand
from tests.browser.stage import Stage, staged
from tests.conftest import DESK as DESK_SIZE
from tests.conftest import PHONE as PHONE_SIZE
from tests.conftest import find_chromium

Walk = Callable[[Hand, Stage], None]
SIZES: dict[Device, dict[str, object]] = {
    PHONE: {"viewport": PHONE_SIZE, "is_mobile": True, "has_touch": True},
    DESK: {"viewport": DESK_SIZE},
}


@dataclass(frozen=True)
class Flow:
    """One way through the counter and the most it may cost; None where only the table tells."""

    number: int
    name: str
    walk: Walk
    taps: int | None
    fields: int | None
    retyped: int | None


FLOWS: list[Flow] = []


def flow(
    number: int, name: str, *, taps: int | None = None, fields: int | None = None, retyped: int | None = 0
) -> Callable[[Walk], Walk]:
    """Enter a walk into the table; the limits are asserted by test_flows.py on both devices."""

    def enter(walk: Walk) -> Walk:
        FLOWS.append(Flow(number, name, walk, taps, fields, retyped))
        return walk

    return enter


def all_flows(*numbers: int) -> list[Flow]:
    """Every flow of the flow_*.py modules, or only those of some numbers, in the order of their numbers."""
    for path in sorted(Path(__file__).parent.glob("flow_*.py")):
        importlib.import_module(f"tests.browser.{path.stem}")
    chosen = [each for each in FLOWS if not numbers or each.number in numbers]
    return sorted(chosen, key=lambda each: each.number)


@contextlib.contextmanager
def hand_at(browser: Any, stage: Stage, device: Device) -> Iterator[Hand]:
    """A hand at a signed-in counter's home page, with nothing counted yet."""
    context = browser.new_context(**SIZES[device], locale="id-ID")
    page = context.new_page()
    stage.sign_in(page)
    yield Hand(page, device)
    context.close()


def walked(browser: Any, stage: Stage, each: Flow, device: Device) -> Hand:
    """Walk a flow to its end; the hand tells what it took."""
    with hand_at(browser, stage, device) as hand:
        each.walk(hand, stage)
        return hand


def rows(browser: Any, stage: Stage, *numbers: int) -> Iterator[str]:
    """The table, row by row, as Markdown."""
    yield "| Alur | Layar | Ketuk | Isian | Huruf | Detik | Diketik ulang |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for each in all_flows(*numbers):
        for device in SIZES:
            hand = walked(browser, stage, each, device)
            most = f" (≤ {each.taps})" if each.taps else ""
            yield (
                f"| {each.number}. {each.name} | {device.name} | {hand.taps}{most} | {hand.fields}"
                f" | {hand.characters} | {hand.seconds:.0f} | {hand.retyped} |"
            )


def constants() -> Iterator[str]:
    """The model's constants in seconds, to stand under the table."""
    for device in SIZES:
        yield (
            f"{device.name}: huruf {device.key:.2f}, ketuk {device.tap:.2f}, pindah tangan {device.home:.2f},"
            f" berpikir {device.mind:.2f} detik."
        )


def main(*numbers: int) -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        with staged(Path(place) / "gerai") as stage:
            print("\n".join([*rows(browser, stage, *numbers), "", *constants()]))
        browser.close()


if __name__ == "__main__":  # under its own name, else the flows would enter a second table
    importlib.import_module("tests.browser.flows").main(*map(int, sys.argv[1:]))
