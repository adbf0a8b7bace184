"""Fewer bytes over the stall's Wi-Fi: an answer that is the same for everybody goes out in gzip to who takes it.

Knows HTTP's negotiation; refuses every page that is somebody's: beside what a stranger may choose, the length of a
compressed page tells of the secrets in it (BREACH), and such a page is a few KB.
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Iterable
from pathlib import Path

from flask import Response, request

LEAST = 500
"""Bytes below which the headers of compression cost what it saves."""
TEXTS = frozenset(
    {"application/javascript", "application/json", "application/manifest+json", "image/svg+xml"}
)  # beside text/*: what shrinks; pictures are compressed already


def smaller(root: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Name -> its file in gzip, made once; only texts, and only where it saves."""
    texts = {name: (root / name).read_bytes() for name in names if _is_text(mimetypes.guess_type(name)[0])}
    made = {name: pack(body) for name, body in texts.items() if len(body) >= LEAST}
    return {name: body for name, body in made.items() if len(body) < len(texts[name])}


def pack(body: bytes) -> bytes:
    """In gzip, the same bytes for the same text on every day."""
    return gzip.compress(body, mtime=0)


def public(response: Response) -> Response:
    """The answer in gzip where it is asked for. Call it for what no session, cookie or field has any part in, and
    before its ETag is made."""
    response.vary.add("Accept-Encoding")
    if _is_text(response.mimetype) and len(response.get_data()) >= LEAST and takes_gzip():
        response.set_data(pack(response.get_data()))
        response.content_encoding = "gzip"
    return response


def takes_gzip() -> bool:
    """Whether the request may be answered in gzip; a part of a file (Range) is a part of the plain one."""
    return "Range" not in request.headers and request.accept_encodings.quality("gzip") > 0


def _is_text(kind: str | None) -> bool:
    return kind is not None and (kind.startswith("text/") or kind in TEXTS)
