"""Knows what headquarters holds of a stall's own entries, and notices when it holds less than it once confirmed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.problems import Refused
from mpp.db.models import Alarm, Branch, Device, Headquarters, SealedPart, StallEntry
from sync.entry import Entry, spelled_time
from sync.messages import Item
from sync.ports import MAX_ROWS, KnownDevice
from sync.recovery import Confirmed

LOST = "hq_entries_lost"
MOST_BYTES = 300_000


def found(session: Session, stall: str, hashes: Sequence[str]) -> list[Item]:
    """Return these entries of the stall's own with their sealed parts, as far as they fit one answer."""
    wanted = (StallEntry.stall == stall) & StallEntry.hash.in_(hashes[:MAX_ROWS])
    rows = session.execute(
        select(StallEntry.raw, SealedPart.body)
        .outerjoin(SealedPart, SealedPart.entry_hash == StallEntry.hash)
        .where(wanted)
    )
    items: list[Item] = []
    room = MOST_BYTES
    for raw, body in rows:
        room -= len(raw) + len(body or b"")
        try:
            entry = Entry.decode(raw)
        except Refused:
            continue
        if room > 0:
            items.append(Item(entry, body))
    return items


def note_lost(session: Session, device: KnownDevice, lost: Sequence[Confirmed], now: datetime) -> None:
    """Begin a new incarnation, with an alarm, when a stall says that more was confirmed to it than is here.

    Once for each place: the stall says so until all of it has come again.
    """
    for author, epoch, seq in lost:
        branch, owner = session.get(Branch, (author, epoch)), session.get(Device, author)
        detail = f"{epoch}/{seq}"
        told = (Alarm.kind == LOST) & (Alarm.device == author) & (Alarm.detail == detail)
        if branch is None or owner is None or owner.stall != device.stall or branch.head_seq >= seq:
            continue
        if session.scalar(select(Alarm.id).where(told).limit(1)) is None:
            session.add(Alarm(at=spelled_time(now), stall=device.stall, device=author, kind=LOST, detail=detail))
            session.scalars(select(Headquarters).with_for_update()).one().incarnation += 1
