"""Knows what may be attached to a permohonan: how large, and which kinds of file, by what their first bytes say.

Refuses to believe a file name or a content type that somebody sent along.
"""

from layanan.problems import Refused

MOST_BYTES = 5_000_000
"""A scan of one sheet has some 150,000; more than this is a camera's raw picture or a film."""

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
ENDINGS = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf"}
"""Media types that are taken, and the file name ending of each."""


def media_type(plain: bytes) -> str:
    """Return which of the four these bytes are. Raises Refused("attachment_type" | "attachment_too_large")."""
    if len(plain) > MOST_BYTES:
        raise Refused("attachment_too_large")
    if plain.startswith(b"\xff\xd8\xff"):
        return JPEG
    if plain.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if plain.startswith(b"%PDF-"):
        return PDF
    if plain[:4] == b"RIFF" and plain[8:12] == b"WEBP":
        return WEBP
    raise Refused("attachment_type")
