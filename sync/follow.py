"""Knows when a stretch of headquarters' log continues what was read; refuses to know what its entries change."""

from layanan.problems import Refused
from sync.chain import Position, link
from sync.entry import Entry
from sync.messages import Down


def followed(cursor: Position, down: Down) -> list[Entry]:
    """Return the entries of a stretch that continues `cursor` and ends where it says.

    Raises Refused("sync_gap" | "sync_malformed"). The incarnation may grow on the way, the count may not jump.
    """
    place = cursor
    entries = [Entry.decode(raw) for raw in down.entries]
    for entry in entries:
        if entry.author != place.author or entry.seq != place.seq + 1 or entry.epoch < place.epoch:
            raise Refused("sync_gap")
        place = Position(entry.author, entry.epoch, entry.seq, link(place.chain, entry.hash))
    if place != down.position:
        raise Refused("sync_gap")
    return entries
