"""Knows what stall and headquarters say to each other about attachments and how it is spelled; refuses to know disks.

A message is the length of a head (4 bytes, big endian), the head as canonical JSON, and a chunk of sealed bytes as
they are: they do not compress and need no other spelling.
"""

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from layanan.attachments import MOST_BYTES
from layanan.problems import Refused
from sync.canonical import decode, encode
from sync.entry import number, read_time, text
from sync.extents import Extent, merged, total
from sync.messages import VERSION, Capsule, Sender
from sync.seal import ATTACHMENT_OVERHEAD, CAPSULE_SIZE

LEAST_CHUNK, MOST_CHUNK = 8 * 1024, 256 * 1024
MOST_SEALED = MOST_BYTES + ATTACHMENT_OVERHEAD
MOST_ASKED = 20
MOST_EXTENTS = 1_000
"""Stretches of one attachment that headquarters keeps apart; whoever sends more pieces is no stall of ours."""
_SHA256 = re.compile("[0-9a-f]{64}")
_Message = TypeVar("_Message")


class State(StrEnum):
    """What headquarters has of an attachment. Only `durable` lets a stall forget the bytes."""

    UNKNOWN = "unknown"
    PARTIAL = "partial"
    COMPLETE = "complete"
    DURABLE = "durable"
    REFUSED = "refused"


@dataclass(frozen=True)
class Asked:
    """An attachment by the SHA-256 of its sealed bytes (hex), and the hash of the entry that names it."""

    sha256: str
    entry: str


@dataclass(frozen=True)
class Chunk:
    """Sealed bytes of an attachment from place `start` on."""

    sha256: str
    start: int
    body: bytes


@dataclass(frozen=True)
class Offer:
    """What a stall asks about, the capsules that open it, and at most one chunk of one of those asked about.

    `trust` are the ids of headquarters' signing keys whose answer this stall can check.
    """

    sender: Sender
    asked: tuple[Asked, ...]
    capsules: tuple[Capsule, ...] = ()
    chunk: Chunk | None = None
    trust: tuple[str, ...] = ()
    nonce: bytes = field(default_factory=lambda: os.urandom(16))

    def to_payload(self) -> bytes:
        """Return the message's bytes."""
        who = self.sender
        head = {
            "version": VERSION,
            "min_reader": VERSION,
            "sender": [who.hq, who.device, who.epoch, who.stall],
            "nonce": self.nonce.hex(),
            "asked": [[one.sha256, one.entry] for one in self.asked],
            "capsules": [[one.key, one.device, b64encode(one.capsule).decode()] for one in self.capsules],
            "trust": list(self.trust),
            "chunk": [self.chunk.sha256, self.chunk.start] if self.chunk else None,
        }
        return _joined(encode(head), self.chunk.body if self.chunk else b"")

    @classmethod
    def from_payload(cls, payload: bytes) -> "Offer":
        """Return the message. Raises Refused("sync_malformed" | "sync_too_new" | "sync_too_large")."""
        return _read(payload, cls._from_fields)

    @classmethod
    def _from_fields(cls, given: Any, body: bytes) -> "Offer":
        hq, device, epoch, stall = given["sender"]
        asked = tuple(Asked(_hash(sha), _hash(entry)) for sha, entry in given["asked"])
        chunk = None if given["chunk"] is None else _chunk(given["chunk"], body)
        named = len(asked) <= MOST_ASKED and (chunk is None or chunk.sha256 in {one.sha256 for one in asked})
        if not named or bool(chunk) != bool(body):
            raise ValueError("a chunk of something that was not asked about, or too many questions")
        return cls(
            sender=Sender(text(hq), text(device), number(epoch), text(stall)),
            asked=asked,
            capsules=tuple(_capsule(one) for one in given["capsules"]),
            chunk=chunk,
            trust=tuple(text(key) for key in given.get("trust", ())),
            nonce=bytes.fromhex(text(given["nonce"])),
        )


@dataclass(frozen=True)
class Told:
    """What headquarters has of one attachment; `problem` is a code of the catalogue, with `refused` always."""

    sha256: str
    state: State
    held: tuple[Extent, ...] = ()
    problem: str | None = None

    @property
    def bytes_held(self) -> int:
        """Return how many bytes of it are there."""
        return total(self.held)


@dataclass(frozen=True)
class Report:
    """Headquarters' signed answer to exactly one frame: what it has of each attachment asked about, in that order."""

    frame: str
    told: tuple[Told, ...]
    server_time: str
    problem: str | None = None

    def to_payload(self) -> bytes:
        """Return the message's bytes."""
        head = {
            "version": VERSION,
            "min_reader": VERSION,
            "frame": self.frame,
            "told": [[one.sha256, str(one.state), [list(e) for e in one.held], one.problem] for one in self.told],
            "server_time": self.server_time,
            "problem": self.problem,
        }
        return _joined(encode(head), b"")

    @classmethod
    def from_payload(cls, payload: bytes) -> "Report":
        """Return the message. Raises Refused("sync_malformed" | "sync_too_new")."""
        return _read(payload, cls._from_fields)

    @classmethod
    def _from_fields(cls, given: Any, body: bytes) -> "Report":
        told = tuple(_told(one) for one in given["told"])
        read_time(text(given["server_time"]))
        return cls(text(given["frame"]), told, given["server_time"], _optional(given["problem"]))


def _joined(head: bytes, body: bytes) -> bytes:
    return b"".join((len(head).to_bytes(4, "big"), head, body))


def _read(payload: bytes, reader: Callable[[Any, bytes], _Message]) -> _Message:
    end = 4 + int.from_bytes(payload[:4], "big")
    if len(payload) < end:
        raise Refused("sync_malformed")
    given = decode(payload[4:end])
    try:
        if number(given["min_reader"]) > VERSION:
            raise Refused("sync_too_new")
        return reader(given, payload[end:])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("sync_malformed") from error


def _chunk(given: Any, body: bytes) -> Chunk:
    sha, start = given
    if len(body) > MOST_CHUNK:
        raise Refused("sync_too_large")
    return Chunk(_hash(sha), number(start), body)


def _told(given: Any) -> Told:
    sha, state, held, problem = given
    extents = tuple((number(start), number(stop)) for start, stop in held)
    if len(extents) > MOST_EXTENTS or merged(extents) != extents or any(stop > MOST_SEALED for _, stop in extents):
        raise ValueError("stretches ascend, do not touch, and end where attachments end")
    return Told(_hash(sha), State(state), extents, _optional(problem))


def _capsule(given: Any) -> Capsule:
    key, device, sealed = given
    capsule = b64decode(text(sealed), validate=True)
    if len(capsule) != CAPSULE_SIZE:
        raise ValueError("a capsule has 80 bytes")
    return Capsule(text(key), text(device), capsule)


def _hash(given: Any) -> str:
    if not _SHA256.fullmatch(text(given)):
        raise ValueError("a SHA-256 in small hex digits was expected")
    return str(given)


def _optional(given: Any) -> str | None:
    return None if given is None else text(given)
