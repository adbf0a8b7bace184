"""Knows when a stretch of headquarters' log continues what was read; refuses to know what its entries change."""

from layanan.problems import Refused
from sync.chain import Position
from sync.entry import Entry
from sync.messages import Down
from sync.recovery import after


def followed(cursor: Position, down: Down) -> list[Entry]:
    """Return the entries of a stretch that continues `cursor` and ends where it says.

    Raises Refused("sync_gap" | "sync_malformed"). The incarnation may grow on the way, the count may not jump.
    """
    entries = [Entry.decode(raw) for raw in down.entries]
    if after(cursor, entries) != down.position:
        raise Refused("sync_gap")
    return entries
