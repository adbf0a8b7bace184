"""The Indonesian words in the code and docs/GLOSSARY.md are the same list. Knows words, not their meaning.

What is Indonesian is learnt from the product's own texts; what is English too, from their English columns.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGES, ROOT, parsed, product, under, words

TABLES = ROOT / "layanan" / "tables"
INDONESIAN = {
    "problems.csv": ["id"],
    "statuses.csv": ["label_id", "text_for_shopper_id"],
    "services.csv": ["name_id", "requirements", "output_document"],
    "agencies.csv": ["name_id"],
}
ENGLISH = {
    "problems.csv": ["en"],
    "statuses.csv": ["label_en", "set_by", "sla_clock"],
    "services.csv": ["name_en", "category"],
    "agencies.csv": ["name_en"],
}
SAME_IN_BOTH = {
    "basis", "enroll", "hq", "i", "id", "kind", "label", "level", "link", "local", "login", "model", "number", "per",
    "pin", "post", "qr", "reset", "set", "sha", "status", "total", "url", "user",
}  # fmt: skip


def test_glossary_and_code_hold_the_same_words() -> None:
    listed = set(re.findall(r"^\| `([a-z]+)` \|", (ROOT / "docs" / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE))
    named = {word for path in product() for word in identifiers(path)} | set(PACKAGES)
    terms = named & (spoken(INDONESIAN) | templates()) - spoken(ENGLISH) - SAME_IN_BOTH
    assert sorted(terms - listed) == [], "Indonesian words in the code that the glossary does not explain"
    assert sorted(listed - named) == [], "words in the glossary that the code does not use"


def identifiers(path: Path) -> Iterator[str]:
    """The words of the names a file gives: its own, its classes, functions, parameters and fields; no constants."""
    yield from words(path.stem)
    for node in ast.walk(parsed(path)):
        name = ""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        if not name.isupper():
            yield from words(name)


def spoken(columns: dict[str, list[str]]) -> set[str]:
    """Every word of the named columns; what stands in braces is filled in later and no word."""
    found: set[str] = set()
    for table, names in columns.items():
        with (TABLES / table).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found |= set(plain(" ".join(row[name] for name in names)))
    return found


def templates() -> set[str]:
    """Every word of the pages' own text: what stands between the tags, and what is marked for translation."""
    jinja, tags = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL), re.compile(r"<[^>]*>")
    pages = [path.read_text("utf-8") for path in under("templates", suffix=".html")]
    marked = [text for page in pages for text in re.findall(r"_\(\s*[\"'](.*?)[\"']", page)]
    return set(plain(" ".join([*(tags.sub(" ", jinja.sub(" ", page)) for page in pages), *marked])))


def plain(text: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"\{[^}]*\}|%\(\w+\)s", " ", text).lower())
