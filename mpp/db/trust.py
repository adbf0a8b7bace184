"""Knows how a change of headquarters' keys reaches every stall's log, and notices keys that this machine has lost.

Refuses to know where secret keys are kept.
"""

from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.down import append, locked_stall
from mpp.db.models import Alarm, DownEntry, Stall
from mpp.keys import KeyRing
from sync.entry import Entry, spelled_time
from sync.keys import key_id
from sync.ports import KnownDevice
from sync.trust import Use, vouched

LOST = "hq_key_lost"
_BEGINNING = (0, 0)


def announce(session: Session, ring: KeyRing, now: datetime) -> int:
    """Append what a stall's log does not yet say of headquarters' keys, in order; return to how many stalls.

    Saying it again changes nothing. `check_held` first.
    """
    told = 0
    for stall in session.scalars(select(Stall.id).order_by(Stall.id)).all():
        row = locked_stall(session, stall)
        known = key_entries(session, stall)
        said = {(entry.fields.get("use"), entry.fields.get("key")) for entry in known}
        new = [fields for fields in _history(ring) if (fields["use"], fields["key"]) not in said]
        for fields in new:
            append(session, row, Kind.KEY, fields, record=None, read=_BEGINNING, operator="", now=now)
        told += bool(new)
    return told


def check_held(session: Session, ring: KeyRing) -> None:
    """Raise Refused("hq_key_lost") when a log speaks of a key that is not here: only it could vouch."""
    for stall in session.scalars(select(Stall.id)).all():
        if unheld(key_entries(session, stall), ring):
            raise Refused(LOST)


def key_entries(session: Session, stall: str) -> list[Entry]:
    """Return the KEY entries of a stall's log, oldest first."""
    rows = select(DownEntry.raw).where(
        DownEntry.stall == stall, DownEntry.record_id.is_(None), DownEntry.kind == str(Kind.KEY)
    )
    return [Entry.decode(raw) for raw in session.scalars(rows.order_by(DownEntry.seq))]


def unheld(entries: Collection[Entry], ring: KeyRing) -> list[str]:
    """Return who, in these KEY entries, vouched for something and is no key of this ring."""
    held = {ring.signing.id, *(key.id for key in ring.former)}
    vouching = [str(entry.fields.get("by")) for entry in entries]
    named = [_signing_id(entry) for entry in entries]
    return [key for key in dict.fromkeys([*vouching, *named]) if key and key not in held]


def warn_of_lost_keys(session: Session, device: KnownDevice, ids: Collection[str], now: datetime) -> None:
    """Raise an alarm, once for each key, that stalls believe keys of this headquarters which it does not hold."""
    if not ids:
        return
    before = set(session.scalars(select(Alarm.detail).where(Alarm.stall == device.stall, Alarm.kind == LOST)))
    for key in dict.fromkeys(ids):
        if key not in before:
            session.add(Alarm(at=spelled_time(now), stall=device.stall, device=device.id, kind=LOST, detail=key))


def not_held(ring: KeyRing, named: Collection[str]) -> list[str]:
    """Return what a stall believes and this ring has not; nothing when the stall names a key that is here."""
    held = {ring.signing.id, *(key.id for key in ring.former)}
    return [] if held & set(named) else list(named)


def _signing_id(entry: Entry) -> str:
    if entry.fields.get("use") != Use.SIGN:
        return ""
    try:
        return key_id(b64decode(str(entry.fields.get("key")), validate=True))
    except ValueError:
        return ""


def _history(ring: KeyRing) -> Iterator[Mapping[str, str]]:
    """Everything a reader of the very first keys has to be told, each vouched for by the key it follows."""
    for by, key in pairwise([*reversed(ring.former), ring.signing]):
        yield vouched(ring.hq, Use.SIGN, bytes(key.public), by)
    for box in reversed(ring.sealing[:-1]):
        yield vouched(ring.hq, Use.SEAL, bytes(box.public), ring.signing)
    for retired in ring.retired:
        yield vouched(ring.hq, Use.RETIRE, retired, ring.signing)
