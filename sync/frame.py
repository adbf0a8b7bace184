"""Knows the envelope every message travels in, over HTTP or on a stick; refuses to know what the message says.

Verify, then decompress under a budget, then parse: bytes of strangers meet no decompressor and no parser.
"""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import zstandard

from layanan.problems import Refused
from sync.keys import SigningKey, VerifyKey

MAGIC = b"PSAR"
VERSION = b"\x01"
MAX_PACKED = 1_000_000
MAX_OPEN = 8_000_000
_KEY_END = len(MAGIC) + len(VERSION) + 8
_SIGNATURE_END = _KEY_END + 64


class FrameKind(StrEnum):
    """What a frame is for; part of what is signed, so that no frame passes for another kind."""

    BATCH = "batch"
    ACKNOWLEDGEMENT = "acknowledgement"
    BUNDLE = "bundle"
    NEWS = "news"
    ATTACHMENT = "attachment"
    ATTACHMENT_REPORT = "attachment_report"


class Opened(NamedTuple):
    """A verified frame's payload, who signed it, and the SHA-256 (hex) of the whole frame."""

    payload: bytes
    key_id: str
    sha256: str


def pack(payload: bytes, key: SigningKey, kind: FrameKind) -> bytes:
    """Return the frame: magic, version, key id, signature, compressed payload. Raises Refused("sync_too_large")."""
    if len(payload) > MAX_OPEN:
        raise Refused("sync_too_large")
    packed = zstandard.ZstdCompressor().compress(payload)
    frame = MAGIC + VERSION + bytes.fromhex(key.id) + key.sign(_label(kind) + packed) + packed
    if len(frame) > MAX_PACKED:
        raise Refused("sync_too_large")
    return frame


def is_frame(raw: bytes) -> bool:
    """Say whether these bytes begin like a frame of any version; a login page of a WiFi does not."""
    return raw.startswith(MAGIC)


def signer(frame: bytes) -> str:
    """Return the id of the key that claims to have signed. Raises Refused("sync_malformed" | "sync_too_new")."""
    if not is_frame(frame) or len(frame) <= _SIGNATURE_END:
        raise Refused("sync_malformed")
    if frame[len(MAGIC) : len(MAGIC) + 1] != VERSION:
        raise Refused("sync_too_new")
    return frame[len(MAGIC) + 1 : _KEY_END].hex()


def unpack(
    frame: bytes,
    find_key: Callable[[str], VerifyKey | None],
    kind: FrameKind,
    max_open: int = MAX_OPEN,
    max_packed: int = MAX_PACKED,
) -> Opened:
    """Return what a frame holds, once its signature is verified.

    Raises Refused("sync_too_large" | "sync_malformed" | "sync_too_new" | "sync_bad_signature").
    """
    if len(frame) > max_packed:
        raise Refused("sync_too_large")
    key_id = signer(frame)
    key = find_key(key_id)
    signature, packed = frame[_KEY_END:_SIGNATURE_END], frame[_SIGNATURE_END:]
    if key is None or not key.verified(signature, _label(kind) + packed):
        raise Refused("sync_bad_signature")
    return Opened(_inflated(packed, max_open), key_id, frame_hash(frame))


def frame_hash(frame: bytes) -> str:
    """Return the hash by which an acknowledgement names the frame it answers."""
    return hashlib.sha256(frame).hexdigest()


def _label(kind: FrameKind) -> bytes:
    return f"pasar/frame/1/{kind}\0".encode()


def _inflated(packed: bytes, max_open: int) -> bytes:
    """The size is declared in front and checked before a byte is opened: a bomb costs nothing."""
    try:
        size = zstandard.frame_content_size(packed)
        if size > max_open:
            raise Refused("sync_too_large")
        if size < 0:
            raise Refused("sync_malformed")
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=max_open, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Refused("sync_malformed") from error
