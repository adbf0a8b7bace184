"""The floors: who may import whom, and that nobody hides it. Knows only imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import grimp
import pytest

from tests.house.tree import PACKAGES, ROOT, functions, imported, imports, parsed, product, settings, shown

START_UP = {"cli", "__main__"}


def test_the_arrow_never_goes_up() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_circles() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    circles = []
    for module in sorted(graph.modules):
        for target in graph.find_modules_directly_imported_by(module):
            back = graph.find_shortest_chain(importer=target, imported=module)
            if back:
                circles.append(" -> ".join((module, *back)))
    assert not circles, "\n".join(circles)


def test_relative_imports_stay_out() -> None:
    """One way to write an import, so that a search for a module finds everybody who uses it."""
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in product()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not found


def test_no_project_import_hides_in_a_function() -> None:
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in product()
        if not START_UP & {path.stem, path.parent.name}
        for function in functions(path)
        for node in ast.walk(function)
        if set(imported(node)) & set(PACKAGES)
    ]
    assert not found


def test_every_package_is_installed() -> None:
    """A package that is not listed in setup.cfg works in the checkout and is missing from the wheel."""
    listed = set(settings()["options"]["packages"].split())
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in product()}
    assert there <= listed, "missing from setup.cfg"
    assert listed - {"web_base.templates", "web_base.static"} <= there, "listed, not there"


def test_every_library_is_declared() -> None:
    """What the product imports is what its plain installation brings: extras are for other programs and drivers."""
    declared = {normal(line) for line in requirements("options", "install_requires")}
    owners = packages_distributions()
    ours = set(sys.stdlib_module_names) | set(PACKAGES) | {"flask_pwa"}
    wanted = {name for path in product() for name in imports(path)} - ours
    came_along = {"werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "wtforms", "babel", "urllib3"}
    missing = {name for name in wanted - came_along if not {normal(d) for d in owners.get(name, ())} & declared}
    assert not missing


def requirements(section: str, option: str) -> list[str]:
    return settings()[section][option].strip().splitlines()


def normal(requirement: str) -> str:
    return re.split(r"[\s<>=!~;\[]", requirement.strip())[0].lower().replace("_", "-")


@pytest.mark.parametrize(("lower", "upper"), list(pairwise(["layanan", "sync", "web_base", "pasar"])))
def test_the_contracts_would_notice(lower: str, upper: str, tmp_path: Path) -> None:
    """A contract that never fails proves nothing: an arrow upwards is drawn and must be refused."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "setup.cfg").write_text((ROOT / "setup.cfg").read_text("utf-8"), "utf-8")
    (tmp_path / lower / "__init__.py").write_text(f"import {upper}\n")
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--contract", "floors"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert f"{lower} -> {upper}" in answer.stdout
