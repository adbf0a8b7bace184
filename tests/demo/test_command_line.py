"""The `pasar` command as a person types it: help that teaches, exit codes that mean something, one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from pasar.cli import main

Answer = subprocess.CompletedProcess[str]
Pasar = Callable[..., Answer]


@pytest.fixture
def pasar(tmp_path: Path) -> Pasar:
    """The command in a folder of its own, knowing nothing of this machine's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PASAR_")}

    def run(*words: str, said: str = "") -> Answer:
        return subprocess.run(
            [sys.executable, "-m", "pasar", *words], input=said, capture_output=True, text=True, encoding="utf-8",
            env={**clean, "PASAR_DATA": str(tmp_path / "gerai")}, check=False,
        )  # fmt: skip

    return run


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.mark.parametrize(("name", "command"), list(commands(main)))
def test_every_help_has_an_example_and_the_exit_codes(name: str, command: click.Command) -> None:
    text = command.help or ""
    assert f"pasar {name}" in text
    assert "Contoh:" in text
    assert "Kode keluar:" in text


def test_the_promised_commands_are_there() -> None:
    named = {name for name, _ in commands(main)}
    assert named == {
        "demo", "init", "enroll", "run", "sync", "status", "backup", "doctor", "restore", "ledger", "services", "nik",
        "sla", "user add", "user reset", "printer check", "printer test", "export", "import", "heal", "prune",
    }  # fmt: skip


def test_help_and_small_questions_load_neither_the_web_nor_the_database() -> None:
    code = "import sys, pasar.cli; print(*({'flask', 'sqlalchemy', 'requests', 'cryptography'} & sys.modules.keys()))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


@pytest.mark.parametrize(
    ("number", "severity", "code"),
    [
        ("3510091708959901", "OK", 0),
        ("3510990402909933", "INFO", 0),
        ("3599011404669944", "WARN", 1),
        ("123", "BLOCK", 2),
    ],
)
def test_a_nik_is_read_from_standard_input_and_judged_by_the_exit_code(
    pasar: Pasar, number: str, severity: str, code: int
) -> None:
    answer = pasar("nik", "-", "--on", "2026-11-21", "--json", said=f"{number}\n")
    assert json.loads(answer.stdout)["severity"] == severity
    assert answer.returncode == code


def test_the_help_of_nik_warns_that_others_can_see_the_command_line(pasar: Pasar) -> None:
    assert "terlihat oleh pengguna lain" in " ".join(pasar("nik", "--help").stdout.split())


def test_a_due_date_and_a_year_nobody_has_decreed(pasar: Pasar) -> None:
    answer = pasar("sla", "2026-03-17", "1", "--week", "5", "--json")
    assert json.loads(answer.stdout) == {"complete": "2026-03-17", "days": 1, "week": 5, "due": "2026-03-25"}
    refused = pasar("sla", "2031-03-17", "1", "--week", "6")
    assert (refused.returncode, "belum ditetapkan" in refused.stderr) == (1, True)


def test_services_are_found_without_a_stall_and_leave_none_behind(pasar: Pasar, tmp_path: Path) -> None:
    found = pasar("services", "akte", "lahir", "--json")
    assert json.loads(found.stdout.splitlines()[0])["code"] == "DKC-14"
    assert len(pasar("services", "--json").stdout.splitlines()) == 165
    assert pasar("services", "xyzzyqqq").returncode == 1
    assert not (tmp_path / "gerai").exists()


def test_a_wrongly_typed_command_is_no_reason_to_try_again_later(pasar: Pasar) -> None:
    assert pasar("sync", "--tidak-ada").returncode == 64
    assert pasar("status").returncode == 64


def test_a_stall_from_nothing_to_a_restored_one(pasar: Pasar, tmp_path: Path) -> None:
    assert pasar("init").returncode == 0
    assert pasar("init").returncode == 0
    told = json.loads(pasar("user", "add", "Budi", "--json").stdout)
    assert len(told["passphrase"].split()) == 4
    assert pasar("user", "add", "Budi").returncode == 1
    again = json.loads(pasar("user", "reset", "Budi", "--json").stdout)
    assert again["passphrase"] != told["passphrase"]
    waits = pasar("sync")
    assert (waits.returncode, "belum terdaftar" in waits.stdout) == (3, True)
    assert json.loads(pasar("status", "--json").stdout)["diterima"] == 0
    assert pasar("ledger", "--json").stdout == ""
    copy = tmp_path / "salinan.sqlite"
    assert pasar("backup", str(copy)).returncode == 0
    assert pasar("restore", str(copy), "--data", str(tmp_path / "lain")).returncode == 0
    assert "Budi" in pasar("doctor", "--data", str(tmp_path / "lain")).stdout


def test_restoring_rubbish_changes_nothing(pasar: Pasar, tmp_path: Path) -> None:
    pasar("init")
    before = (tmp_path / "gerai" / "pasar.sqlite").read_bytes()
    rubbish = tmp_path / "bukan.sqlite"
    rubbish.write_bytes(b"bukan basis data" * 100)
    answer = pasar("restore", str(rubbish))
    assert (answer.returncode, "Traceback" in answer.stderr) == (1, False)
    assert (tmp_path / "gerai" / "pasar.sqlite").read_bytes() == before


def test_the_doctor_names_what_is_missing_and_what_is_broken(pasar: Pasar, tmp_path: Path) -> None:
    assert pasar("doctor").returncode == 3
    pasar("init")
    grades = {line["part"]: line["grade"] for line in map(json.loads, pasar("doctor", "--json").stdout.splitlines())}
    assert (grades["isi"], grades["pendaftaran"]) == ("BERES", "PERLU ORANG")
    database = tmp_path / "gerai" / "pasar.sqlite"
    database.write_bytes(b"\0" * database.stat().st_size)
    broken = pasar("doctor")
    assert (broken.returncode, "Traceback" in broken.stderr) == (3, False)
