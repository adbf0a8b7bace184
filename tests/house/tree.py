"""The tracked files of the checkout, read once: what the tests of the house look at.

Refuses to know what is allowed; that stands in the tests.
"""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("layanan", "sync", "store", "offline_db", "web_base", "pasar", "mpp")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows; in a copy without its history, every file that no tool has made."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        found = [ROOT / name for name in answer.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not any(map(made, path.relative_to(ROOT).parts))]
    return tuple(path for path in sorted(found) if path.is_file())


def made(part: str) -> bool:
    """Whether a tool makes files and folders of this name."""
    return part in {"build", "dist", "__pycache__"} or part.endswith(".egg-info") or bool(re.match(r"\.(?!ci$)", part))


def under(*folders: str, suffix: str = ".py") -> list[Path]:
    """The tracked files with `suffix` below any of the top-level `folders`."""
    return [path for path in tracked() if path.suffix == suffix and path.relative_to(ROOT).parts[0] in folders]


def vendored(path: Path) -> bool:
    """Whether a file is somebody else's, kept as it was taken; tests/house/test_vendored.py lists them."""
    return path.relative_to(ROOT).parts[:2] == ("static", "vendor")


def product() -> list[Path]:
    return under(*PACKAGES)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), shown(path))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: Function) -> int:
    """Lines from `def` to the last one, docstring and all."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def words(name: str) -> list[str]:
    """The words of an identifier: `NikOverride` and `nik_override` are both nik, override."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)]


def imports(path: Path) -> Iterator[str]:
    """Top-level names of every absolute import of a file, at whatever depth it stands."""
    yield from (name for node in ast.walk(parsed(path)) for name in imported(node))


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.split(".")[0]]
    return []


@cache
def settings() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", "utf-8")
    return parser
