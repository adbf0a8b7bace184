"""Knows which of headquarters' keys this stall believes, out of the grant and headquarters' own log; stores nothing."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db.base import reading
from offline_db.identity import enrolled, identity, pinned_at
from offline_db.models import HqEntryRow, run, table
from sync.enrol import Grant
from sync.entry import Entry
from sync.exchange import StallKeys
from sync.keys import SealingPublic, VerifyKey
from sync.trust import Trust

_HQ = table(HqEntryRow)
_TOLD = (
    select(_HQ.c.raw)
    .where(_HQ.c.record_id.is_(None), _HQ.c.kind == str(Kind.KEY), _HQ.c.seq > bindparam("pinned"))
    .order_by(_HQ.c.seq)
)


def trust(session: Session) -> Trust:
    """Return what the grant pinned, as headquarters' log has changed it since. Raises Refused("not_enrolled")."""
    told = tuple(row.raw for row in run(session, _TOLD, {"pinned": pinned_at(session)}))
    return _followed(enrolled(session).grant, told)


def present_trust() -> Trust:
    """Return what this stall believes now, inside an app context. Raises Refused("not_enrolled")."""
    with reading() as session:
        return trust(session)


def stall_keys() -> StallKeys:
    """Return what an exchange needs, inside an app context. Raises Refused("not_enrolled")."""
    return StallKeys(identity().key, _Accepted())


class _Accepted(Mapping[str, VerifyKey]):
    """Headquarters' keys as they are at each look: a sync that brings a new one believes it from the next answer on."""

    def __getitem__(self, key_id: str) -> VerifyKey:
        return present_trust().accepted()[key_id]

    def __iter__(self) -> Iterator[str]:
        return iter(present_trust().accepted())

    def __len__(self) -> int:
        return len(present_trust().accepted())


@lru_cache(maxsize=4)
def _followed(grant: Grant, told: tuple[bytes, ...]) -> Trust:
    pinned = Trust(grant.hq, (VerifyKey(grant.sign_public),), SealingPublic(grant.seal_public))
    return pinned.following(_readable(told))


def _readable(told: tuple[bytes, ...]) -> Iterator[Entry]:
    """A damaged entry of the log is read again after it was mended; until then it says nothing."""
    for raw in told:
        try:
            yield Entry.decode(raw)
        except Refused:
            continue
