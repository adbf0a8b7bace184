"""What is written beside the code is true of the code. Knows the documents' shapes, not their sense."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from layanan.problems import PROBLEMS
from mpp.config import SETTINGS as HEADQUARTERS
from pasar.settings import SETTINGS as STALL
from tests.house.tree import PACKAGES, ROOT, parsed, product, shown, tracked, under
from web_base.settings import Setting

DOCS = ROOT / "docs"
CLAUSE = re.compile(r"\bP\d+\b")
HEADINGS = ["Context", "Decision", "Consequences", "Faults we accept"]
VARIABLE = re.compile(r"\b(?:(?:PASAR|MPP)_[A-Z][A-Z0-9_]*[A-Z0-9]|CHROMIUM)\b")


def text(path: Path) -> str:
    return path.read_text("utf-8")


def strings(path: Path) -> Iterator[str]:
    return (n.value for n in ast.walk(parsed(path)) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) == name:
            yield node


class TestProtocol:
    def test_every_clause_is_kept_by_a_test(self) -> None:
        written = set(re.findall(r"^[-*\s]*\**(P\d+)\b", text(DOCS / "PROTOCOL.md"), re.MULTILINE))
        assert written
        kept = {clause for path in under("tests") for call in calls(path, "clause") for clause in literals(call)}
        assert written - kept == set(), "no test names these"
        assert kept - written == set(), "not in PROTOCOL.md"

    def test_clauses_named_in_the_product_exist(self) -> None:
        written = set(CLAUSE.findall(text(DOCS / "PROTOCOL.md")))
        named = {clause for path in under("sync") for clause in CLAUSE.findall(text(path))}
        assert named <= written


def literals(call: ast.Call) -> list[str]:
    return [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]


class TestProblems:
    def test_every_refusal_is_in_the_catalogue(self) -> None:
        raised = {
            (shown(path), code)
            for path in product()
            for name in ("Refused", "refused")
            for call in calls(path, name)
            for code in literals(call)[:1]
        }
        assert raised
        assert not [(path, code) for path, code in raised if code not in PROBLEMS]

    def test_every_problem_can_happen(self) -> None:
        spoken = {value for path in product() for value in strings(path)}
        spoken |= {word for path in under("templates", suffix=".html") for word in re.findall(r"\w+", text(path))}
        starts = tuple(value for value in spoken if re.fullmatch(r"([a-z0-9]+_)+", value))
        assert not [code for code in PROBLEMS if code not in spoken and not code.startswith(starts)]


class TestReadme:
    def rows(self) -> list[str]:
        return [line for line in text(ROOT / "README.md").splitlines() if line.startswith("|")]

    @pytest.mark.parametrize("setting", [*STALL, *HEADQUARTERS], ids=lambda setting: setting.env)
    def test_every_setting_has_its_row(self, setting: Setting) -> None:
        default = f"`{setting.default}`" if setting.default else ""
        assert [
            row
            for row in self.rows()
            if [*cells(row)[:1], *cells(row)[-2:]] == [f"`{setting.env}`", default, setting.help]
        ]

    def test_every_variable_that_is_read_has_a_row(self) -> None:
        table = {name for row in self.rows() for name in VARIABLE.findall(row)}
        used = {
            name for path in product() + under("tests") for value in strings(path) for name in VARIABLE.findall(value)
        }
        assert used - table == set(), "not documented"
        assert table - used == set(), "documented, not there"


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


class TestDecisions:
    def records(self) -> list[Path]:
        found = [path for path in tracked() if path.parent == DOCS / "decisions"]
        assert found
        return found

    def test_four_headings_on_one_page(self) -> None:
        for path in self.records():
            assert re.findall(r"^## (.+)$", text(path), re.MULTILINE) == HEADINGS, path.name
            assert len(text(path).splitlines()) <= 60, path.name

    def test_numbered_without_a_gap(self) -> None:
        numbers = [path.name[:4] for path in self.records()]
        assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_architecture_names_every_package_and_only_files_that_are_there() -> None:
    architecture = text(DOCS / "ARCHITECTURE.md")
    assert not [name for name in PACKAGES if f"`{name}`" not in architecture]
    assert not [name for name in re.findall(r"`([a-z_]+/[\w/]+\.\w+)`", architecture) if not (ROOT / name).is_file()]


def test_links_between_documents_lead_somewhere() -> None:
    for path in tracked():
        if path.suffix == ".md":
            links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text(path))
            assert not [link for link in links if not (path.parent / link).exists()], shown(path)


def test_no_path_of_one_machine() -> None:
    places = {str(ROOT.parent), str(Path.home())} - {"/", tempfile.gettempdir()}
    patterns = [re.escape(place) + r"[/\\]" for place in places] + ["/[h]ome/[a-z]+/", "/[r]oot/", "/[U]sers/"]
    own = re.compile("|".join(patterns))
    assert not [shown(path) for path in tracked() if (found := readable(path)) and own.search(found)]


def readable(path: Path) -> str | None:
    try:
        return text(path)
    except UnicodeDecodeError:
        return None


def layouts() -> set[Path]:
    """The templates that others extend."""
    pages = [text(path) for path in under("templates", suffix=".html")]
    return {ROOT / "templates" / name for page in pages for name in re.findall(r"{% extends [\"'](.+?)[\"']", page)}


@pytest.mark.parametrize("path", under("templates", suffix=".html"), ids=shown)
class TestTemplates:
    def test_a_page_has_a_title_and_a_language(self, path: Path) -> None:
        page = text(path)
        if "{% extends" in page and path not in layouts():
            assert "{% block title" in page
        if "<html" in page:
            assert re.search(r"<html[^>]*\slang=", page)
            assert "<title>" in page

    def test_no_inline_script_or_style(self, path: Path) -> None:
        page = text(path)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", page)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
