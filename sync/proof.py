"""Knows how headquarters vouches for a place in a stall's log; refuses to know when such a proof is needed.

When headquarters is restored from an older backup, the stalls hold entries it has lost. A proven place carries the
chain of everything before it, so the entries that lead up to it are shown to be headquarters' own.
"""

from sync.canonical import encode
from sync.chain import Position
from sync.keys import SigningKey, VerifyKey


def prove(key: SigningKey, stall: str, position: Position) -> bytes:
    """Return headquarters' signature over a place in the log of `stall`."""
    return key.sign(_signed(stall, position))


def proven(public: VerifyKey, stall: str, position: Position, proof: bytes) -> bool:
    """Say whether headquarters vouched for exactly this place of exactly this stall."""
    return public.verified(proof, _signed(stall, position))


def _signed(stall: str, position: Position) -> bytes:
    return encode(["pasar/place/1", stall, *position.to_fields()])
