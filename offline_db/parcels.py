"""Knows what phones sealed for this stall and delivered: stored first, opened once, then its name kept for ever.

Refuses to know who may deliver (phone_key) and which fields a form has.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Index, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan.problems import Refused
from offline_db.attachments import Added
from offline_db.base import Base, reading, writing
from offline_db.drafts import SERVICE, Origin, current_draft, is_stored, laid_over, write_draft
from offline_db.models import run, table
from offline_db.own_log import Desk
from offline_db.phone_key import PhoneKey
from sync.entry import spelled_time

_LENGTH = 4
Settle = Callable[[Session], None]


class ParcelState(StrEnum):
    """What became of a parcel. STORED: its request was saved before; REFUSED: opened, and of no use (`problem`)."""

    WAITING = "waiting"
    DRAFT = "draft"
    PHOTO = "photo"
    STORED = "stored"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class ParcelRow(Base):
    """One parcel, sealed (`body`) until it is taken up; `record_id` is the draft or request it went to."""

    __tablename__ = "parcel"
    __table_args__ = (Index("parcel_waiting", "state", "operator"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    operator: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    body: Mapped[bytes | None]
    received_at: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str | None]
    record_id: Mapped[str | None]
    settled_at: Mapped[str | None]


_PARCEL = table(ParcelRow)


@dataclass(frozen=True)
class Delivered:
    """The answer to a phone; `known`: these very bytes were delivered before."""

    sha256: str
    known: bool


@dataclass(frozen=True)
class Opened:
    """What stands in a parcel: a draft's `fields`, or a photo (`body`) of a stored request's `paper`."""

    kind: str
    record_id: str
    base: int | None
    made: int
    page: str | None
    paper: int | None
    fields: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Parcel:
    """One parcel in the list of its operator."""

    id: str
    state: ParcelState
    problem: str | None
    record_id: str | None


def keep_parcel(parcel: str, operator: str, key_id: str, body: bytes, at: datetime) -> Delivered:
    """Store what a phone delivered, durably, before anybody looks into it; the same bytes again are known.

    Raises Refused parcel_differs (other bytes under this name), disk_*, store_busy.
    """
    sha = hashlib.sha256(body).hexdigest()
    row = {"id": parcel, "operator": operator, "key": key_id, "sha256": sha, "body": body,
           "received_at": spelled_time(at), "state": str(ParcelState.WAITING)}  # fmt: skip
    with writing() as session:
        before = session.scalar(select(ParcelRow.sha256).where(ParcelRow.id == parcel))
        if before is None:
            run(session, insert(_PARCEL), row)
    if before not in (None, sha):
        raise Refused("parcel_differs")
    return Delivered(sha, known=before is not None)


def waiting_for(operator: str) -> list[str]:
    """Return the parcels of an operator that nobody has opened yet, oldest first."""
    found = select(ParcelRow.id).where(_waiting(operator)).order_by(ParcelRow.received_at)
    with reading() as session:
        return list(session.scalars(found))


def count_waiting() -> int:
    """Return how many parcels of anybody wait, sealed."""
    with reading() as session:
        waiting = select(func.count()).where(ParcelRow.state == str(ParcelState.WAITING))
        return session.scalar(waiting) or 0


def settled_since(operator: str, since: datetime, states: Sequence[ParcelState]) -> list[Parcel]:
    """Return the operator's parcels that came to one of these ends since then, the newest first."""
    mine = (ParcelRow.operator == operator) & ParcelRow.state.in_(map(str, states))
    found = select(ParcelRow).where(mine, ParcelRow.settled_at >= spelled_time(since))
    with reading() as session:
        rows = session.scalars(found.order_by(ParcelRow.settled_at.desc())).all()
    return [Parcel(row.id, ParcelState(row.state), row.problem, row.record_id) for row in rows]


def opened(parcel: str, key: PhoneKey) -> Opened | None:
    """Open a parcel that waits; None when it waits no more. Raises Refused("parcel_unreadable" | "parcel_key_gone")."""
    with reading() as session:
        body = session.scalar(select(ParcelRow.body).where(ParcelRow.id == parcel, ParcelRow.key == key.id))
    return None if body is None else _read(key.open(body, parcel))


