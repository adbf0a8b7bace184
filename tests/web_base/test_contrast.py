"""Contrast computed from the style sheets: body text 7:1 or more in light, dark, and high contrast of both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web_base.assets import folder

CSS = Path(folder("static")) / "css"
DARK = "@media (prefers-color-scheme: dark)"
ON_GROUND = ("ink", "soft", "link", "bad", "ok", "info", "wait", "plain")
PAPERS = ("ground", "surface")
TONES = ("ok", "info", "wait", "bad", "plain")


def palette(text: str) -> dict[str, str]:
    """Variables of the first :root block that hold a plain colour."""
    found = re.search(r":root\s*\{(.*?)\}", text, re.DOTALL)
    assert found
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3}(?:[0-9a-f]{3})?)\s*;", found[1]))


def palettes() -> dict[str, dict[str, str]]:
    """The four looks, each as the cascade leaves it."""
    pasar, more = ((CSS / name).read_text("utf-8") for name in ("pasar.css", "contrast.css"))
    light, dark = palette(pasar), palette(pasar[pasar.index(DARK) :])
    strong, strong_dark = palette(more), palette(more[more.index(DARK) :])
    return {
        "light": light,
        "dark": light | dark,
        "high contrast": light | strong,
        "high contrast, dark": light | dark | strong | strong_dark,
    }


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", palettes())
def test_text_is_readable_in_the_sun(look: str) -> None:
    colours = palettes()[look]
    pairs = [(text, paper) for text in ON_GROUND for paper in PAPERS]
    pairs += [(tone, f"{tone}-bg") for tone in TONES] + [("ink", f"{tone}-bg") for tone in TONES]
    pairs += [("on-action", "action"), ("on-action", "action-over"), ("on-brand", "brand"), ("focus-ink", "focus")]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: value for pair, value in weak.items() if value < 7} == {}


@pytest.mark.parametrize("look", [name for name in palettes() if name.startswith("high")])
def test_high_contrast_is_nearly_black_and_white(look: str) -> None:
    colours = palettes()[look]
    assert all(contrast(colours[text], colours["surface"]) > 20 for text in ("ink", "soft", "edge", "line"))


def test_the_measure_knows_black_and_white() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)
