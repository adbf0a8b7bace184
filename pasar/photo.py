"""Takes a photo that a service asks for: decoded and written anew by a child process, then sealed into the file.

Knows which paper may be photographed and what stands in the way; refuses to decode a picture in the stall's own
process, and to keep a byte of what was sent.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

from layanan.attachments import JPEG, WEBP, media_type
from layanan.problems import Refused
from offline_db.attachments import Added, Within, add
from offline_db.own_log import Desk
from offline_db.permohonan import find
from offline_db.typed import catalogue_of

LARGEST = 9 << 20
"""Bytes of a photo as it is sent; what a phone has shrunk has a sixtieth of it."""
LARGEST_MADE = 1 << 20
AT_ONCE, PATIENCE, DEADLINE = 2, 10.0, 20.0
"""Children at the same time, and seconds: until it is one's turn, and for one photo."""
_HEAVY = "photo_too_heavy"
REASONS = {11: "photo_damaged", 12: _HEAVY, 13: "photo_too_small", -9: _HEAVY, -24: _HEAVY}
"""Problem of each exit code of photo_child.py; the last two are SIGKILL at the deadline and SIGXCPU."""
STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH")

_turns = threading.BoundedSemaphore(AT_ONCE)


def keep_photo(record_id: str, paper: int | None, sent: bytes, desk: Desk, *, within: Within = None) -> Added:
    """Make a photo of this paper small and clean, seal and store it; the same again adds nothing.

    Without a paper it is of the only one that asks for a photo. `within` joins the transaction that adds.
    Raises Refused photo_* and what `add` refuses; photo_not_kept where the disk is in the way, because the request
    itself is stored.
    """
    row = find(record_id)
    if row is None:
        raise Refused("permohonan_unknown")
    wanted = catalogue_of(record_id).service(row.service).photos
    if paper is None and len(wanted) == 1:
        (paper,) = wanted
    if isinstance(paper, bool) or paper not in wanted:
        raise Refused("photo_not_wanted")
    made = reencode(sent)
    try:
        return add(record_id, made, desk, paper=paper, within=within)
    except Refused as refused:
        if refused.code.startswith("disk_"):
            raise Refused("photo_not_kept") from None
        raise


def reencode(sent: bytes) -> bytes:
    """Return the photo upright, at most 1280 pixels long, as a WebP or JPEG that holds nothing but its pixels.

    Raises Refused photo_missing, photo_type, photo_heic, photo_too_heavy, photo_too_small, photo_damaged, photo_busy.
    """
    _check_kind(sent)
    if not _turns.acquire(timeout=PATIENCE):
        raise Refused("photo_busy")
    try:
        code, made = _in_a_child(sent)
    finally:
        _turns.release()
    if code:
        raise Refused(REASONS.get(code, "photo_damaged"))
    if len(made) > LARGEST_MADE or media_type(made) not in (WEBP, JPEG):
        raise Refused("photo_damaged")
    return made


def _check_kind(sent: bytes) -> None:
    """By the first bytes; what a name or a header says of them counts for nothing."""
    if not sent:
        raise Refused("photo_missing")
    if len(sent) > LARGEST:
        raise Refused("photo_too_heavy")
    if sent[4:8] == b"ftyp" and sent[8:12] in HEIC:
        raise Refused("photo_heic")
    if not sent.startswith(STARTS) and not (sent[:4] == b"RIFF" and sent[8:12] == b"WEBP"):
        raise Refused("photo_type")


def _in_a_child(sent: bytes) -> tuple[int, bytes]:
    """The exit code and what came back; a negative code is the signal that ended it."""
    child = subprocess.Popen(
        _command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_surroundings(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )  # fmt: skip
    late = threading.Timer(DEADLINE, child.kill)
    late.start()
    try:
        assert child.stdin and child.stdout
        with child.stdout:
            with suppress(OSError), child.stdin:  # one that died early has closed its end
                child.stdin.write(sent)
            made = child.stdout.read(LARGEST_MADE + 1)
        return child.wait(), made
    finally:
        late.cancel()
        child.kill()
        child.wait()


@cache
def _command() -> list[str]:
    """Its own interpreter, without the environment's words and without site-packages: only the folder of Pillow."""
    script = Path(__file__).with_name("photo_child.py")
    pillow = importlib.util.find_spec("PIL")
    place = Path(pillow.origin).parents[1] if pillow and pillow.origin else Path()
    start = f"import sys, runpy; sys.path.append({str(place)!r}); runpy.run_path({str(script)!r}, run_name='__main__')"
    return [sys.executable, "-I", "-S", "-c", start]


def _surroundings() -> dict[str, str]:
    return {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
