"""Knows how a file gets onto a disk that is pulled out and is read from one nobody trusts; refuses to know its content.

Only a file that was read back from the disk itself counts as written: sticks exist that sell more room than they have.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layanan.problems import Refused

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_LOCKED = {errno.EROFS, errno.EACCES, errno.EPERM}
_GONE = {errno.ENOENT, errno.ENOTDIR}
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_PIECE = 1_000_000


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted. Raises Refused stick_*."""
    with _as_refused():
        return sorted(os.listdir(folder))


def write_file(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file so that it is whole under its name or not there at all, and read it back from the disk.

    When this returns, the disk may be pulled out. An older file is never replaced. Raises Refused: stick_full,
    stick_readonly, stick_missing, stick_error, stick_untrue (the disk does not keep what is written).
    """
    partial, target = folder / f".{name}.partial", folder / name
    with _as_refused():
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "taken")
        partial.unlink(missing_ok=True)
        try:
            _write(partial, content)
            os.rename(partial, target)
            _settle(folder)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        _check(target, content)
    return target


def read_file(path: Path, most: int) -> bytes:
    """Return the content of an ordinary file. No link is followed, no device or pipe is waited for.

    Raises Refused: stick_no_file, stick_too_large (more than `most` bytes; nothing was read), stick_missing,
    stick_error.
    """
    with _as_refused():
        handle = os.open(path, os.O_RDONLY | _NO_LINKS | _NO_WAITING | _BINARY)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise Refused("stick_no_file")
            if found.st_size > most:
                raise Refused("stick_too_large")
            return _read(handle, most)
        finally:
            os.close(handle)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS | _BINARY, 0o600)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left[:_PIECE]) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _settle(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that cannot sync a folder says so this way
            raise
    finally:
        os.close(handle)


def _check(path: Path, content: bytes) -> None:
    """The kernel's own copy is dropped first: it would agree with whatever was written."""
    handle = os.open(path, os.O_RDONLY | _NO_LINKS | _BINARY)
    try:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        kept = _read(handle, len(content))
    finally:
        os.close(handle)
    if kept != content:
        path.unlink(missing_ok=True)
        raise Refused("stick_untrue")


def _read(handle: int, most: int) -> bytes:
    """Whatever grows while it is read ends one byte above `most`."""
    pieces, room = [], most + 1
    while room and (piece := os.read(handle, min(room, _PIECE))):
        pieces.append(piece)
        room -= len(piece)
    if not room:
        raise Refused("stick_too_large")
    return b"".join(pieces)


@contextmanager
def _as_refused() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refusal(error) from None


def _refusal(error: OSError) -> Refused:
    if error.errno in _NO_ROOM:
        return Refused("stick_full")
    if error.errno in _LOCKED:
        return Refused("stick_readonly")
    if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
        return Refused("stick_no_file")
    return Refused("stick_missing" if error.errno in _GONE else "stick_error")
