"""Knows the folded row of each record and how rows are found; refuses to know what a page looks like.

The row is derived: it is written in the transaction that changes the entries, and rebuilding it gives the same row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session

from layanan.permohonan import Event, Permohonan, Place, Step, content_sha256, fold, in_order
from layanan.problems import Refused
from layanan.service import catalogue
from layanan.status import MEANINGS, Clock, Status
from layanan.tracking import read_code
from mpp.db.many import Lookup, change_rows, insert_rows, table
from mpp.db.models import DownEntry, PermohonanRow, SealedPart, StallEntry
from sync.entry import Entry, spelled_time
from sync.messages import Result

COUNTED = (Result.ACCEPTED, Result.WAITING, Result.CONFLICT)
"""Results of entries that belong to a record's life. Both branches of a fork do: each has handed out receipts."""

WORK = (Status.DITERIMA, Status.TERKIRIM, Status.VERIFIKASI, Status.DIPROSES, Status.REKOMTEK, Status.TTD)
"""Statuses in which the next move is an officer's."""

PAUSED = tuple(s for s in Status if MEANINGS[s].clock is Clock.PAUSED)
"""Statuses in which everybody waits for the person."""

ENDED = tuple(s for s in Status if MEANINGS[s].terminal)
"""Statuses after which nothing more is expected."""


_COLUMNS = (
    "code", "series", "service", "agency", "status", "masked", "accepted_at", "due", "entries", "content_sha256",
    "flagged", "updated_at",
)  # fmt: skip
NONE: Mapping[str, Collection[Event]] = MappingProxyType({})
_S, _D, _R = table(StallEntry).c, table(DownEntry).c, table(PermohonanRow).c
_OF_STALL = Lookup(select(_S.record_id, _S.raw).where(_S.result.in_(COUNTED)), _S.record_id)
_OF_HQ = Lookup(select(_D.record_id, _D.raw), _D.record_id)
_TOLD = Lookup(select(_D.record_id).distinct(), _D.record_id)
_HERE = Lookup(select(_R.record_id), _R.record_id)
_AGAIN = update(table(PermohonanRow)).where(_R.record_id == bindparam("record"))


@dataclass(frozen=True)
class Search:
    """What an officer asks of the list. `agency` None: all; `words` a code, a series number, part of it, or a mask.

    `oldest_first`: by how long nothing has happened, as a queue is served; else the newest change first.
    """

    agency: str | None
    words: str = ""
    statuses: tuple[str, ...] = ()
    person_key: str = ""
    after: tuple[str, str] | None = None
    oldest_first: bool = False
    most: int = 25


def events_of(session: Session, record_id: str) -> list[Event]:
    """Return every event of a record, in no particular order."""
    return _events(session, [record_id])[record_id]


