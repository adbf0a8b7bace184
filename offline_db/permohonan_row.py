"""Knows how a permohonan's entries become its one row; refuses to know why an entry was written."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Event, Kind, fold
from layanan.problems import Refused
from layanan.service import catalogue
from offline_db.identity import enrolled
from offline_db.models import EntryRow, HqEntryRow, PermohonanRow, run, table
from sync.entry import Entry
from sync.receipt import sign_receipt


def own_entries(session: Session, record_id: str) -> list[Entry]:
    """Return this stall's entries about a record, in the order they were written."""
    found = select(EntryRow.raw).where(EntryRow.record_id == record_id).order_by(EntryRow.id)
    return [Entry.decode(raw) for raw in session.scalars(found)]


def events(session: Session, record_id: str) -> list[Event]:
    """Return all entries about a record, of both logs, as the fold sees them."""
    known = [entry.event(hq=False) for entry in own_entries(session, record_id)]
    return known + [event_of(entry, hq=True) for entry in _theirs(session, record_id)]


def event_of(entry: Entry, hq: bool) -> Event:
    """Return what the fold sees of an entry of either log: an entry given back counts as this stall's own."""
    ours = replayed(entry) if hq else None
    return ours.event(hq=False) if ours else entry.event(hq)


def replayed(entry: Entry) -> Entry | None:
    """Return the entry of this stall that headquarters gives back with `entry`, None when it gives none back."""
    if entry.kind != Kind.REPLAY:
        return None
    try:
        return Entry.decode(str(entry.fields.get("raw")).encode())
    except Refused:
        return None


def about(entry: Entry) -> str | None:
    """Return the record that an entry of headquarters' log is about."""
    ours = replayed(entry)
    return ours.record if ours else entry.record


def give_row(session: Session, accepted: Entry) -> None:
    """Write the row of a request whose acceptance came back from headquarters, unless the stall still has it."""
    taken = (PermohonanRow.record_id == accepted.record) | (PermohonanRow.code == str(accepted.fields.get("code")))
    if session.scalar(select(PermohonanRow.id).where(taken)) is None and accepted.record:
        local = {"delivered": True, "receipt_sig": _signature(session, accepted), "form_mac": None, "form_key": None}
        row = {**first_columns(accepted), **columns(events(session, accepted.record)), **local}
        run(session, insert(table(PermohonanRow)), row)


def _signature(session: Session, accepted: Entry) -> str:
    """The receipt's signature as it was, when this very machine made it; a dead machine's cannot be made again."""
    me = enrolled(session)
    if me.grant.device != accepted.author:
        return str(accepted.fields.get("receipt_sig", ""))
    code, date = str(accepted.fields["code"]), str(accepted.fields["receipt_date"])
    return sign_receipt(me.key, code, accepted.author, accepted.epoch, date)


def _theirs(session: Session, record_id: str) -> list[Entry]:
    found = select(HqEntryRow.raw).where(HqEntryRow.record_id == record_id).order_by(HqEntryRow.seq)
    return [Entry.decode(raw) for raw in session.scalars(found)]


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
    state = columns(events(session, record_id))
    if state["code"]:
        run(session, row.values(state))


def rebuilt(session: Session, record_id: str) -> dict[str, Any] | None:
    """Return what the row of a record must hold by its entries alone, or None when nothing was accepted."""
    known = own_entries(session, record_id) + [e for e in map(replayed, _theirs(session, record_id)) if e]
    accepted = [entry for entry in known if entry.kind == Kind.ACCEPTED]
    if not accepted:
        return None
    return {**first_columns(accepted[0]), **columns(events(session, record_id))}


def _agency(service: str) -> str:
    try:
        return catalogue().service(service).agency
    except Refused:
        return ""
