"""Knows who this machine is: its device key and headquarters' grant; refuses to know how a grant is fetched."""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from layanan.problems import Refused
from offline_db.base import db, moved_to, writing
from offline_db.models import BookRow, IdentityRow, LogRow, run, table
from sync.canonical import decode, encode
from sync.chain import start
from sync.enrol import Grant
from sync.keys import SealingPublic, SigningKey, VerifyKey

_COUNTERS = ("number", "sent", "answered", "answered_seq", "durable_seq")
_READ = "read"
"""Beside the grant: how far headquarters' log was read when it came. Its keys are newer than what was said before."""
_GRANT = select(table(IdentityRow).c.grant)
_WHO = select(table(IdentityRow).c.secret, table(IdentityRow).c.grant)


@dataclass(frozen=True)
class Identity:
    """An enrolled machine: its own key, and the grant under which it writes."""

    key: SigningKey
    grant: Grant

    @property
    def hq_sign(self) -> VerifyKey:
        """Headquarters' signing key, pinned at enrolment."""
        return VerifyKey(self.grant.sign_public)

    @property
    def hq_seal(self) -> SealingPublic:
        """Headquarters' sealing key: only its owner opens what is sealed here."""
        return SealingPublic(self.grant.seal_public)


def device_key() -> SigningKey:
    """Return this machine's own key, made and stored at the first call; it never leaves this file or its backups."""
    secret = db.session.scalar(select(IdentityRow.secret))
    if secret is not None:
        return _signing_key(secret)
    with writing() as session:
        secret = session.scalar(select(IdentityRow.secret))
        if secret is None:
            key = SigningKey.new()
            secret = bytes(key)
            run(session, insert(table(IdentityRow)), {"id": 1, "device": key.id, "secret": secret})
    return _signing_key(secret)


def take_grant(grant: Grant) -> None:
    """Store what headquarters granted; the same grant again changes nothing.

    A new epoch begins a new log beside the old one. Raises Refused enrolment_forged (not for this machine's key),
    sync_wrong_hq (this file belongs to another headquarters) or enrolment_other_stall.
    """
    own = device_key().id
    if grant.device != own:
        raise Refused("enrolment_forged")
    with writing() as session:
        former = session.scalar(select(IdentityRow.grant))
        if former is not None:
            _same_owner(_grant(former), grant)
        else:
            _open_book(session, grant)
        _open_log(session, own, grant.epoch)
        read = session.scalar(select(BookRow.seq)) or 0
        granted = encode({**grant.to_fields(), _READ: read}).decode()
        run(session, update(table(IdentityRow)).values(epoch=grant.epoch, grant=granted))


def grant() -> Grant | None:
    """Return what headquarters granted this machine, or None before it is enrolled."""
    text = run(db.session(), _GRANT).scalar()
    return None if text is None else _grant(text)


def identity() -> Identity:
    """Return who this machine is. Raises Refused("not_enrolled")."""
    return enrolled(db.session())


def enrolled(session: Session) -> Identity:
    """Return who this machine is, as seen by `session`. Raises Refused("not_enrolled")."""
    row = run(session, _WHO).one_or_none()
    if row is None or row.grant is None:
        raise Refused("not_enrolled")
    return read_identity(row.secret, row.grant)


@lru_cache(maxsize=4)
def read_identity(secret: bytes, grant_text: str) -> Identity:
    """Return the identity that the stored secret and grant spell."""
    return Identity(_signing_key(secret), _grant(grant_text))


@lru_cache(maxsize=4)
def _signing_key(secret: bytes) -> SigningKey:
    return SigningKey(secret)


@lru_cache(maxsize=4)
def _grant(text: str) -> Grant:
    return Grant.from_fields(decode(text.encode()))


def pinned_at(session: Session) -> int:
    """Return the place in headquarters' log up to which the grant's keys are the newer word."""
    text = run(session, _GRANT).scalar()
    return 0 if text is None else int(str(decode(text.encode()).get(_READ, 0)))


def _same_owner(former: Grant, new: Grant) -> None:
    if former.hq != new.hq:
        raise Refused("sync_wrong_hq")
    if former.stall != new.stall:
        raise Refused("enrolment_other_stall")


def _open_book(session: Session, grant: Grant) -> None:
    place = start(grant.hq, grant.incarnation)
    row = {"id": 1, "author": place.author, "incarnation": place.epoch, "seq": place.seq, "chain": place.chain}
    run(session, insert(table(BookRow)), row)


def _open_log(session: Session, device: str, epoch: int) -> None:
    if session.get(LogRow, (device, epoch)) is None:
        place = start(device, epoch)
        moved_to(session.connection(), place)
        row = {"author": device, "epoch": epoch, "seq": place.seq, "chain": place.chain}
        run(session, insert(table(LogRow)), {**row, **dict.fromkeys(_COUNTERS, 0)})