def _events(session: Session, records: Sequence[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {record: [] for record in records}
    for lookup, hq in ((_OF_STALL, False), (_OF_HQ, True)):
        for record, raw in lookup.rows(session, records):
            found[record].append(Entry.decode(raw).event(hq=hq))
    return found


def folded(session: Session, record_id: str) -> Permohonan:
    """Return the record as its entries add up."""
    return fold(events_of(session, record_id))


def steps_since(session: Session, record_id: str, known: int) -> list[Step]:
    """Return the steps that arrived after the first `known` entries: what changed since somebody looked."""
    stall = select(StallEntry.received_at, literal(0), StallEntry.hash).where(
        StallEntry.record_id == record_id, StallEntry.result.in_(COUNTED)
    )
    down = select(DownEntry.at, literal(1), DownEntry.hash).where(DownEntry.record_id == record_id)
    arrived = sorted(tuple(row) for row in (*session.execute(stall), *session.execute(down)))
    new = {sha for _, _, sha in arrived[known:]}
    events = events_of(session, record_id)
    return [step for event, step in zip(in_order(events), fold(events).history, strict=True) if event.hash in new]


def seen_of_stall(events: Iterable[Event]) -> Place:
    """Return how far the stall's log is seen in these events: what an officer who looks at them has read."""
    return max((event.place for event in events if not event.hq), default=(0, 0))


def refresh(
    session: Session, records: Iterable[str], stall: str, now: datetime, first: Mapping[str, Collection[Event]] = NONE
) -> None:
    """Write the rows of these records of a stall anew from their entries; none where nothing accepted is known.

    `first` are the stall's events of records of which no other is stored: those need not be read again.
    """
    wanted = sorted(set(records))
    session.flush()
    told = {record for (record,) in _TOLD.rows(session, wanted)}
    events = _events(session, [record for record in wanted if record not in first or record in told])
    folded = {record: _folded(events.get(record) or first.get(record, ()), spelled_time(now)) for record in wanted}
    here = {record for (record,) in _HERE.rows(session, wanted)}
    known = {record: values for record, values in folded.items() if values}
    new = [(record, stall, *values) for record, values in known.items() if record not in here]
    insert_rows(session, table(PermohonanRow), ("record_id", "stall", *_COLUMNS), new)
    _rewrite(session, {record: values for record, values in known.items() if record in here})


def _folded(events: Collection[Event], at: str) -> tuple[str | int, ...]:
    """The values of a row; none of a record of which nothing accepted is known."""
    state = fold(events)
    if not state.code:
        return ()
    return (
        state.code, state.series, state.service, agency_of(state.service), state.status.value, state.masked,
        state.accepted_at, state.due, len(events), content_sha256(events), len(state.flagged), at,
    )  # fmt: skip


def _rewrite(session: Session, changed: Mapping[str, tuple[str | int, ...]]) -> None:
    """Rows that somebody has read in this transaction already are read again."""
    rows = [{"record": record, **dict(zip(_COLUMNS, values, strict=True))} for record, values in changed.items()]
    change_rows(session, _AGAIN, rows)
    for row in list(session.identity_map.values()):
        if isinstance(row, PermohonanRow) and row.record_id in changed:
            session.refresh(row)


def agency_of(service: str) -> str:
    """Return the agency that answers for a service; empty for one this catalogue does not know (the office sees it)."""
    try:
        return catalogue().service(service).agency
    except Refused:
        return ""


def find(session: Session, record_id: str) -> PermohonanRow:
    """Return the row of a record. Raises Refused("permohonan_not_here")."""
    row = session.get(PermohonanRow, record_id)
    if row is None:
        raise Refused("permohonan_not_here")
    return row


def by_code(session: Session, code: str) -> PermohonanRow | None:
    """Return the row of a tracking code; of two records under one code (a cloned card) the first accepted."""
    query = select(PermohonanRow).where(PermohonanRow.code == code).order_by(PermohonanRow.accepted_at)
    return session.scalars(query.limit(1)).first()


def page(session: Session, search: Search) -> tuple[list[PermohonanRow], tuple[str, str] | None]:
    """Return one page of the list, and where the next one begins if there is one."""
    query = _matching(select(PermohonanRow), search)
    order = [PermohonanRow.updated_at, PermohonanRow.record_id]
    if search.after:
        place, last = tuple_(*order), tuple_(*map(literal, search.after))
        query = query.where(place > last if search.oldest_first else place < last)
    query = query.order_by(*(order if search.oldest_first else [column.desc() for column in order]))
    rows = list(session.scalars(query.limit(search.most + 1)))
    shown = rows[: search.most]
    more = len(rows) > search.most
    return shown, (shown[-1].updated_at, shown[-1].record_id) if more else None


def counts(session: Session, agency: str | None) -> dict[str, int]:
    """Return how many requests stand in each status."""
    query = select(PermohonanRow.status, func.count()).group_by(PermohonanRow.status)
    if agency is not None:
        query = query.where(PermohonanRow.agency == agency)
    return dict(session.execute(query).all())


def _matching(query: Select[PermohonanRow], search: Search) -> Select[PermohonanRow]:
    if search.agency is not None:
        query = query.where(PermohonanRow.agency == search.agency)
    if search.statuses:
        query = query.where(PermohonanRow.status.in_(search.statuses))
    if search.words:
        query = query.where(or_(*_named(search.words)))
    if search.person_key:
        key = search.person_key
        theirs = select(SealedPart.record_id).where(or_(SealedPart.person_key == key, SealedPart.subject_key == key))
        query = query.where(PermohonanRow.record_id.in_(theirs))
    return query


def _named(words: str) -> Sequence[ColumnElement[bool]]:
    text = words.strip()
    named = [
        PermohonanRow.series.icontains(text, autoescape=True),
        PermohonanRow.masked.icontains(text, autoescape=True),
    ]
    try:
        return [PermohonanRow.code == read_code(text)]
    except Refused:
        return named
