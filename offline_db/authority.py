"""Knows how this stall asks headquarters to vouch for its certificate authority, and what it answered.

Refuses to know certificates: a key goes up and bytes come down. Nothing here needs anybody to be signed in.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db.base import reading, writing
from offline_db.identity import grant
from offline_db.models import EntryRow, HqEntryRow
from offline_db.own_log import Deed, append_unattended, head
from sync import authority
from sync.entry import Entry, Moment

AGAIN = timedelta(days=30)
"""A headquarters that knew no such question then may know it now."""


def ask(point: bytes, moment: Moment) -> bool:
    """Leave the question in this stall's log, once; again after a month without an answer.

    False when there is nothing to ask, or nobody to ask before this stall is enrolled. Raises Refused disk_*.
    """
    if grant() is None or answer(point) is not None or _asked_lately(point, moment):
        return False
    with writing() as session:
        log = session.connection()
        append_unattended(log, head(log), Deed(Kind.AUTHORITY, None, authority.asking(point)), moment)
    return True


def answer(point: bytes) -> bytes | None:
    """Return the newest certificate headquarters has sent for this key."""
    rows = select(HqEntryRow.raw).where(HqEntryRow.record_id.is_(None), HqEntryRow.kind == str(Kind.VOUCHED))
    with reading() as session:
        raws = session.scalars(rows.order_by(HqEntryRow.seq.desc())).all()
    told = (authority.vouched(entry.fields) for entry in _readable(raws))
    return next((said[1] for said in told if said and said[0] == point), None)


def _asked_lately(point: bytes, moment: Moment) -> bool:
    rows = select(EntryRow.raw).where(EntryRow.record_id.is_(None), EntryRow.kind == str(Kind.AUTHORITY))
    with reading() as session:
        raws = session.scalars(rows).all()
    asked = [entry.at for entry in _readable(raws) if authority.asked(entry.fields) == point]
    return any(abs(moment.utc - at) < AGAIN for at in asked)


def _readable(raws: Sequence[bytes]) -> Iterator[Entry]:
    """A damaged entry says nothing until it is mended."""
    for raw in raws:
        try:
            yield Entry.decode(raw)
        except Refused:
            continue
