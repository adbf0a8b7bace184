"""Budgets of size, kept for everybody: no file of ours is excused. Knows lines only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.tree import functions, length, product, shown, tracked, under, vendored

FILE, TEST_FILE = 300, 400
FUNCTION, USUAL_FUNCTION, USUAL_SHARE = 40, 20, 0.85
SOURCE = {".py", ".js", ".css", ".html"}


def test_files_stay_short() -> None:
    sources = [path for path in tracked() if path.suffix in SOURCE and not vendored(path)]
    sizes = {shown(path): len(path.read_text("utf-8").splitlines()) for path in sources}
    assert not [(name, n) for name, n in sizes.items() if n > (TEST_FILE if name.startswith("tests/") else FILE)]


@pytest.mark.parametrize("part", ["product", "tests", "bench"])
def test_functions_stay_short(part: str) -> None:
    files: list[Path] = product() if part == "product" else under(part)
    sizes = {f"{shown(path)}:{f.lineno} {f.name}": length(f) for path in files for f in functions(path)}
    assert not [(name, n) for name, n in sizes.items() if n > FUNCTION]
    usual = sum(n <= USUAL_FUNCTION for n in sizes.values())
    longer = [name for name, n in sizes.items() if n > USUAL_FUNCTION]
    assert usual >= USUAL_SHARE * len(sizes), f"{usual} of {len(sizes)}; longer than {USUAL_FUNCTION}: {longer}"
