"""Knows the frame in which headquarters' log travels without an exchange; refuses to know what carries it."""

from layanan.problems import Refused
from sync.canonical import MAX_DEPTH, decode, spell
from sync.chain import Position
from sync.entry import Entry, number
from sync.frame import FrameKind, pack
from sync.keys import SigningKey, VerifyKey
from sync.messages import VERSION, Down
from sync.proof import prove, proven


def pack_news(down: Down, stall: str, key: SigningKey) -> bytes:
    """Return a frame with this stretch of the stall's log, its end vouched for."""
    proof = prove(key, stall, down.position)
    fields = {**down.to_fields(), "proof": Down((), down.position, proof).to_fields()["proof"]}
    return pack(spell({"version": VERSION, "min_reader": VERSION, "down": fields}), key, FrameKind.NEWS)


def read_news(payload: bytes, stall: str, key: VerifyKey) -> Down:
    """Return the stretch of a verified frame. Raises Refused("sync_malformed" | "sync_too_new" | "sync_bad_signature").

    A stretch whose end headquarters does not vouch for is none: its entries could not be given back.
    """
    given = decode(payload, max_depth=MAX_DEPTH + 4)
    try:
        if number(given["min_reader"]) > VERSION:
            raise Refused("sync_too_new")
        down = Down.from_fields(given["down"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("sync_malformed") from error
    if not proven(key, stall, down.position, down.proof):
        raise Refused("sync_bad_signature")
    return down


def beyond(cursor: Position, down: Down) -> Down:
    """Return what of this stretch is new to a reader at `cursor`; nothing of it when all was read before.

    Whether the rest continues the cursor is not looked at: whoever takes it checks that.
    """
    place = down.position
    if place.author != cursor.author or place.seq > cursor.seq:
        kept = [raw for raw in down.entries if Entry.decode(raw).seq > cursor.seq]
        return Down(tuple(kept), place, down.proof, down.has_more)
    return Down((), cursor)
