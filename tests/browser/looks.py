"""The looks a page may be asked for beside the common one (Indonesian, light), and how a page is put into one.

A screen is reached in Indonesian, by the words on its buttons, and then shown again in the look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conftest import PHONE

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
"""Nothing makes the page wider than its screen; a phone's innerWidth would grow along with it."""
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const box = each.getBoundingClientRect(), wide = document.documentElement.clientWidth;
  const out = box.width > 1 && box.height > 1 && (box.right > wide + 1 || box.left < -1);
  return out && !each.closest(".scroll, .skip, .sr");
}).map((each) => each.outerHTML.slice(0, 80))"""
"""What stands beyond the screen's sides; a fixed bar does so without making the page wider."""
LEFT_OVER = """(words) => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const box = node.parentElement;
    if (box.closest("[lang]").lang !== "en" || box.closest("script, style, bdi, textarea, select")) continue;
    const said = node.textContent.trim();
    if (said.toLowerCase().split(/[^a-z]+/).some((word) => words.includes(word))) found.push(said);
  }
  return found;
}"""
"""Text on an English page that is not marked as Indonesian and holds one of these words."""
SMALL_WORDS = [
    "yang", "dan", "untuk", "belum", "tidak", "sudah", "dengan", "dari", "atau", "ini", "pada", "akan", "bila", "lalu",
    "anda", "semua", "buka", "lihat", "cetak",
]  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What the reader chose (as the cookie keeps it) and what the device says of itself."""

    name: str
    chosen: str = ""
    dark: bool = False

    @property
    def english(self) -> bool:
        return "en" in self.chosen.split(".")

    def put_on(self, page: Any, url: str) -> None:
        """Show the page once more in this look, on a screen as tall as it is: a bar at its foot covers nothing then."""
        page.emulate_media(color_scheme="dark" if self.dark else "light")
        if self.chosen:
            page.context.add_cookies([{"name": "tampilan", "value": self.chosen, "url": url}])
        page.reload()
        size = page.viewport_size
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({**size, "height": max(size["height"], tall)})

    def take_off(self, page: Any) -> None:
        """Back to the common look on a phone."""
        page.set_viewport_size(PHONE)
        page.context.clear_cookies(name="tampilan")
        page.emulate_media(color_scheme="light")


LOOKS = (
    Look("english", "en"),
    Look("dark", dark=True),
    Look("english-dark", "en", dark=True),
    Look("contrast", "kontras"),
    Look("contrast-dark", "en.kontras", dark=True),
    Look("large", "besar"),
    Look("large-english", "en.besar"),
)
