"""A file system that forgets what was not synced, to be mounted: forgetful.py FOLDER MOUNT IMAGE LAST SEED ERROR.

It begins with the files of FOLDER. After LAST calls that change or sync something the power goes: from then on every
call fails, and IMAGE is what the disk still holds. LAST -1: the power goes at the unmount; SEED -1: nothing is
forgotten. ERROR, if not 0: the power stays, and changes after the LAST call are refused with that number (30: as a
kernel turns a failing disk read-only). Prints how many calls there were. What may be left is the business of `disk.py`.

The kernel's cache stays on (no `direct_io`): SQLite maps the index of its log into memory, and FUSE does that only so.
"""

from __future__ import annotations

import errno
import random
import stat
import sys
from pathlib import Path
from typing import Any

from mfusepy import FUSE, FuseOSError, Operations

from tests.faults.disk import FLEETING, OUTSIDE, Disk, File

BLOCK, BLOCKS = 4096, 1_000_000


class Forgetful(Operations):  # type: ignore[misc]
    """The calls of FUSE on a `Disk`; folders are kept as they are made, permissions are the owner's."""

    use_ns = True

    def __init__(self, folder: Path, image: Path, last: int, seed: int, error: int) -> None:
        self.disk = Disk(folder)
        self.folders = {str(path) for path in (folder, *folder.rglob("*")) if path.is_dir()}
        self.image, self.last, self.error = image, last, error
        self.rng = random.Random(seed) if seed >= 0 else None
        self.calls, self.dark = 0, False

    def place(self, path: str) -> str:
        return f"{self.disk.folder}{path}".rstrip("/")

    def lit(self) -> None:
        if self.dark:
            raise FuseOSError(errno.EIO)

    def step(self, path: str) -> str:
        """One more call that changes something; the power goes before it when its time has come."""
        self.lit()
        if not path.endswith(OUTSIDE):
            if self.calls == self.last and self.error:
                raise FuseOSError(self.error)
            if self.calls == self.last:
                self.cut()
                self.lit()
            self.calls += not path.endswith(FLEETING)
        return self.place(path)

    def cut(self) -> None:
        self.image.mkdir()
        for folder in sorted(self.folders):
            (self.image / Path(folder).relative_to(self.disk.folder)).mkdir(exist_ok=True)
        self.disk.cut(self.image, self.rng)
        self.dark = True

    def file(self, path: str) -> File:
        self.lit()
        found = self.disk.names.get(self.place(path))
        if found is None:
            raise FuseOSError(errno.ENOENT)
        return found

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        if self.place(path) in self.folders:
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
        return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": len(self.file(path).seen)}

    def readdir(self, path: str, fh: int) -> list[str]:
        inside = Path(self.place(path))
        return [".", "..", *(Path(p).name for p in (*self.disk.names, *self.folders) if Path(p).parent == inside)]

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_namemax": 255} | dict.fromkeys(
            ("f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail"), BLOCKS
        )

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self.file(path).seen[offset : offset + size])

    def open(self, path: str, flags: int) -> int:
        self.file(path)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        self.disk.change({self.step(path): File()})
        return 0

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self.step(path)
        self.file(path).write(offset, data)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self.step(path)
        self.file(path).write(length, b"")
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self.disk.sync(self.step(path))
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self.disk.sync(self.step(path))
        return 0

    def unlink(self, path: str) -> int:
        self.disk.change({self.step(path): None})
        return 0

    def rename(self, old: str, new: str) -> int:
        moved, target = self.file(old), self.step(new)
        self.disk.change({self.place(old): None, target: moved})
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self.folders.add(self.step(path))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        return 0

    def destroy(self, path: str) -> None:
        if not self.dark:
            self.cut()


def main(folder: str, mount: str, image: str, last: str, seed: str, error: str) -> None:
    files = Forgetful(Path(folder), Path(image), int(last), int(seed), int(error))
    FUSE(files, mount, foreground=True, nothreads=True, fsname="forgetful")
    print(files.calls)


if __name__ == "__main__":
    main(*sys.argv[1:])
