"""Files of others in our tree: named one by one, with their licence, exactly as they were taken."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, shown, tracked, vendored

FILES = {
    "static/vendor/qr-scanner/LICENSE",
    "static/vendor/qr-scanner/LICENSE-jsQR",
    "static/vendor/qr-scanner/README.md",
    "static/vendor/qr-scanner/worker.js",
}
MOST = 60 * 1024
"""Bytes, gzipped, of all that a page of ours may load of others' code."""


def test_what_is_of_others_is_listed_here() -> None:
    assert {shown(path) for path in tracked() if vendored(path)} == FILES


@pytest.mark.parametrize("path", [ROOT / name for name in sorted(FILES) if name.endswith(".js")], ids=shown)
class TestScript:
    def test_it_is_as_it_was_taken_and_says_from_where(self, path: Path) -> None:
        about = (path.parent / "README.md").read_text("utf-8")
        assert hashlib.sha256(path.read_bytes()).hexdigest() in about
        assert re.search(r"^# \S+ \d+\.\d+\.\d+", about) and (path.parent / "LICENSE").is_file()
        assert "licence" in path.read_text("utf-8")[:200]

    def test_it_makes_no_code_out_of_text(self, path: Path) -> None:
        assert not re.search(r"\beval\s*\(|new Function|createObjectURL|importScripts", path.read_text("utf-8"))


def test_it_is_small() -> None:
    scripts = [ROOT / name for name in FILES if name.endswith(".js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= MOST
