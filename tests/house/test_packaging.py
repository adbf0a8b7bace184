"""The tree works as a wheel, as an editable install and as a bare checkout, from any folder.

Knows how the product is installed and started; refuses to know what its pages say.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.house.tree import PACKAGES, ROOT, shown, tracked

STARTS_WITHIN = 30.0


@dataclass(frozen=True)
class Installed:
    """One way to have the product: how to say `pasar`, from where, and where the code must come from."""

    python: Path
    folder: Path
    code: Path

    def command(self, app: str) -> list[str]:
        script = self.python.with_name(app)
        return [str(script)] if script.exists() else [str(self.python), "-m", app]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tracked files: building leaves traces, and what git does not know must not help."""
    copy = tmp_path_factory.mktemp("tree")
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return copy


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, tree)
    (built,) = folder.glob("pasar-*.whl")
    return built


def pip(*arguments: object, python: Path = Path(sys.executable)) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--python", python, *arguments]
    answer = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def libraries_only(folder: Path) -> Path:
    """A new environment that has the libraries of this one and not the product; its interpreter."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    place = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    lines = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    Path(place, "libraries.pth").write_text("\n".join(lines) + "\n")
    return python


@pytest.fixture(scope="module", params=["wheel", "editable", "checkout"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Installed:
    folder = tmp_path_factory.mktemp(request.param)
    python = libraries_only(folder / "environment")
    if request.param == "checkout":
        return Installed(python, tree, tree)
    if request.param == "wheel":
        pip("install", "--no-deps", "--no-index", "-I", request.getfixturevalue("wheel"), python=python)
        return Installed(python, folder, folder)
    pip("install", "--no-deps", "--no-index", "--no-build-isolation", "-I", "-e", tree, python=python)
    return Installed(python, folder, tree)


def test_the_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    home = {"templates": "web_base/templates", "static": "web_base/static"}
    wanted = {
        "/".join([home.get(top, top), *rest])
        for top, *rest in (shown(path).split("/") for path in tracked())
        if top in {*PACKAGES, *home}
    }
    assert wanted - names == set()


def test_the_code_is_the_installed_one(installed: Installed) -> None:
    code = "import pasar, mpp; print(pasar.__file__, mpp.__file__)"
    answer = subprocess.run(
        [installed.python, "-c", code], cwd=installed.folder, capture_output=True, text=True, check=True
    )
    assert all(Path(name).is_relative_to(installed.code) for name in answer.stdout.split())


@pytest.mark.parametrize("app", ["pasar", "mpp"])
def test_help_teaches(installed: Installed, app: str) -> None:
    command = [*installed.command(app), "--help"]
    answer = subprocess.run(command, cwd=installed.folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "run" in answer.stdout


@pytest.mark.parametrize("app", ["pasar", "mpp"])
def test_a_page_comes_with_its_style_and_its_english(installed: Installed, app: str, tmp_path: Path) -> None:
    with running(installed, app, tmp_path) as address:
        page = requests.get(f"{address}/c", timeout=10)
        assert page.status_code == 200
        sheets = re.findall(r'<link[^>]+href="([^"]+\.css[^"]*)"', page.text)
        assert sheets
        for sheet in sheets:
            style = requests.get(address + sheet, timeout=10)
            assert style.headers["Content-Type"].startswith("text/css")
            assert "{" in style.text
        english = requests.get(f"{address}/c", cookies={"tampilan": "en"}, timeout=10)
        assert "Type the 12 letters and digits of the receipt" in english.text


@contextmanager
def running(installed: Installed, app: str, data: Path) -> Iterator[str]:
    """The app's server on a free port, on a data folder of its own; stopped afterwards as a person would."""
    port = str(free_port())
    environment = {**os.environ, "PASAR_DATA": str(data), "PASAR_HTTP_PORT": port, "PASAR_HTTPS_PORT": "0"}
    environment |= {"PASAR_HOST": "127.0.0.1", "MPP_DATA": str(data), "MPP_PORT": port, "MPP_HOST": "127.0.0.1"}
    environment.pop("PYTHONPATH", None)
    command = installed.command(app)
    subprocess.run(
        [*command, "init"], cwd=installed.folder, env=environment, input="", capture_output=True, check=False
    )
    with (data / "log").open("w+b") as log:
        server = subprocess.Popen([*command, "run"], cwd=installed.folder, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            assert answers(address, server), (data / "log").read_text("utf-8")
            yield address
        finally:
            server.terminate()
            server.wait(STARTS_WITHIN)


def answers(address: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + STARTS_WITHIN
    while server.poll() is None and time.monotonic() < deadline:
        try:
            return requests.get(f"{address}/healthz", timeout=STARTS_WITHIN).ok
        except requests.ConnectionError:
            time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
