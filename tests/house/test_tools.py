"""Types and style, and the commands of the house themselves. Knows tools, not the product."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.house.tree import ROOT, shown, under


@pytest.mark.parametrize("command", [["ruff", "check", "."], ["mypy"]], ids=" ".join)
def test_the_tool_finds_nothing(command: list[str]) -> None:
    program = Path(sys.executable).with_name(command[0])
    answer = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_missing_part_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASAR_ALLOW_MISSING", "chromium")
    with pytest.raises(pytest.fail.Exception, match="postgres is missing"):
        missing("postgres", "")
    with pytest.raises(pytest.skip.Exception, match="PASAR_ALLOW_MISSING"):
        missing("chromium", "")


def test_nothing_else_skips() -> None:
    """A skip hides what was not tried; `missing` in tests/conftest.py is the one way to go without."""
    quiet = re.compile(r"pytest\.(skip|importorskip|xfail)\(|mark\.(skip|xfail)\b")
    places = {shown(path) for path in under("tests") if quiet.search(path.read_text("utf-8"))}
    assert places <= {"tests/conftest.py", "tests/house/test_tools.py"}


def test_lighthouse_is_optional_and_says_what_is_missing(tmp_path: Path) -> None:
    assert "\nlighthouse: $(VENV)/.test\n\t$(BIN)/python -m tests.browser.lighthouse" in (ROOT / "Makefile").read_text()
    bare = {"PATH": str(tmp_path), "PASAR_LIGHTHOUSE": str(tmp_path)}
    command = [sys.executable, "-m", "tests.browser.lighthouse"]
    answer = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (2, "")
    for remedy in ("apt install -y nodejs", "apt install -y chromium", f"npm install --prefix {tmp_path} lighthouse@"):
        assert remedy in answer.stderr


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """An environment with Python and a shell, and neither a browser nor a package tool."""
    for name, target in (
        ("python3", sys.executable),
        ("sh", "/bin/sh"),
        ("id", "/usr/bin/id"),
        ("git", "/usr/bin/git"),
        ("strace", "/bin/true"),
        ("faketime", "/bin/true"),
        ("certutil", "/bin/true"),
    ):
        (tmp_path / name).symlink_to(target)
    return {"PATH": str(tmp_path), "HOME": str(tmp_path)}


def need(what: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", ROOT / ".ci" / "need", what]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name == "nt", reason="make and apt are of Debian; Windows installs by pip")
class TestNeed:
    def test_the_demo_needs_no_browser(self, bare_machine: dict[str, str]) -> None:
        assert need("demo", bare_machine).returncode == 0

    def test_what_is_missing_is_named_in_one_line(self, bare_machine: dict[str, str]) -> None:
        answer = need("test", bare_machine)
        assert answer.returncode == 1
        assert "sudo apt install -y chromium" in answer.stderr

    def test_a_browser_of_ones_own_will_do(self, bare_machine: dict[str, str]) -> None:
        assert need("test", {**bare_machine, "CHROMIUM": "/opt/browser"}).returncode == 0

    def test_the_run_without_a_browser_is_allowed_by_name(self, bare_machine: dict[str, str]) -> None:
        assert need("test", {**bare_machine, "PASAR_ALLOW_MISSING": "postgres"}).returncode == 1
        assert need("test", {**bare_machine, "PASAR_ALLOW_MISSING": "postgres,chromium"}).returncode == 0

    def test_no_python_at_all(self, bare_machine: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / "python3").unlink()
        (tmp_path / "git").unlink()
        (tmp_path / "strace").unlink()
        (tmp_path / "faketime").unlink()
        (tmp_path / "certutil").unlink()
        assert "sudo apt install -y python3 python3-venv\n" in need("demo", bare_machine).stderr
        answer = need("test", bare_machine)
        assert answer.returncode == 1
        assert "sudo apt install -y python3 python3-venv git strace faketime libnss3-tools chromium" in answer.stderr
