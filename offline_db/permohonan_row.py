"""Knows how a permohonan's entries become its one row; refuses to know why an entry was written."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Event, Kind, fold
from layanan.problems import Refused
from layanan.service import catalogue
from offline_db.models import EntryRow, HqEntryRow, PermohonanRow, run, table
from sync.entry import Entry


def own_entries(session: Session, record_id: str) -> list[Entry]:
    """Return this stall's entries about a record, in the order they were written."""
    found = select(EntryRow.raw).where(EntryRow.record_id == record_id).order_by(EntryRow.id)
    return [Entry.decode(raw) for raw in session.scalars(found)]


def events(session: Session, record_id: str) -> list[Event]:
    """Return all entries about a record, of both logs, as the fold sees them."""
    theirs = select(HqEntryRow.raw).where(HqEntryRow.record_id == record_id).order_by(HqEntryRow.seq)
    known = [entry.event(hq=False) for entry in own_entries(session, record_id)]
    return known + [Entry.decode(raw).event(hq=True) for raw in session.scalars(theirs)]


def first_columns(entry: Entry) -> dict[str, Any]:
    """Return the columns that an acceptance settles for ever."""
    day = entry.at.astimezone(ZoneInfo(entry.zone)).date()
    series = str(entry.fields["series"])
    return {
        "record_id": entry.record,
        "last4": series[-4:],
        "day": day.isoformat(),
        "device": entry.author,
        "epoch": entry.epoch,
        "operator": entry.operator,
    }


def columns(known: Iterable[Event]) -> dict[str, Any]:
    """Return the columns that the fold of all entries of a record decides."""
    seen = list(known)
    state = fold(seen)
    return {
        "code": state.code,
        "series": state.series,
        "stall": state.stall,
        "service": state.service,
        "agency": _agency(state.service),
        "status": str(state.status),
        "masked": state.masked,
        "relation": state.relation,
        "priority": state.priority,
        "papers": [list(mark) for mark in state.papers],
        "slots": dict(state.slots or {}),
        "due": state.due,
        "receipt_sig": state.receipt_sig,
        "receipt_date": state.receipt_date,
        "accepted_at": state.accepted_at,
        "updated_at": max((event.at for event in seen), default=""),
        "entries": len({event.hash for event in seen}),
        "flagged": len(state.flagged),
        "erased": state.erased,
    }


def refold(session: Session, record_id: str) -> None:
    """Write the row of a record anew from its entries; nothing happens when the stall never accepted it."""
    row = update(table(PermohonanRow)).where(PermohonanRow.record_id == record_id)
    run(session, row.values(columns(events(session, record_id))))


def rebuilt(session: Session, record_id: str) -> dict[str, Any] | None:
    """Return what the row of a record must hold by its entries alone, or None when nothing was accepted."""
    accepted = [entry for entry in own_entries(session, record_id) if entry.kind == Kind.ACCEPTED]
    if not accepted:
        return None
    return {**first_columns(accepted[0]), **columns(events(session, record_id))}


def _agency(service: str) -> str:
    try:
        return catalogue().service(service).agency
    except Refused:
        return ""
