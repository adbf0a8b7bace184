"""Knows how headquarters' keys follow one another, each vouched for by the one before; refuses to know who keeps them.

What is trusted is read from the log that flows down, so it is the same after a crash, a rewind or a second reading.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from layanan.permohonan import Kind
from layanan.problems import Refused
from sync.canonical import encode
from sync.chain import Position
from sync.entry import Entry
from sync.keys import SealingPublic, SigningKey, VerifyKey, key_id
from sync.proof import proven


class Use(StrEnum):
    """What a KEY entry says: sign with this key from now on, seal to this one, or believe that one no more."""

    SIGN = "sign"
    SEAL = "seal"
    RETIRE = "retire"


def vouched(hq: str, use: Use, key: bytes | str, by: SigningKey) -> dict[str, str]:
    """Return the fields of a KEY entry: a public key (or the id of one to retire) and the newest key's word for it."""
    named = key if isinstance(key, str) else b64encode(key).decode()
    voucher = b64encode(by.sign(_signed(hq, str(use), named))).decode()
    return {"use": str(use), "key": named, "by": by.id, "voucher": voucher}


@dataclass(frozen=True)
class Trust:
    """Headquarters' keys as one reader believes them: signing keys oldest first, the place each was retired at.

    Only the newest signing key names a successor or a sealing key, and only a newer one retires an older. So whoever
    stole an older one can do neither at a stall that has read of the change.
    """

    hq: str
    signing: tuple[VerifyKey, ...]
    sealing: SealingPublic | None = None
    retired: Mapping[str, int] = field(default_factory=dict)

    @property
    def newest(self) -> VerifyKey:
        """The key that headquarters signs with now, as far as this reader has read."""
        return self.signing[-1]

    def accepted(self) -> dict[str, VerifyKey]:
        """Return the keys whose signature counts, by id, newest first."""
        return {key.id: key for key in reversed(self.signing) if key.id not in self.retired}

    def following(self, entries: Iterable[Entry]) -> "Trust":
        """Return what is trusted after these entries of the log; whatever is not vouched for changes nothing."""
        trust = self
        for entry in entries:
            if entry.kind == Kind.KEY:
                trust = trust._after(entry.fields, entry.seq)
        return trust

    def vouches(self, stall: str, end: Position, proof: bytes) -> bool:
        """Say whether one of these keys, not retired at or before `end`, has signed this place (`sync.proof`)."""
        still = [key for key in self.signing if self.retired.get(key.id, end.seq + 1) > end.seq]
        return any(proven(key, stall, end, proof) for key in still)

    def _after(self, fields: Mapping[str, Any], seq: int) -> "Trust":
        use, named, line = str(fields.get("use")), str(fields.get("key")), [key.id for key in self.signing]
        by = next((key for key in self.signing if key.id == fields.get("by")), None)
        try:
            voucher = b64decode(str(fields.get("voucher")), validate=True)
            if by is None or not by.verified(voucher, _signed(self.hq, use, named)):
                return self
            if use == Use.RETIRE and named in line[: line.index(by.id)]:
                return replace(self, retired={named: seq, **self.retired})
            return self._with(use, b64decode(named, validate=True)) if by is self.newest else self
        except ValueError:
            return self

    def _with(self, use: str, public: bytes) -> "Trust":
        if use == Use.SEAL:
            return replace(self, sealing=SealingPublic(public))
        if use == Use.SIGN and key_id(public) not in {one.id for one in self.signing}:
            return replace(self, signing=(*self.signing, VerifyKey(public)))
        return self


def retirement(raw: bytes, key: str) -> bool:
    """Say whether this entry of headquarters' log retires the key."""
    if b'"retire"' not in raw:
        return False
    try:
        entry = Entry.decode(raw)
    except Refused:
        return False
    said = entry.fields
    return entry.kind == Kind.KEY and said.get("use") == Use.RETIRE and said.get("key") == key


def _signed(hq: str, use: str, named: str) -> bytes:
    return encode(["pasar/key/1", hq, use, named])
