"""The units that start the product at boot: systemd takes them, their commands exist, and they are hardened."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from mpp.cli import main as mpp
from mpp.config import SETTINGS as HEADQUARTERS
from pasar.cli import main as pasar
from pasar.settings import SETTINGS as STALL
from tests.house.tree import ROOT

UNITS = sorted((ROOT / "packaging").glob("*.service"))
TIMERS = sorted((ROOT / "packaging").glob("*.timer"))
COMMANDS: dict[str, click.Group] = {"pasar": pasar, "mpp": mpp}
HARDENED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "UMask": "0077",
    "PrivateDevices": "yes", "CapabilityBoundingSet": "", "MemorySwapMax": "0", "LimitCORE": "0",
    "SystemCallFilter": "@system-service", "StateDirectoryMode": "0700", "RestrictNamespaces": "yes",
}  # fmt: skip


def read(path: Path) -> dict[str, dict[str, list[str]]]:
    """Sections, each key with all its values: a unit may say a thing twice."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(name, []).append(value)
    return found


def test_the_four_units_are_there() -> None:
    assert [path.name for path in UNITS + TIMERS] == [
        "mpp.service", "pasar-sync.service", "pasar.service", "pasar-sync.timer",
    ]  # fmt: skip


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_commands_that_exist(path: Path) -> None:
    for command in read(path)["Service"]["ExecStart"]:
        program, name = command.removeprefix("/opt/pasar/bin/").split()
        assert name in COMMANDS[program].commands


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_sets_only_what_is_a_setting_and_keeps_its_folder_to_itself(path: Path) -> None:
    service = read(path)["Service"]
    known = {setting.env for setting in (*STALL, *HEADQUARTERS)}
    for name, folder in (value.split("=") for value in service["Environment"]):
        assert name in known
        assert folder == f"/var/lib/{service['StateDirectory'][0]}"
    assert {name: service[name][0] for name in HARDENED} == HARDENED


def test_a_sync_that_comes_too_early_is_no_failure_and_a_missed_night_is_made_up() -> None:
    assert read(ROOT / "packaging" / "pasar-sync.service")["Service"]["SuccessExitStatus"] == ["2"]
    timer = read(ROOT / "packaging" / "pasar-sync.timer")["Timer"]
    assert (timer["Persistent"], timer["Unit"]) == (["true"], ["pasar-sync.service"])


@pytest.mark.parametrize("path", UNITS + TIMERS, ids=lambda path: path.name)
def test_systemd_takes_them(path: Path, tmp_path: Path) -> None:
    """By its own judge where it is installed; everywhere by the grammar of a unit."""
    strict = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    strict.read_string(path.read_text("utf-8"))
    assert strict.sections()
    judge = shutil.which("systemd-analyze")
    if judge is None:
        return
    for unit in UNITS + TIMERS:
        text = re.sub(r"/opt/pasar/bin/\w+", "/bin/true", unit.read_text("utf-8"))
        (tmp_path / unit.name).write_text(text, "utf-8")
    run = subprocess.run([judge, "verify", str(tmp_path / path.name)], capture_output=True, text=True)
    assert (run.returncode, [line for line in run.stderr.splitlines() if path.name in line]) == (0, [])
