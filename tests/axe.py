"""What axe-core finds wrong with a page: WCAG 2.2 at level AA and its best practices."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES: dict[str, Any] = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
SEVEN_TO_ONE: dict[str, Any] = {
    "runOnly": ["color-contrast-enhanced"],
    "resultTypes": ["violations"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}


def flaws(page: Any, options: dict[str, Any] = RULES) -> str:
    """A report of what breaks these rules, empty when nothing does; a page on its way is waited for."""
    page.wait_for_load_state()
    found = Axe().run(page, options=options)
    return str(found.generate_report()) if found.violations_count else ""
