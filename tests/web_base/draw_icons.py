"""Draws the PNG icons from static/icons/pasar.svg with Chromium; run it after changing the SVG."""

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

ICONS = Path(__file__).resolve().parents[2] / "static" / "icons"
GROUND = '<rect width="64" height="64" rx="14" fill="#0b3d4f"/>'
FULL = '<rect width="64" height="64" fill="#0b3d4f"/><g transform="translate(7 7) scale(.78)">'


def drawn() -> dict[str, tuple[int, str]]:
    """File name -> (pixels a side, SVG); the maskable one fills its square and keeps to the inner safe circle."""
    svg = (ICONS / "pasar.svg").read_text()
    maskable = svg.replace(GROUND, FULL).replace("</svg>", "</g></svg>")
    return {
        "pasar-192.png": (192, svg),
        "pasar-512.png": (512, svg),
        "pasar-maskable-512.png": (512, maskable),
    }


def main() -> None:
    with sync_playwright() as play:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, (side, svg) in drawn().items():
            page = browser.new_page(viewport={"width": side, "height": side})
            page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{side}px}}</style>{svg}")
            page.screenshot(path=str(ICONS / name), omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
