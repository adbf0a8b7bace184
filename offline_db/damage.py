"""Knows which own entries are damaged and how headquarters' copy takes their place; refuses what no hash proves."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from offline_db.base import reading, writing
from offline_db.models import DamagedRow, EntryRow, run, table
from offline_db.permohonan_row import refold
from offline_db.selfcheck import Finding
from offline_db.sound import is_sound
from sync.messages import Item

_MENDABLE = ("entry", "sealed")


def damaged() -> frozenset[int]:
    """Return which own entries are known to be damaged, by their row."""
    with reading() as session:
        return frozenset(session.scalars(select(DamagedRow.entry_id)))


def note_damage(found: Iterable[Finding]) -> int:
    """Remember which own entries a look found damaged, so that headquarters is asked for them; return how many.

    Raises Refused disk_*.
    """
    places = [one.where.split("/") for one in found if one.kind in _MENDABLE]
    if not places:
        return 0
    with writing() as session:
        known = set(session.scalars(select(DamagedRow.entry_id)))
        rows = {row for place in places if (row := _row(session, *place)) is not None} - known
        if rows:
            run(session, insert(table(DamagedRow)), [{"entry_id": row} for row in rows])
        return len(rows)


def put_back(session: Session, item: Item) -> bool:
    """Put headquarters' copy in the place of a damaged entry; False when it is not what was written here."""
    row = session.scalars(select(EntryRow).where(EntryRow.hash == item.entry.hash)).first()
    if row is None:
        return False
    sealed = row.sealed
    if sealed is not None and not is_sound(item.entry.raw, row.hash, sealed):
        sealed = item.sealed
    if not is_sound(item.entry.raw, row.hash, sealed) or (row.sealed is None) != (sealed is None):
        return False
    whole = {"raw": item.entry.raw, "sealed": sealed}
    run(session, update(table(EntryRow)).where(EntryRow.id == row.id).values(whole))
    run(session, delete(table(DamagedRow)).where(DamagedRow.entry_id == row.id))
    if row.record_id:
        refold(session, row.record_id)
    return True


def _row(session: Session, author: str, epoch: str, seq: str) -> int | None:
    place = (EntryRow.author == author) & (EntryRow.epoch == int(epoch)) & (EntryRow.seq == int(seq))
    return session.scalar(select(EntryRow.id).where(place))
