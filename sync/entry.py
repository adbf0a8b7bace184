"""Knows one entry of a log as a byte string that never changes; refuses to know where entries are kept.

An entry holds hashes of its sealed part, never the part: pruning and erasure leave every hash valid.
"""

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from types import NoneType
from typing import Any, NamedTuple

from layanan.permohonan import Event
from layanan.problems import Refused
from sync.canonical import decode, encode, parse

MAX_ENTRY = 16 * 1024
_IDS = hashlib.sha1(hashlib.sha256(b"pasar/entry/1").digest()[:16], usedforsecurity=False)
"""SHA-1 after the name space: what every UUIDv5 of an entry begins with."""
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
MAX_SEALED = 4 * 1024 + 64
"""A personal part of at most 4 KB, its counter and its tag."""


class Moment(NamedTuple):
    """When something happened, as far as a machine without a clock battery can say (`mono_ms` since `boot`)."""

    utc: datetime
    zone: str
    boot: str
    mono_ms: int
    trusted: bool


class SealedRef(NamedTuple):
    """Which shift key opens the sealed part, and the SHA-256 (hex) of its ciphertext."""

    key: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry; `raw` is what is hashed, stored and sent, kept verbatim when it came from elsewhere.

    `read` is how far its writer had read the other log: (incarnation, seq) in a stall's entry, (epoch, seq) in
    headquarters'. Fields this version does not know stand in `extra` and ride along.
    Raises Refused("entry_too_large") beyond 16 KB.
    """

    id: str
    author: str
    epoch: int
    seq: int
    kind: str
    record: str | None
    at: datetime
    zone: str
    boot: str
    mono: int
    trusted: bool
    operator: str
    read: tuple[int, int]
    catalogue: str
    fields: Mapping[str, Any]
    sealed: SealedRef | None = None
    attachments: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    hash: str = ""

    def __post_init__(self) -> None:
        raw = self.raw or encode(_to_fields(self))
        if len(raw) > MAX_ENTRY:
            raise Refused("entry_too_large")
        object.__setattr__(self, "raw", raw)
        object.__setattr__(self, "hash", hashlib.sha256(raw).hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    @classmethod
    def decode(cls, raw: bytes) -> "Entry":
        """Return the entry these bytes are. Raises Refused("sync_malformed" | "entry_too_large")."""
        if len(raw) > MAX_ENTRY:
            raise Refused("entry_too_large")
        return cls.read_value(decode(raw), raw)

    @classmethod
    def read_value(cls, value: Any, raw: bytes) -> "Entry":
        """Return the entry of a value that is already parsed and whose canonical bytes are `raw`."""
        if len(raw) > MAX_ENTRY:
            raise Refused("entry_too_large")
        try:
            known = _known_fields(value)
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("sync_malformed") from error
        known["extra"] = (
            {} if len(value) == len(_TYPES) else {name: value[name] for name in value if name not in _TYPES}
        )
        known["raw"], known["hash"] = raw, hashlib.sha256(raw).hexdigest()
        entry = cls.__new__(cls)
        # All at once: setting twenty fields one by one takes as long as reading them.
        object.__setattr__(entry, "__dict__", known)
        return entry

    @classmethod
    def stored(cls, raw: bytes) -> "Entry":
        """Return the entry of bytes that are known to be one, because their hash is that of an entry decoded before."""
        return cls.read_value(parse(raw), raw)

    def event(self, hq: bool) -> Event:
        """Return what the fold sees of this entry; `hq` says whose log it stands in."""
        return Event(hq, (self.epoch, self.seq), self.hash, self.read, self.kind, self.fields, spelled_time(self.at))


def entry_id(author: str, epoch: int, seq: int) -> str:
    """Return the id of the entry at this place of a log: who knows the place need not be told the id."""
    named = _IDS.copy()
    named.update(f"{author}/{epoch}/{seq}".encode())
    digits = named.hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"


def spelled_time(at: datetime) -> str:
    """Return a UTC time as `2026-11-21T01:02:03.456Z`. Raises Refused("sync_malformed") without a time zone."""
    if at.tzinfo is None:
        raise Refused("sync_malformed")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read_time(text: str) -> datetime:
    """Return the time that `spelled_time` spelled. Raises ValueError for any other spelling."""
    if not _TIME.fullmatch(text):
        raise ValueError("not a time of this protocol")
    return datetime.fromisoformat(text)


def _to_fields(entry: Entry) -> dict[str, Any]:
    """Unknown fields cannot hide a known one: the known names win."""
    return {
        **entry.extra,
        "id": entry.id,
        "author": entry.author,
        "epoch": entry.epoch,
        "seq": entry.seq,
        "kind": str(entry.kind),
        "record": entry.record,
        "at": spelled_time(entry.at),
        "zone": entry.zone,
        "boot": entry.boot,
        "mono": entry.mono,
        "trusted": entry.trusted,
        "operator": entry.operator,
        "read": list(entry.read),
        "catalogue": entry.catalogue,
        "fields": dict(entry.fields),
        "sealed": entry.sealed and list(entry.sealed),
        "attachments": list(entry.attachments),
    }


def text(value: Any) -> str:
    """Return a text as it is. Raises TypeError for anything else, so that a wrong shape is one kind of error."""
    if type(value) is not str:
        raise TypeError("a text was expected")
    return value


def number(value: Any) -> int:
    """Return a number that is not negative. Raises TypeError or ValueError."""
    if type(value) is not int:
        raise TypeError("a number was expected")
    if value < 0:
        raise ValueError("a number that is not negative was expected")
    return value


def truth(value: Any) -> bool:
    """Return a yes or no. Raises TypeError."""
    if type(value) is not bool:
        raise TypeError("a truth value was expected")
    return value


_TYPES: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "author": (str,),
    "epoch": (int,),
    "seq": (int,),
    "kind": (str,),
    "record": (str, NoneType),
    "at": (str,),
    "zone": (str,),
    "boot": (str,),
    "mono": (int,),
    "trusted": (bool,),
    "operator": (str,),
    "read": (list,),
    "catalogue": (str,),
    "fields": (dict,),
    "sealed": (list, NoneType),
    "attachments": (list,),
}
_SHAPES = frozenset(itertools.product(*_TYPES.values()))
_values = itemgetter(*_TYPES)


def _known_fields(value: Any) -> dict[str, Any]:
    """Types are compared all at once; then what they do not tell."""
    values = _values(value)
    if tuple(map(type, values)) not in _SHAPES:
        raise TypeError("a field has another type")
    known = dict(zip(_TYPES, values, strict=True))
    incarnation, read_seq = known["read"]
    if type(incarnation) is not int or type(read_seq) is not int:
        raise TypeError("a place is two numbers")
    if min(known["epoch"], known["seq"], known["mono"], incarnation, read_seq) < 0:
        raise ValueError("a number that is not negative was expected")
    known["read"] = incarnation, read_seq
    known["at"] = read_time(known["at"])
    if known["sealed"] is not None:
        key, sha256 = known["sealed"]
        known["sealed"] = SealedRef(text(key), text(sha256))
    known["attachments"] = tuple(map(text, known["attachments"])) if known["attachments"] else ()
    return known
