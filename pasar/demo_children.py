"""The demo's two servers as child processes: started, asked how they are, killed, stopped.

Knows command lines, ports and log files; refuses to know what a server does. Headquarters is only ever a command here.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests

START_SECONDS = 60.0
STOP_SECONDS = 15.0


class ChildFailed(Exception):
    """A command of the demo ended badly; the text is its own last words."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of every network card now."""
    try:
        with socket.create_server(("", port)):
            return True
    except OSError:
        return False


def surroundings(setting: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `setting` and no other setting of either server: a demo touches nothing real."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PASAR_", "MPP_"))}
    return {**plain, "PYTHONIOENCODING": "utf-8", **setting}


def command(module: str, *words: str) -> list[str]:
    return [sys.executable, "-m", module, *words]


def ask(module: str, words: Sequence[str], setting: Mapping[str, str], said: str = "") -> str:
    """Run one command to its end and return what it printed; raises ChildFailed with its error text."""
    done = subprocess.run(
        command(module, *words), env=surroundings(setting), input=said,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )
    if done.returncode:
        raise ChildFailed(f"{module} {words[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class ChildServer:
    """One server of the demo. `start` returns when it answers /healthz; `kill` gives it no chance to tidy up."""

    def __init__(self, module: str, port: int, setting: Mapping[str, str], log: Path) -> None:
        self.module = module
        self.url = f"http://127.0.0.1:{port}"
        self.setting = dict(setting)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ChildServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> float:
        """Start and wait for the first answer; returns the seconds it took. Raises ChildFailed with the log's end."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command(self.module, "run"),
                env=surroundings(self.setting),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while time.monotonic() - began < START_SECONDS:
            if not self.running:
                break
            if self._answers():
                return time.monotonic() - began
            time.sleep(0.03)
        self.stop()
        raise ChildFailed(f"{self.module} run: {self._last_words()}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self.process is None or not self.running:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def _answers(self) -> bool:
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.get(f"{self.url}/healthz", timeout=2).ok
            except requests.RequestException:
                return False

    def _last_words(self) -> str:
        return self.log.read_text("utf-8", errors="replace")[-2000:].strip()
