"""Knows how headquarters, restored from an older copy, takes back what a stall still holds of headquarters' own log.

Refuses to know whether it is genuine: only entries proven by headquarters' signature come here.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mpp.db.berkas import note_receipt
from mpp.db.down import is_on_log, keep, locked_stall
from mpp.db.models import Alarm, Branch, Device, DownEntry, Headquarters, Stall
from mpp.db.permohonan import refresh
from sync.chain import Position, start
from sync.entry import Entry, spelled_time
from sync.ports import KnownDevice
from sync.recovery import Log
from sync.regain import gathered, merged


def heads(session: Session, stall: str, logs: Sequence[Log]) -> tuple[Position, ...]:
    """Return the head of each log; the beginning of one that nobody of this stall was granted."""
    found = []
    for device, epoch in logs:
        owner, branch = session.get(Device, device), session.get(Branch, (device, epoch))
        known = branch is not None and owner is not None and owner.stall == stall
        place = Position(device, epoch, branch.head_seq, branch.head_chain) if branch and known else None
        found.append(place or start(device, epoch))
    return tuple(found)


def common_place(session: Session, stall: str, places: Sequence[Position]) -> Position | None:
    """Return the first of these places that is on the stall's log."""
    return next((place for place in places if is_on_log(session, stall, place)), None)


def adopt(session: Session, device: KnownDevice, base: Position, given: Sequence[Entry], now: datetime) -> Position:
    """See Inbox. Adopted entries stand word for word at their old places, later ones of ours follow them anew."""
    stall = locked_stall(session, device.stall)
    on_log = is_on_log(session, stall.id, base)
    office = session.scalars(select(Headquarters).with_for_update()).one()
    newer = DownEntry.seq > (base.seq if on_log else 0)
    above = select(DownEntry).where(DownEntry.stall == stall.id, newer).order_by(DownEntry.seq)
    own = [Entry.decode(row.raw) for row in session.scalars(above)]
    head = Position(office.id, office.incarnation, stall.down_seq, stall.down_chain)
    new = merged(base, given, own, office.incarnation) if on_log else gathered(head, given, own, office.incarnation)
    if new.entries is not None:
        office.incarnation = new.incarnation
        _replace(session, stall, new.base, new.entries)
        last = given[-1].seq if on_log else new.entries[-1].seq
        place = f"{given[-1].epoch}/{new.base.seq + 1}-{last}"
        session.add(Alarm(at=spelled_time(now), stall=stall.id, device=device.id, kind="hq_restored", detail=place))
        touched = {entry.record for entry in [*own, *new.entries] if entry.record}
        refresh(session, touched, stall.id, now)
        for entry in new.entries:
            note_receipt(session, stall.id, entry)
    if not on_log:
        return base
    return new.base if new.entries is None else _place(session, office, stall, given[-1].seq)


def _place(session: Session, office: Headquarters, stall: Stall, seq: int) -> Position:
    row = session.get_one(DownEntry, (stall.id, seq))
    return Position(office.id, row.incarnation, row.seq, row.chain)


def _replace(session: Session, stall: Stall, base: Position, entries: Sequence[Entry]) -> None:
    session.execute(delete(DownEntry).where(DownEntry.stall == stall.id, DownEntry.seq > base.seq))
    session.expire_all()
    stall.down_seq, stall.down_chain = base.seq, base.chain
    for entry in entries:
        keep(session, stall, entry)
    session.flush()
