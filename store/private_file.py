"""Knows how a small file for the owner's eyes only is replaced: whole, and on the disk when the call returns.

Refuses to know what is in it. A kill or a power cut at any point leaves the old file or the new one.
"""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file. Raises OSError, and the old file stands."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    if os.name != "nt":
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
