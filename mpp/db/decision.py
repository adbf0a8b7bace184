"""Knows how an officer's decision enters the log, and what the stall is told with it; refuses to know forms.

A decision is taken on a state that was seen: when the record has changed since, it is refused and nothing is written.
"""

import uuid
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from layanan.permohonan import Event, Kind, Permohonan, content_sha256, fold
from layanan.person import PersonalPart
from layanan.problems import Refused
from layanan.status import Setter, Status, may_follow
from mpp.db.down import append, locked_stall
from mpp.db.models import PermohonanRow, Stall
from mpp.db.officers import Signed
from mpp.db.permohonan import events_of, find, refresh, seen_of_stall
from mpp.db.personal import ShiftKeys, newest_shift_key, personal
from mpp.keys import KeyRing
from sync.canonical import encode

SLIP_FOR = (Status.DIKEMBALIKAN, Status.MENUNGGU_HADIR, Status.SELESAI)
"""Statuses after which the stall has to find the person: it gets the name, and digits to compare."""


@dataclass(frozen=True)
class Decision:
    """What an officer decides: the new status, what its sentence needs (text as shown), and a due date if one runs."""

    status: Status
    slots: Mapping[str, str] = field(default_factory=dict)
    due: str | None = None


def seen_permohonan(session: Session, officer: Signed, record_id: str) -> tuple[PermohonanRow, Permohonan]:
    """Return a record as an officer may see it. Raises Refused("permohonan_not_here" | "forbidden")."""
    row = find(session, record_id)
    if not officer.may_see(row.agency):
        raise Refused("forbidden")
    return row, fold(events_of(session, record_id))


def decide(
    session: Session, keys: KeyRing, officer: Signed, record_id: str, seen: str, decision: Decision, now: datetime
) -> None:
    """Write the decision into the stall's log and the row, with a slip where the stall needs one.

    `seen` is the content hash of the state the officer looked at.
    Raises Refused("permohonan_not_here" | "forbidden" | "status_changed" | "status_forbids").
    """
    row, _ = seen_permohonan(session, officer, record_id)
    stall = locked_stall(session, row.stall)
    events = events_of(session, record_id)
    if content_sha256(events) != seen:
        raise Refused("status_changed")
    if not may_follow(fold(events).status, decision.status, Setter.OFFICER):
        raise Refused("status_forbids")
    fields: dict[str, object] = {"status": str(decision.status), "slots": dict(decision.slots)}
    if decision.due is not None:
        fields["due"] = decision.due
    read = seen_of_stall(events)
    append(session, stall, Kind.STATUS, fields, record=record_id, read=read, operator=officer.id, now=now)
    if decision.status in SLIP_FOR:
        _send_slip(session, keys, stall, events, record_id, officer.id, now)
    refresh(session, [record_id], stall.id, now)


def _send_slip(
    session: Session, keys: KeyRing, stall: Stall, events: list[Event], record_id: str, operator: str, now: datetime
) -> None:
    """Without a shift key or a part that opens there is no slip: the counter then compares the card with the paper."""
    part = personal(session, keys, record_id)
    with ShiftKeys(session, keys) as shift:
        key = newest_shift_key(session, shift, stall.id)
        if key is None or part is None:
            return
        entry_id = str(uuid.uuid4())
        sealed = key.seal_slip(encode(_slip(part)), record=record_id, entry=entry_id)
        fields = {"record": record_id, "key": key.id, "sealed": b64encode(sealed).decode()}
    append(
        session, stall, Kind.SLIP, fields,
        record=record_id, read=seen_of_stall(events), operator=operator, now=now, entry_id=entry_id,
    )  # fmt: skip


def _slip(part: PersonalPart) -> dict[str, str]:
    return {
        "name": part.whose.name,
        "nik4": (part.whose.nik or "")[-4:],
        "pemohon": part.pemohon.name,
        "phone": part.pemohon.phone or "",
    }
