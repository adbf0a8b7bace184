"""Knows what stall and headquarters say to each other and how it is spelled; refuses to know how it travels.

A message is canonical JSON with the entries embedded as values: spelling them again gives the very bytes that
were hashed. What a newer version adds is ignored; `min_reader` says when it must not be.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from layanan.problems import Refused
from sync.canonical import MAX_DEPTH, decode, spell, spelled
from sync.chain import Position
from sync.entry import MAX_SEALED, Entry, number, text, truth
from sync.recovery import NOTHING, Recovery
from sync.seal import CAPSULE_SIZE, sealed_hash
from sync.wire import folded, unfolded

VERSION = 1
_DEPTH = MAX_DEPTH + 4
_Message = TypeVar("_Message")


class Result(StrEnum):
    """What became of an entry; every one of them counts as an answer."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    WAITING = "waiting"


@dataclass(frozen=True)
class Sender:
    """Who sends a batch: a device under its newest epoch, for one headquarters."""

    hq: str
    device: str
    epoch: int
    stall: str


@dataclass(frozen=True)
class Item:
    """An entry on its way with its sealed part, if it has one and it still exists."""

    entry: Entry
    sealed: bytes | None = None

    def problem(self) -> str | None:
        """Return the code of what is wrong with this pair, whoever sent it; None when it is whole."""
        if self.sealed is None:
            return None
        if len(self.sealed) > MAX_SEALED:
            return "entry_too_large"
        ref = self.entry.sealed
        return None if ref and ref.sha256 == sealed_hash(self.sealed) else "sealed_mismatch"


@dataclass(frozen=True)
class Capsule:
    """A shift key sealed to headquarters (80 bytes), and the device that made it."""

    key: str
    device: str
    capsule: bytes


@dataclass(frozen=True)
class Answer:
    """Headquarters' answer for one entry, named by its hash; `problem` is a code of the catalogue."""

    hash: str
    result: Result
    problem: str | None = None

    @property
    def final(self) -> bool:
        """Say whether the entry is done with. A revoked sender's entries are not: they go again under the next."""
        return self.problem != "sync_revoked"


@dataclass(frozen=True)
class Down:
    """A stretch of headquarters' log for a stall: raw entries, the place after them, and more to come or not.

    `proof` is headquarters' signature over the place: entries that a stall gives back later, after headquarters
    lost them, are proven genuine by it.
    """

    entries: tuple[bytes, ...]
    position: Position
    proof: bytes = b""
    has_more: bool = False

    def to_fields(self) -> dict[str, Any]:
        """Return the stretch as plain values."""
        return {
            "entries": [spelled(raw) for raw in self.entries],
            "position": self.position.to_fields(),
            "proof": _base64(self.proof),
            "has_more": self.has_more,
        }

    @classmethod
    def from_fields(cls, given: Any) -> "Down":
        """Return the stretch of plain values. Raises KeyError, TypeError or ValueError."""
        entries = tuple(spell(value) for value in given["entries"])
        return cls(entries, Position.from_fields(given["position"]), _bytes(given["proof"]), truth(given["has_more"]))


@dataclass(frozen=True)
class Batch:
    """What a stall sends: entries, the capsules they need, and how far it has read headquarters' log.

    `unreadable` is filled by the reader: raw values that stood where an entry should and are none.
    """

    sender: Sender
    nonce: bytes
    items: tuple[Item, ...]
    capsules: tuple[Capsule, ...]
    cursor: Position
    unreadable: tuple[bytes, ...] = ()
    recovery: Recovery = NOTHING

    def to_payload(self) -> bytes:
        """Return the message's bytes."""
        who = self.sender
        return spell(
            {
                "version": VERSION,
                "min_reader": VERSION,
                "sender": [who.hq, who.device, who.epoch, who.stall],
                "nonce": self.nonce.hex(),
                "items": [_item_fields(one) for one in self.items],
                "capsules": [[one.key, one.device, _base64(one.capsule)] for one in self.capsules],
                "cursor": self.cursor.to_fields(),
                **_unless_empty("recovery", self.recovery.to_fields()),
            }
        )

    @cached_property
    def short(self) -> bytes:
        """The message's bytes, folded; made once."""
        return folded(self.to_payload())

    def known(self) -> tuple[str, ...]:
        """Return what the answer need not spell out: both sides have it from this batch."""
        who, hashes = self.sender, [item.entry.hash for item in self.items]
        return (*hashes, self.cursor.chain, who.hq, who.device, who.stall)

    @classmethod
    def from_payload(cls, payload: bytes) -> "Batch":
        """Return the batch; an entry that is none stands in `unreadable` and spoils no other.

        Raises Refused("sync_malformed" | "sync_too_new").
        """
        return _read(unfolded(payload), cls._from_fields)

    @classmethod
    def _from_fields(cls, given: Any) -> "Batch":
        hq, device, epoch, stall = given["sender"]
        items, unreadable = _items(given["items"])
        return cls(
            Sender(text(hq), text(device), number(epoch), text(stall)),
            bytes.fromhex(text(given["nonce"])),
            items,
            tuple(_capsule(one) for one in given["capsules"]),
            Position.from_fields(given["cursor"]),
            unreadable,
            Recovery.from_fields(given.get("recovery", {})),
        )


