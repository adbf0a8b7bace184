"""The stall's files for a courier: one written to a stick, others read from it. Knows stick and lock; no protocol.

The lock of syncs is held throughout, so that no answer comes over the network between two looks at what waits.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from layanan.problems import Refused
from offline_db.courier import SqliteCourier
from offline_db.identity import identity
from offline_db.outbox import SqliteOutbox, note_sync
from offline_db.status_book import SqliteStatusBook
from offline_db.trust import present_trust, stall_keys
from pasar.syncing import alone
from store import stick
from sync.bundle import MAX_BYTES, Direction, file_name, list_signer, read_name
from sync.courier import Outgoing, Taken, Tell, outgoing, take

PATIENCE = 60.0
"""Seconds to wait for a sync that runs."""
_PAGE = 500


class Tried(NamedTuple):
    """A file on the stick and what became of it: taken, or refused with its reason."""

    name: str
    taken: Taken | None
    refused: Refused | None = None


def export_here(data: Path, folder: Path, tell: Tell = lambda _: None) -> Outgoing:
    """Write all that waits to a new file in `folder`, inside an app context; afterwards the stick may be pulled out.

    Raises Refused stick_*, not_enrolled, sync_busy, disk_*; nothing is lost then, and the next try has a new number.
    """
    with alone(data, PATIENCE):
        outbox, courier = SqliteOutbox(), SqliteCourier()
        number = _free_number(folder, courier.begin(), outbox.identity().stall)
        made = outgoing(outbox, SqliteStatusBook(), courier, stall_keys(), number, tell)
        stick.write_file(folder, made.name, made.raw)
        for first in range(0, len(made.entries), _PAGE):
            outbox.sent(made.entries[first : first + _PAGE], datetime.now(UTC))
    return made


def import_here(data: Path, folder: Path, tell: Tell = lambda _: None) -> list[Tried]:
    """Take every file of headquarters for this stall in `folder`, lowest number first, inside an app context.

    A file that is refused changes nothing and stops no other. Raises Refused courier_none, stick_*, not_enrolled,
    sync_busy.
    """
    mine = identity().grant.stall
    found = [(said.number, name) for name in stick.names(folder) if (said := read_name(name)) and said.stall == mine]
    wanted = [name for _, name in sorted(found) if _is_for_stall(name)]
    if not wanted:
        raise Refused("courier_none", folder=folder)
    with alone(data, PATIENCE):
        tried = [_tried(folder / name, tell) for name in wanted]
        taken = [one.taken for one in tried if one.taken]
        if taken:
            note_sync(datetime.now(UTC), taken[-1].problem)
    return tried


def others(folder: Path) -> int:
    """Return how many files of couriers in `folder` are for other stalls."""
    mine = identity().grant.stall
    said = [read_name(name) for name in stick.names(folder)]
    return sum(one is not None and one.direction == Direction.FROM_HQ and one.stall != mine for one in said)


def _tried(path: Path, tell: Tell) -> Tried:
    try:
        raw = stick.read_file(path, MAX_BYTES)
        if list_signer(raw) in present_trust().retired:
            raise Refused("courier_old_key")
        return Tried(path.name, take(raw, SqliteOutbox(), SqliteStatusBook(), SqliteCourier(), stall_keys(), tell))
    except Refused as refused:
        if refused.code.startswith(("disk_", "store_")):
            raise
        return Tried(path.name, None, refused)


def _is_for_stall(name: str) -> bool:
    said = read_name(name)
    return said is not None and said.direction == Direction.FROM_HQ


def _free_number(folder: Path, number: int, stall: str) -> int:
    """A stall restored from a backup counts again from there: what already lies on the stick is passed over."""
    taken = {name.lower() for name in stick.names(folder)}
    while file_name(stall, Direction.TO_HQ, number) in taken:
        number += 1
    return number
