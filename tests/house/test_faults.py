"""docs/FAULTS.md speaks of tests that exist, and of every fault once. Knows names, not what a test shows."""

from __future__ import annotations

import ast
import re

from tests.house.tree import ROOT, parsed

TABLE = (ROOT / "docs" / "FAULTS.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
ROWS = re.findall(r"^\| F(\d+) \|(.+)\|(.+)\|$", TABLE, re.MULTILINE)


def test_every_fault_has_one_row() -> None:
    assert sorted(int(number) for number, _, _ in ROWS) == list(range(1, 78))


def test_every_row_names_a_test_or_says_that_there_is_none() -> None:
    honest = re.compile(r"not shown|no scans yet")
    assert not [number for number, _, shown in ROWS if not NAMED.search(shown) and not honest.search(shown)]


def test_every_named_test_exists() -> None:
    assert NAMED.search(TABLE)
    assert [f"{path}::{name}" for path, name in NAMED.findall(TABLE) if not there(path, name)] == []


def there(path: str, name: str) -> bool:
    file = ROOT / path
    if not file.exists():
        return False
    return not name or name in {node.name for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef)}
