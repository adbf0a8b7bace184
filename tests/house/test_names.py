"""Names and first lines: a file says what it is, a name says what it holds. Knows words only."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.house.tree import PACKAGES, ROOT, functions, parsed, product, shown, tracked, words

EMPTY_WORDS = {"util", "utils", "helper", "helpers", "manager", "handler", "data", "process", "misc", "common", "stuff"}
LAYERS = {"model", "models", "view", "views", "route", "routes", "repository", "dao", "controller", "blueprint", "bp"}
NOT_IN_HERE = re.compile(r"\b(no|not|nor|never|neither|nothing|none|without|refuses|only)\b", re.IGNORECASE)


def test_no_empty_names() -> None:
    """A name that fits everything says nothing, whatever it names."""
    files = [shown(path) for path in tracked() if EMPTY_WORDS & set(words(path.relative_to(ROOT).with_suffix("").name))]
    classes = [
        f"{shown(path)}: class {node.name}"
        for path in product()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and EMPTY_WORDS & set(words(node.name))
    ]
    verbs = [f"{shown(path)}: {f.name}()" for path in product() for f in functions(path) if f.name in EMPTY_WORDS]
    assert not files + classes + verbs


def test_one_noun_has_one_file_name() -> None:
    """`git ls-files | grep permohonan` shows a whole feature: no plural here, no `_view` there."""
    spellings = defaultdict(set)
    for path in product():
        spellings[noun(path.stem)].add(path.stem)
    assert not [names for names in spellings.values() if len(names) > 1]


def noun(stem: str) -> str:
    parts = [part for part in stem.strip("_").split("_") if part not in LAYERS]
    return "_".join(part.removesuffix("s") for part in parts) or stem


def test_a_package_says_what_may_not_enter() -> None:
    silent = [name for name in PACKAGES if not NOT_IN_HERE.search(docstring(ROOT / name / "__init__.py"))]
    assert not silent


def test_a_module_opens_with_what_it_knows() -> None:
    """One to three lines before the first blank one; more may follow below it."""
    opening = {shown(path): docstring(path).split("\n\n")[0] for path in product() if parsed(path).body}
    assert not [name for name, text in opening.items() if not 1 <= len(text.splitlines()) <= 3]


def docstring(path: Path) -> str:
    return ast.get_docstring(parsed(path)) or ""
