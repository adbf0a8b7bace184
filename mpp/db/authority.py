"""Knows headquarters' own root and vouches with it for the certificate authorities of its stalls.

Refuses to sign anything that could speak for a name or an address outside a stall: it makes the certificate itself, and
takes nothing from a stall but a public key.
"""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from mpp.db.down import append, locked_stall
from mpp.db.models import DownEntry
from mpp.db.office import office
from mpp.keys import KeyRing
from sync import authority
from sync.entry import Entry, read_time
from web_base.authority import HEADQUARTERS, Authority, cross, root


def own_root(session: Session, keys: KeyRing) -> Authority:
    """Return the root of this headquarters: made of its keys and the day it was founded, so any backup brings it back.

    Raises Refused("hq_not_initialised").
    """
    return root(keys.root_key(), read_time(office(session).created_at), who=HEADQUARTERS, path_length=1)


def vouch(session: Session, keys: KeyRing, stall: str, entry: Entry, now: datetime) -> bool:
    """Answer an AUTHORITY entry in the stall's log, once for each key; False when it names no key to vouch for."""
    point = authority.asked(entry.fields)
    public = _public(point) if point else None
    if point is None or public is None:
        return False
    if point not in _answered(session, stall):
        signed = cross(own_root(session, keys), public).public_bytes(Encoding.DER)
        fields, row = authority.vouching(point, signed), locked_stall(session, stall)
        append(session, row, Kind.VOUCHED, fields, record=None, read=(entry.epoch, entry.seq), operator="", now=now)
    return True


def _answered(session: Session, stall: str) -> set[bytes]:
    rows = select(DownEntry.raw).where(
        DownEntry.stall == stall, DownEntry.record_id.is_(None), DownEntry.kind == str(Kind.VOUCHED)
    )
    told = (authority.vouched(Entry.decode(raw).fields) for raw in session.scalars(rows))
    return {said[0] for said in told if said}


def _public(point: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return None
