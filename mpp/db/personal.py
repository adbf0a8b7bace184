"""Knows how sealed personal parts are opened at headquarters; refuses to keep anything that was opened.

Each part is opened once when it arrives, to prove that it can be and to note whose it is (a keyed hash of the NIK);
afterwards only for an officer who gives a reason.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan import person_bytes
from layanan.permohonan import Kind
from layanan.person import PersonalPart
from layanan.problems import Refused
from mpp.db.access import log_access
from mpp.db.models import Capsule, SealedPart, StallEntry
from mpp.keys import KeyRing
from sync.entry import Entry
from sync.seal import OpenKey, open_capsule

PART = "personal"
TELLING = (Kind.ACCEPTED, Kind.AMENDED)
"""The kinds whose sealed part is about the pemohon; that of a hand-over names who took the document."""


class ShiftKeys:
    """Stalls' shift keys, each opened once for one piece of work; used as a context, they are wiped at its end."""

    def __init__(self, session: Session, keys: KeyRing) -> None:
        self._session = session
        self._keys = keys
        self._open: dict[tuple[str, str], OpenKey] = {}

    def __enter__(self) -> "ShiftKeys":
        return self

    def __exit__(self, *_: object) -> None:
        for key in self._open.values():
            key.wipe()

    def find(self, key: str, device: str) -> OpenKey:
        """Return a key from its capsule, opened by whichever sealing key it was made for.

        Raises Refused("sealed_unreadable").
        """
        if (key, device) not in self._open:
            self._open[key, device] = self._opened(key, device)
        return self._open[key, device]

    def _opened(self, key: str, device: str) -> OpenKey:
        row = self._session.get(Capsule, (key, device))
        if row is None:
            raise Refused("sealed_unreadable")
        for private in self._keys.sealing:
            try:
                return open_capsule(row.capsule, private, self._keys.hq, device, key)
            except Refused:
                continue
        raise Refused("sealed_unreadable")


def opened(keys: ShiftKeys, entry: Entry, sealed: bytes) -> PersonalPart:
    """Return what is sealed. Raises Refused("sealed_unreadable")."""
    if entry.sealed is None or entry.record is None:
        raise Refused("sealed_unreadable")
    key = keys.find(entry.sealed.key, entry.author)
    plain = key.open(sealed, record=entry.record, entry=entry.id, part=PART)
    try:
        return person_bytes.unpacked(plain)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        raise Refused("sealed_unreadable") from None


def whose(shift: ShiftKeys, ring: KeyRing, entry: Entry, sealed: bytes) -> tuple[str | None, str | None]:
    """Open a part that has just arrived: return what stands for the NIK of the pemohon and of the subjek.

    Raises Refused("sealed_unreadable").
    """
    plain = opened(shift, entry, sealed)
    pemohon, subjek = plain.pemohon.nik, plain.subjek and plain.subjek.nik
    return ring.person_key(pemohon) if pemohon else None, ring.person_key(subjek) if subjek else None


def personal(session: Session, keys: KeyRing, record_id: str) -> PersonalPart | None:
    """Return the newest personal part of a record, or None when there is none left or it cannot be opened."""
    return _newest(session, keys, record_id, TELLING)


def taker(session: Session, keys: KeyRing, record_id: str) -> PersonalPart | None:
    """Return who took the document for the pemohon, as its own pemohon; None when the pemohon came or it is gone.

    The caller has written down who looks and why (`personal_for`).
    """
    return _newest(session, keys, record_id, (Kind.HANDED_OVER,))


def _newest(session: Session, keys: KeyRing, record_id: str, kinds: Sequence[Kind]) -> PersonalPart | None:
    query = (
        select(StallEntry.raw, SealedPart.body)
        .join(SealedPart, SealedPart.entry_hash == StallEntry.hash)
        .where(StallEntry.record_id == record_id, StallEntry.kind.in_(kinds), SealedPart.opened_at.is_not(None))
        .order_by(StallEntry.epoch.desc(), StallEntry.seq.desc())
    )
    newest = session.execute(query).first()
    if newest is None:
        return None
    with ShiftKeys(session, keys) as shift:
        return opened(shift, Entry.decode(newest.raw), newest.body)


def personal_for(
    session: Session, keys: KeyRing, record_id: str, officer: str, reason: str, now: datetime
) -> PersonalPart | None:
    """Return the personal part for an officer, after writing down who looked and why."""
    log_access(session, officer, record_id, reason, now)
    return personal(session, keys, record_id)


def newest_shift_key(session: Session, shift: ShiftKeys, stall: str) -> OpenKey | None:
    """Return the key of the stall's newest shift, or None when the stall has none that opens."""
    query = (
        select(StallEntry.raw)
        .where(StallEntry.stall == stall, StallEntry.kind == Kind.SHIFT_KEY, StallEntry.result == "accepted")
        .order_by(StallEntry.epoch.desc(), StallEntry.seq.desc())
        .limit(1)
    )
    raw = session.scalar(query)
    if raw is None:
        return None
    entry = Entry.decode(raw)
    try:
        return shift.find(str(entry.fields.get("key")), entry.author)
    except Refused:
        return None
