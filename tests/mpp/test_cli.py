"""The `mpp` command as an office types it: real processes, a real server, a restore onto an empty folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from pasar.demo_children import free_port
from pasar.journey.forms import Visit

INIT = ("init", "--yes-i-wrote-it", "--json")


class Command:
    """One office's command line, with its own data folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.environment = {**os.environ, "MPP_DATA": str(folder), **settings}
        self.words = [sys.executable, "-m", "mpp"]

    def __call__(self, *words: str, said: str = "", code: int = 0) -> str:
        done = subprocess.run(
            [*self.words, *words], env=self.environment, input=said, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def running(self, *words: str) -> Iterator[str]:
        port = free_port()
        line = [*(words or (*self.words, "run", "--port", str(port)))]
        if words:
            line = [word.replace("PORT", str(port)) for word in words]
        server = subprocess.Popen(line, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield _answering(f"http://127.0.0.1:{port}", server)
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0


def _answering(url: str, server: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            assert requests.get(f"{url}/healthz", timeout=5).json()["ok"]
            return url
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("the server never answered")


@pytest.fixture
def mpp(tmp_path: Path) -> Command:
    return Command(tmp_path / "mpp")


def test_from_nothing_to_a_signed_in_officer(mpp: Command) -> None:
    assert json.loads(mpp(*INIT))["phrase"].count(" ") == 11
    officer = json.loads(mpp("user", "add", "Agus", "--agency", "dukcapil", "--json"))
    stall = json.loads(mpp("stall", "add", "Pasar Genteng", "--json"))
    assert set(stall) == {"stall", "name", "code", "address", "fingerprint"}
    assert "belum pernah terdengar" in mpp("stall", "list")
    with mpp.running() as url:
        visit = Visit(url)
        door = visit.get("/masuk")
        page = visit.send(door, door.form("frasa"), {"petugas": officer["user"], "frasa": officer["passphrase"]})
        assert page.path == "/permohonan"
        assert mpp("ledger", "--json") == ""
    new = json.loads(mpp("user", "reset", "agus", "--json"))
    assert new["passphrase"] != officer["passphrase"]


def test_gunicorn_serves_the_same_app(mpp: Command) -> None:
    mpp(*INIT)
    words = (sys.executable, "-m", "gunicorn", "-b", "127.0.0.1:PORT", "-w", "2", "mpp.wsgi:app")
    with mpp.running(*words) as url:
        assert requests.get(f"{url}/c", timeout=10).status_code == 200


def test_the_phrase_is_asked_back_before_any_stall(mpp: Command) -> None:
    refused = mpp("init", said="salah\n" * 3, code=1)
    assert "KALIMAT PEMULIHAN" in refused and "Kalimat pemulihan salah" in refused
    assert "belum dipastikan" in mpp("stall", "add", "Genteng", code=1)
    assert json.loads(mpp(*INIT))["phrase"]
    assert "sudah siap" in mpp("init")
    assert mpp("stall", "add", "Genteng")


def test_keys_are_readable_by_their_owner_only(mpp: Command, tmp_path: Path) -> None:
    mpp(*INIT)
    folder = tmp_path / "mpp"
    assert (folder / "keys.json").stat().st_mode & 0o077 == 0
    assert (folder / "keys.wrapped.json").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_a_backup_comes_back_in_an_empty_folder_with_the_phrase_from_paper(mpp: Command, tmp_path: Path) -> None:
    phrase = json.loads(mpp(*INIT, "--name", "MPP Banyuwangi"))["phrase"]
    mpp("user", "add", "ratna")
    mpp("stall", "add", "Genteng")
    file = str(tmp_path / "cadangan")
    assert "Sudah dibaca ulang" in mpp("backup", file)
    assert "sudah ada" in mpp("backup", file, code=1).lower()
    other = Command(tmp_path / "other")
    assert "Kalimat pemulihan salah" in other("restore", file, said="satu dua tiga\n", code=1)
    other("restore", file, said=phrase.upper() + "\n")
    assert "Genteng" in other("stall", "list")
    assert "sudah dipakai" in other("user", "add", "ratna", code=1)
    assert json.loads(other("init", "--json")) == {"hq": json.loads(mpp("init", "--json"))["hq"], "phrase": None}
    assert "Pemulihan hanya ke mesin kosong" in other("restore", file, said=phrase + "\n", code=1)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("run",), 1, "MPP ini belum disiapkan."),
        (("ledger",), 1, "Jalankan mpp init."),
        (("stall", "revoke", "X"), 1, "MPP ini belum disiapkan."),
        (("fly",), 64, "No such command"),
        (("user", "add"), 64, "Missing argument"),
        (("run", "--port", "99999"), 1, "MPP_PORT"),
        (("init", "--database-url", "mysql://x"), 1, "MPP_DATABASE_URL"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(
    mpp: Command, words: tuple[str, ...], code: int, sentence: str
) -> None:
    said = mpp(*words, code=code)
    assert sentence in said and "Traceback" not in said


def test_two_databases_are_never_mixed_up(mpp: Command, tmp_path: Path, fresh_postgres: str) -> None:
    one = Command(tmp_path / "one", MPP_DATABASE_URL=fresh_postgres)
    one(*INIT)
    two = Command(tmp_path / "two", MPP_DATABASE_URL=fresh_postgres)
    assert "milik MPP lain" in two(*INIT, code=1)
    assert not one("ledger", "--json")


@pytest.mark.parametrize("words", [(), ("stall", "add"), ("init",), ("restore",), ("run",), ("import",), ("export",)])
def test_help_teaches(mpp: Command, words: tuple[str, ...]) -> None:
    assert len(mpp(*words, "--help").split()) > 20
