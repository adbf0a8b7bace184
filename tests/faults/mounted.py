"""A folder on the disk that forgets: mounted, used, cut off, and afterwards as the cut left it.

Knows how a FUSE file system is started and ended; refuses to know what is done on it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import missing

ROOT = Path(__file__).parents[2]
NEVER = -1
PATIENCE = 20.0


@dataclass
class Mounted:
    """`place` is the mount; `calls`, once it is unmounted: how many calls changed or synced something."""

    place: Path
    calls: int = 0


@contextmanager
def mounted(folder: Path, last: int = NEVER, seed: int = NEVER, error: int = 0) -> Iterator[Mounted]:
    """The files of `folder` on a disk that goes dark after `last` calls, or at the end; `folder` then holds the rest.

    Without a seed nothing is forgotten: a disk as on any other day, or, with `error`, one that refuses every change
    after `last` calls with that error number.
    """
    mount, image = folder.with_name(f"{folder.name}.mount"), folder.with_name(f"{folder.name}.image")
    mount.mkdir()
    told = (folder, mount, image, last, seed, error)
    words = [sys.executable, "-m", "tests.faults.forgetful", *map(str, told)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        _wait(server, mount)
        disk = Mounted(mount)
        try:
            yield disk
        finally:
            subprocess.run(["umount", str(mount)], check=True)
            said, wrong = server.communicate(timeout=PATIENCE)
    assert (server.returncode, wrong) == (0, ""), wrong
    disk.calls = int(said)
    mount.rmdir()
    shutil.rmtree(folder)
    image.rename(folder)


def _wait(server: subprocess.Popen[str], mount: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while not os.path.ismount(mount):
        if server.poll() is not None or time.monotonic() > give_up:
            server.kill()
            missing("fuse", f"As root, with /dev/fuse: apt-get install -y fuse3. It said: {server.communicate()[1]}")
        time.sleep(0.01)
