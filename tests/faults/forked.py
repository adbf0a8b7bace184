"""Deeds of act.py as forks of one process that has everything imported: most of a short deed's time goes into that.

Reads `[FOLDER, DEED, NUMBER]` lines, answers each with the fork's id and then with how it ended. A fork waits until
somebody traces it; what it says goes to FOLDER.out and FOLDER.err.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from tests.faults.act import main

ROOT = Path(__file__).parents[2]
ATTACHING, PATIENCE = 0.02, 120
MAY_BE_TRACED, BY_ANYBODY = 0x59616D61, ctypes.c_ulong(-1)
"""prctl(2), PR_SET_PTRACER: where Yama guards, only an ancestor may trace unless this was said."""


def traced_deed(folder: Path, deed: str, number: int, strace: list[str]) -> subprocess.CompletedProcess[str]:
    """Do a deed in a process of its own, with `strace` (its command up to `-p`) attached before it begins."""
    server = _server()
    assert server.stdin and server.stdout
    server.stdin.write(json.dumps([str(folder), deed, number]) + "\n")
    server.stdin.flush()
    with subprocess.Popen([*strace, "-p", server.stdout.readline().strip()], stderr=subprocess.DEVNULL):
        ended = int(server.stdout.readline())
    assert ended != -signal.SIGALRM, f"{deed} never ended, or could not be traced"
    said = [folder.with_name(f"{folder.name}.{end}") for end in ("out", "err")]
    out, err = (path.read_text(encoding="utf-8") for path in said)
    for path in said:
        path.unlink()
    return subprocess.CompletedProcess([deed], ended, out, err)


@cache
def _server() -> subprocess.Popen[str]:
    """One for each test process; it ends when its input does."""
    words = [sys.executable, "-m", "tests.faults.forked"]
    surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        words, cwd=ROOT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def _serve() -> None:
    for line in sys.stdin:
        folder, deed, number = json.loads(line)
        pid = os.fork()
        if not pid:
            for place, end in ((1, "out"), (2, "err")):
                os.dup2(os.open(f"{folder}.{end}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), place)
            signal.alarm(PATIENCE)
            _wait_for_a_tracer()
            sys.exit(main(Path(folder), deed, number))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _wait_for_a_tracer() -> None:
    ctypes.CDLL(None).prctl(MAY_BE_TRACED, BY_ANYBODY, 0, 0, 0)
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text(encoding="ascii"):
        time.sleep(ATTACHING)
    time.sleep(ATTACHING)


if __name__ == "__main__":
    _serve()