def take_draft(parcel: str, inside: Opened, typed: Mapping[str, str], desk: Desk) -> None:
    """A parcel becomes the draft of its record, or a second one when the stall's has moved on; in one transaction.

    Raises Refused parcel_unreadable for one without a service, shift_key_gone, disk_*, store_busy.
    """
    origin = Origin(inside.base, inside.page, inside.made, parcel)
    with writing() as session:
        if not _still_waits(session, parcel):
            return
        if is_stored(session, inside.record_id):
            _settle(session, parcel, ParcelState.STORED, desk, record=inside.record_id)
            return
        record = _lay_down(session, inside.record_id, typed, origin, desk)
        _settle(session, parcel, ParcelState.DRAFT, desk, record=record)


def take_photo(parcel: str, record_id: str, desk: Desk, keep: Callable[[Settle], Added]) -> None:
    """A parcel becomes an attachment of its request, by `keep`, which runs what it is given in its transaction."""

    def settle(session: Session) -> None:
        if not _still_waits(session, parcel):
            raise Refused("parcel_differs")
        _settle(session, parcel, ParcelState.PHOTO, desk, record=record_id)

    if keep(settle).repeated:
        with writing() as session:
            settle(session)


def refuse_parcel(parcel: str, problem: str, desk: Desk, record: str | None = None) -> None:
    """A parcel that was opened and is of no use: its bytes go, what was wrong is told. Raises Refused disk_*."""
    with writing() as session:
        if _still_waits(session, parcel):
            _settle(session, parcel, ParcelState.REFUSED, desk, problem=problem, record=record)


def lose_parcels(session: Session, operator: str, at: str) -> None:
    """The operator's key is gone: what waits for it can never be opened again."""
    gone = {"state": str(ParcelState.UNREADABLE), "problem": "parcel_key_gone", "body": None, "settled_at": at}
    run(session, update(_PARCEL).where(_waiting(operator)).values(gone))


def _waiting(operator: str) -> Any:
    return (ParcelRow.state == str(ParcelState.WAITING)) & (ParcelRow.operator == operator)


def _still_waits(session: Session, parcel: str) -> bool:
    state = session.scalar(select(ParcelRow.state).where(ParcelRow.id == parcel))
    return state == ParcelState.WAITING


def _settle(
    session: Session, parcel: str, state: ParcelState, desk: Desk, *, record: str | None = None, problem: str = ""
) -> None:
    ended = {"state": str(state), "body": None, "record_id": record, "problem": problem or None,
             "settled_at": spelled_time(desk.moment.utc)}  # fmt: skip
    run(session, update(_PARCEL).where(_PARCEL.c.id == parcel).values(ended))


def _lay_down(session: Session, record_id: str, typed: Mapping[str, str], origin: Origin, desk: Desk) -> str:
    """Keep what a phone typed so that nothing is lost: neither its words nor those kept here since; returns where."""
    current = current_draft(session, record_id, desk.keys)
    kept = (current and current.fields) or {}
    fields = laid_over(kept, typed)
    if current and (current.is_newer(origin) or fields == current.fields):
        return record_id
    if SERVICE not in fields:
        raise Refused("parcel_unreadable")
    if current and not (current.fields is not None and current.is_known_to(origin)):
        record_id = str(uuid5(UUID(record_id), str(origin.parcel)))
    write_draft(session, record_id, fields, desk, origin)
    return record_id


def _read(plain: bytes) -> Opened:
    """The head and what follows it. Raises Refused("parcel_unreadable")."""
    end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    try:
        head = json.loads(plain[_LENGTH:end])
        return Opened(
            kind=str(head["kind"]), record_id=str(UUID(head["record_id"])), base=_number(head.get("base")),
            made=_number(head.get("made")) or 0, page=str(head["page"])[:64] if head.get("page") else None,
            paper=_number(head.get("paper")), fields=_texts(head.get("fields")), body=plain[end:],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused("parcel_unreadable") from None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**53 else None


def _texts(fields: Any) -> dict[str, str]:
    return {name: text for name, text in (fields or {}).items() if isinstance(text, str)}
