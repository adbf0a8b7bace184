"""Knows whether stored bytes still are what was written, by their hashes; refuses to know where they are stored."""

import hashlib

from layanan.problems import Refused
from sync.entry import Entry
from sync.seal import sealed_hash


def is_sound(raw: bytes, entry_hash: str, sealed: bytes | None) -> bool:
    """True when `raw` has this hash and `sealed`, while it is kept, is the part that `raw` names."""
    if sealed is None:
        return hashlib.sha256(raw).hexdigest() == entry_hash
    return sound_entry(raw, entry_hash, sealed) is not None


def sound_entry(raw: bytes, entry_hash: str, sealed: bytes | None) -> Entry | None:
    """Return the entry that was stored under this hash, or None when it, or its part while that is kept, is damaged."""
    try:
        entry = Entry.stored(raw)
    except Refused:
        return None
    ref = entry.sealed
    whole = sealed is None or (ref is not None and ref.sha256 == sealed_hash(sealed))
    return entry if whole and entry.hash == entry_hash else None


def with_one_bit_back(damaged: bytes, wanted_hash: str) -> bytes | None:
    """Return the bytes of that SHA-256 that differ from `damaged` in at most one bit, or None when there are none.

    A worn memory card flips single bits; the hash proves that the repair is exact. At most 140,000 tries.
    """
    if hashlib.sha256(damaged).hexdigest() == wanted_hash:
        return damaged
    trial = bytearray(damaged)
    for place in range(len(trial)):
        for bit in range(8):
            trial[place] ^= 1 << bit
            if hashlib.sha256(trial).hexdigest() == wanted_hash:
                return bytes(trial)
            trial[place] ^= 1 << bit
    return None
