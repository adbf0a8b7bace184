"""Knows whether stored bytes still are what was written, by their hashes; refuses to know where they are stored."""

import hashlib

from layanan.problems import Refused
from sync.entry import Entry
from sync.seal import sealed_hash


def is_sound(raw: bytes, entry_hash: str, sealed: bytes | None) -> bool:
    """True when `raw` has this hash and `sealed`, while it is kept, is the part that `raw` names."""
    if hashlib.sha256(raw).hexdigest() != entry_hash:
        return False
    if sealed is None:
        return True
    try:
        entry = Entry.decode(raw)
    except Refused:
        return False
    return entry.sealed is not None and entry.sealed.sha256 == sealed_hash(sealed)


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
