"""Knows a courier's file as bytes, a signed list of frames and the frames, and its name; refuses to know disks.

A file is believed whole or not at all: size, signature of the list, and length and hash of every frame come first.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from layanan.problems import Refused
from sync.canonical import decode, spell
from sync.chain import Position
from sync.entry import number, text
from sync.frame import MAX_PACKED, FrameKind, pack, signer, unpack
from sync.keys import SigningKey, VerifyKey
from sync.messages import VERSION, Sender

MAGIC = b"PSBU"
FORMAT = b"\x01"
MAX_BYTES = 64_000_000
"""Of one file: it is read whole, on machines with little memory."""
MAX_FRAMES = 2_000

_LIST = len(MAGIC) + len(FORMAT) + 4
_NAME = re.compile(r"([a-z0-9-]{1,60})\.(ke-mpp|dari-mpp)\.([0-9]{4,15})\.pasar", re.IGNORECASE)


class Direction(StrEnum):
    """Which way a file travels; the word in its name."""

    TO_HQ = "ke-mpp"
    FROM_HQ = "dari-mpp"


class Framed(NamedTuple):
    """A frame and what it is for."""

    kind: FrameKind
    raw: bytes


@dataclass(frozen=True)
class Cover:
    """Who gave which file to the courier: the sender's own running `number`, and the head of its log at that moment.

    From headquarters, `sender` names it as hq and device, its incarnation as epoch, and the stall it writes to.
    """

    direction: Direction
    number: int
    sender: Sender
    head: Position

    @property
    def name(self) -> str:
        """The file's name: stall, direction and number, nothing about a person."""
        return file_name(self.sender.stall, self.direction, self.number)

    def to_fields(self) -> dict[str, Any]:
        """Return the cover as plain values."""
        who = self.sender
        return {
            "direction": str(self.direction),
            "number": self.number,
            "sender": [who.hq, who.device, who.epoch, who.stall],
            "head": self.head.to_fields(),
        }

    @classmethod
    def from_fields(cls, given: Any) -> "Cover":
        """Return the cover of plain values. Raises KeyError, TypeError or ValueError."""
        hq, device, epoch, stall = given["sender"]
        sender = Sender(text(hq), text(device), number(epoch), text(stall))
        return cls(Direction(given["direction"]), number(given["number"]), sender, Position.from_fields(given["head"]))


@dataclass(frozen=True)
class Bundle:
    """A file whose every byte is what its sender signed; `sha256` names it, `signer` is the key that signed the list.

    What the frames say was not looked at.
    """

    cover: Cover
    frames: tuple[Framed, ...]
    sha256: str
    signer: str


class Named(NamedTuple):
    """What a file's name claims; good for sorting, never believed."""

    stall: str
    direction: Direction
    number: int


def file_name(stall: str, direction: Direction, number: int) -> str:
    """Return the name of a courier's file."""
    return f"{stall}.{direction}.{number:04d}.pasar"


def read_name(name: str) -> Named | None:
    """Return what the name of a courier's file claims, None for any other name."""
    found = _NAME.fullmatch(name)
    return Named(found[1].lower(), Direction(found[2].lower()), int(found[3])) if found else None


def pack_bundle(cover: Cover, frames: Sequence[Framed], key: SigningKey) -> bytes:
    """Return the file's bytes. Raises Refused("sync_too_large")."""
    listed = [[str(kind), len(raw), hashlib.sha256(raw).hexdigest()] for kind, raw in frames]
    payload = spell({"version": VERSION, "min_reader": VERSION, **cover.to_fields(), "frames": listed})
    first = pack(payload, key, FrameKind.BUNDLE)
    whole = b"".join([MAGIC, FORMAT, len(first).to_bytes(4, "big"), first, *(raw for _, raw in frames)])
    if len(frames) > MAX_FRAMES or len(whole) > MAX_BYTES:
        raise Refused("sync_too_large")
    return whole


def list_signer(raw: bytes) -> str:
    """Return the id of the key that claims to have signed the list. Raises Refused as `read_bundle`."""
    return signer(_list_of(raw))


def read_bundle(raw: bytes, find_key: Callable[[str], VerifyKey | None]) -> Bundle:
    """Return the file's cover and frames.

    Raises Refused: stick_too_large, courier_unknown (no such file at all), courier_foreign (signed by a key that
    `find_key` does not know), courier_damaged, sync_too_new.
    """
    if len(raw) > MAX_BYTES:
        raise Refused("stick_too_large")
    first = _list_of(raw)
    try:
        key_id = signer(first)
        key = find_key(key_id)
        if key is None:
            raise Refused("courier_foreign")
        cover, listed = _read_list(unpack(first, lambda _: key, FrameKind.BUNDLE).payload)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused("courier_damaged") from None
    except Refused as refused:
        raise refused if refused.code in ("courier_foreign", "sync_too_new") else Refused("courier_damaged") from None
    return Bundle(cover, _frames(raw, _LIST + len(first), listed), hashlib.sha256(first).hexdigest(), key_id)


class _Listed(NamedTuple):
    kind: FrameKind
    size: int
    sha256: str


def _list_of(raw: bytes) -> bytes:
    if not raw.startswith(MAGIC):
        raise Refused("courier_unknown")
    if raw[len(MAGIC) : len(MAGIC) + 1] != FORMAT:
        raise Refused("sync_too_new")
    size = int.from_bytes(raw[_LIST - 4 : _LIST], "big")
    if size > MAX_PACKED or _LIST + size > len(raw):
        raise Refused("courier_damaged")
    return raw[_LIST : _LIST + size]


def _read_list(payload: bytes) -> tuple[Cover, list[_Listed]]:
    given = decode(payload)
    if number(given["min_reader"]) > VERSION:
        raise Refused("sync_too_new")
    if len(given["frames"]) > MAX_FRAMES:
        raise Refused("courier_damaged")
    listed = [_Listed(FrameKind(kind), number(size), text(sha)) for kind, size, sha in given["frames"]]
    return Cover.from_fields(given), listed


def _frames(raw: bytes, place: int, listed: Sequence[_Listed]) -> tuple[Framed, ...]:
    if place + sum(one.size for one in listed) != len(raw):
        raise Refused("courier_damaged")
    frames = []
    for one in listed:
        frame = raw[place : place + one.size]
        place += one.size
        if hashlib.sha256(frame).hexdigest() != one.sha256:
            raise Refused("courier_damaged")
        frames.append(Framed(one.kind, frame))
    return tuple(frames)