@dataclass(frozen=True)
class Acknowledgement:
    """What headquarters answers: signed, and about exactly one frame (`batch` is that frame's SHA-256, hex).

    `problem` is about the sender as a whole (revoked, forked), never about one entry. `heads` are those of the other
    logs the stall asked for, `common` the last place in headquarters' log that both now have, `found` the stall's own
    entries that it wanted back.
    """

    batch: str
    answers: tuple[Answer, ...]
    head: Position
    durable: Position | None
    server_time: str
    down: Down
    problem: str | None = None
    heads: tuple[Position, ...] = ()
    common: Position | None = None
    found: tuple[Item, ...] = ()

    def to_payload(self) -> bytes:
        """Return the message's bytes."""
        return spell(
            {
                "version": VERSION,
                "min_reader": VERSION,
                "batch": self.batch,
                "answers": [[one.hash, str(one.result), one.problem] for one in self.answers],
                "head": self.head.to_fields(),
                "durable": self.durable and self.durable.to_fields(),
                "server_time": self.server_time,
                "down": self.down.to_fields(),
                "problem": self.problem,
                **_unless_empty("heads", [head.to_fields() for head in self.heads]),
                **_unless_empty("common", self.common and self.common.to_fields()),
                **_unless_empty("found", [_item_fields(item) for item in self.found]),
            }
        )

    @classmethod
    def from_payload(cls, payload: bytes, known: Sequence[str] = ()) -> "Acknowledgement":
        """Return the acknowledgement; `known` is that of the batch it answers.

        Raises Refused("sync_malformed" | "sync_too_new").
        """
        return _read(unfolded(payload, known), cls._from_fields)

    @classmethod
    def _from_fields(cls, given: Any) -> "Acknowledgement":
        durable, common = given["durable"], given.get("common")
        return cls(
            text(given["batch"]),
            tuple(Answer(text(sha), Result(result), _optional(problem)) for sha, result, problem in given["answers"]),
            Position.from_fields(given["head"]),
            None if durable is None else Position.from_fields(durable),
            text(given["server_time"]),
            Down.from_fields(given["down"]),
            _optional(given["problem"]),
            tuple(Position.from_fields(head) for head in given.get("heads", ())),
            None if common is None else Position.from_fields(common),
            _items(given.get("found", ()))[0],
        )


def _read(payload: bytes, reader: Callable[[Any], _Message]) -> _Message:
    given = decode(payload, max_depth=_DEPTH)
    try:
        if number(given["min_reader"]) > VERSION:
            raise Refused("sync_too_new")
        return reader(given)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("sync_malformed") from error


def _item_fields(item: Item) -> list[Any]:
    return [spelled(item.entry.raw), item.sealed and _base64(item.sealed)]


def _items(values: Sequence[Any]) -> tuple[tuple[Item, ...], tuple[bytes, ...]]:
    items: list[Item] = []
    unreadable: list[bytes] = []
    for value, sealed in values:
        raw = spell(value)
        part = None if sealed is None else _bytes(sealed)
        try:
            items.append(Item(Entry.read_value(value, raw), part))
        except Refused:
            unreadable.append(raw)
    return tuple(items), tuple(unreadable)


def _capsule(value: Any) -> Capsule:
    key, device, sealed = value
    capsule = _bytes(sealed)
    if len(capsule) != CAPSULE_SIZE:
        raise ValueError("a capsule has 80 bytes")
    return Capsule(text(key), text(device), capsule)


def _unless_empty(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if value else {}


def _optional(value: Any) -> str | None:
    return None if value is None else text(value)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _bytes(value: Any) -> bytes:
    return b64decode(text(value), validate=True)


def unreadable_answer(raw: bytes) -> Answer:
    """Return the answer for a value that is no entry; it is kept raw and named by the hash of its bytes."""
    return Answer(hashlib.sha256(raw).hexdigest(), Result.REJECTED, "sync_malformed")
