"""Knows what a failing disk looks like from SQLite and from the operating system, and which problem to name."""

import errno
import os
import shutil
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from layanan.problems import Refused

StatementFailed = DBAPIError
"""What any statement raises whose file did not obey; for those who catch it and speak no SQL."""

# Primary result codes, https://www.sqlite.org/rescode.html ; spelled out because only one module imports sqlite3.
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
_PROBLEMS = {
    _BUSY: "store_busy",
    _LOCKED: "store_busy",
    _READONLY: "disk_readonly",
    _IOERR: "disk_error",
    _CORRUPT: "store_damaged",
    _FULL: "disk_full",
    _CANTOPEN: "disk_error",
    _NOTADB: "store_damaged",
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC, errno.EFBIG)
_NEARLY_NOTHING = 64 * 1024


def result_code(error: BaseException) -> int:
    """SQLite's primary result code of `error` or of the driver's error inside it; 0 when it is none of SQLite's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(cause, "sqlite_errorcode", 0) or 0) & 0xFF


def is_distrusted(error: BaseException) -> bool:
    """True when the connection must not be used again: after a failed fsync a later success proves nothing."""
    return result_code(error) in (_IOERR, _CORRUPT, _NOTADB, _CANTOPEN)


def refusal(error: BaseException, database: Path) -> Refused | None:
    """Return the problem a person is told for a failure of the store, or None for any other error."""
    code = _PROBLEMS.get(result_code(error))
    if code == "disk_error" and _is_out_of_room(database):
        code = "disk_full"
    return Refused(code) if code else None


def refusal_of_os_error(error: OSError) -> Refused:
    """Return the problem for a failed file operation beside the database."""
    if error.errno in _NO_ROOM:
        return Refused("disk_full")
    return Refused("disk_readonly" if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) else "disk_error")


def _is_out_of_room(database: Path) -> bool:
    """SQLite reports a full disk as an I/O error when it was the shared-memory index that could not grow, and one
    without an inode for its log as a file that cannot be opened."""
    try:
        return shutil.disk_usage(database.parent).free < _NEARLY_NOTHING or _has_no_inode(database.parent)
    except OSError:
        return False


def _has_no_inode(folder: Path) -> bool:
    """A file system that counts none (btrfs) says 0 of 0; Windows does not say."""
    if not hasattr(os, "statvfs"):
        return False
    found = os.statvfs(folder)
    return found.f_files > 0 and found.f_favail == 0
