"""Knows the life of a permohonan: which entries there are and what they add up to; refuses to know where they are kept.

`fold` is the one rule for a permohonan's state. Both sides use it, so two equal sets of entries are one state.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from layanan.status import MEANINGS, Setter, Status, may_follow


class Kind(StrEnum):
    """What an entry records. The first block is written by stalls only, the second by headquarters only."""

    ACCEPTED = "accepted"
    AMENDED = "amended"
    ATTACHED = "attached"
    CANCELLED = "cancelled"
    HANDED_OVER = "handed_over"
    PAPERS_SENT = "papers_sent"
    RATED = "rated"
    SHIFT_KEY = "shift_key"
    AUTHORITY = "authority"

    STATUS = "status"
    SLIP = "slip"
    NOTICE = "notice"
    PAPERS_RECEIVED = "papers_received"
    ERASED = "erased"
    CATALOGUE = "catalogue"
    HOLIDAYS = "holidays"
    OPERATOR = "operator"
    KEY = "key"
    CONFIG = "config"
    REPLAY = "replay"
    VOUCHED = "vouched"


Place = tuple[int, int]
"""A place in a log: (epoch, seq) in a stall's log, (incarnation, seq) in headquarters' log."""


class Event(NamedTuple):
    """What the fold sees of an entry; `read` is how far its writer had read the *other* log."""

    hq: bool
    place: Place
    hash: str
    read: Place
    kind: str
    fields: Mapping[str, Any]
    at: str


class Step(NamedTuple):
    """One line of a permohonan's history; `why` is empty when the step counted, else why it did not."""

    at: str
    hq: bool
    kind: str
    status: str
    fields: Mapping[str, Any]
    why: str = ""


class Permohonan(NamedTuple):
    """A permohonan as its entries add up. DRAF with no code means: nothing accepted is known of it."""

    status: Status = Status.DRAF
    code: str = ""
    series: str = ""
    service: str = ""
    stall: str = ""
    masked: str = ""
    relation: str = ""
    priority: str = ""
    papers: tuple[tuple[int, str], ...] = ()
    receipt_date: str = ""
    on_paper: str = ""
    accepted_at: str = ""
    due: str = ""
    slots: Mapping[str, str] | None = None
    erased: bool = False
    history: tuple[Step, ...] = ()

    @property
    def flagged(self) -> tuple[Step, ...]:
        """Entries that were kept without effect or crossed another person's act; a person should look."""
        return tuple(step for step in self.history if step.why)

    @property
    def terminal(self) -> bool:
        """Say whether nothing more is expected of anybody."""
        return MEANINGS[self.status].terminal


_PATCHABLE = ("masked", "relation", "priority")
_TEXT_FIELDS = (*_PATCHABLE, "code", "series", "service", "stall", "receipt_date", "on_paper")


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events, each once, in the one order both sides agree on, whatever order they arrived in.

    Headquarters' log gives the frame; a stall's entry stands right after the last headquarters entry its writer
    had read. What a writer has read never shrinks along its log, so neither does the place of its entries.
    """
    once = {event.hash: event for event in events}.values()
    if len(once) == 1:
        return list(once)
    placed = [((event.place, 0, event.place, event.hash), event) for event in once if event.hq]
    anchor: Place = (0, 0)
    for event in sorted((e for e in once if not e.hq), key=lambda e: (e.place, e.hash)):
        anchor = max(anchor, event.read)
        placed.append(((anchor, 1, event.place, event.hash), event))
    return [event for _, event in sorted(placed, key=lambda pair: pair[0])]


def fold(events: Iterable[Event]) -> Permohonan:
    """Return what the entries of one record add up to. Total: any list of events has a state, none raises."""
    state, history = Permohonan(), list[Step]()
    last_stall_change: Place = (0, 0)
    for event in in_order(events):
        after, why = _applied(state, event, last_stall_change)
        if not event.hq and after.status is not state.status:
            last_stall_change = event.place
        history.append(Step(event.at, event.hq, event.kind, after.status, event.fields, why))
        state = after
    return state._replace(history=tuple(history))


def content_sha256(events: Iterable[Event]) -> str:
    """Return SHA-256 (hex) over the entry hashes in fold order: equal on both sides when they hold the same entries."""
    return sha256(b"".join(bytes.fromhex(event.hash) for event in in_order(events))).hexdigest()


def _applied(state: Permohonan, event: Event, last_stall_change: Place) -> tuple[Permohonan, str]:
    if not event.hq:
        rule = _STALL_RULES.get(event.kind)
        return rule(state, event) if rule else (state, "")
    if event.kind == Kind.ERASED:
        return state._replace(erased=True, masked=""), ""
    if event.kind != Kind.STATUS:
        return state, ""
    after, why = _decided(state, event)
    return after, why or ("crossed" if last_stall_change > event.read else "")


def _decided(state: Permohonan, event: Event) -> tuple[Permohonan, str]:
    try:
        status = Status(str(event.fields.get("status")))
    except ValueError:
        return state, "unknown_status"
    slots = event.fields.get("slots")
    named = {str(k): str(v) for k, v in slots.items()} if isinstance(slots, Mapping) else {}
    due = event.fields.get("due", state.due)
    return state._replace(status=status, slots=named, due=str(due or "")), ""


def _accepted(state: Permohonan, event: Event) -> tuple[Permohonan, str]:
    if state.code:
        return state, "accepted_twice"
    known: dict[str, Any] = {name: str(event.fields.get(name, "")) for name in _TEXT_FIELDS}
    status = Status.DITERIMA if state.status is Status.DRAF else state.status
    return state._replace(**known, papers=_papers(event.fields), accepted_at=event.at, status=status), ""


def _amended(state: Permohonan, event: Event) -> tuple[Permohonan, str]:
    if state.terminal:
        return state, "already_closed"
    patch = event.fields.get("patch")
    named: Mapping[str, Any] = patch if isinstance(patch, Mapping) else {}
    known: dict[str, Any] = {k: str(named[k]) for k in _PATCHABLE if k in named}
    after = state._replace(**known, papers=_papers(named) if "papers" in named else state.papers)
    if not event.fields.get("resubmitted"):
        return after, ""
    if not may_follow(state.status, Status.DITERIMA, Setter.OPERATOR):
        return after, "not_returned"
    return after._replace(status=Status.DITERIMA, slots=None), ""


def _moved(state: Permohonan, status: Status) -> tuple[Permohonan, str]:
    if not may_follow(state.status, status, Setter.OPERATOR):
        return state, "status_forbids"
    return state._replace(status=status, slots=None), ""


_LISTS = (list, tuple)


def _papers(fields: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    marks = fields.get("papers")
    pairs = [one for one in marks if isinstance(one, _LISTS) and len(one) == 2] if isinstance(marks, _LISTS) else []
    return tuple([(index, str(mark)) for index, mark in pairs if isinstance(index, int)])


_STALL_RULES: Mapping[str, Callable[[Permohonan, Event], tuple[Permohonan, str]]] = {
    Kind.ACCEPTED: _accepted,
    Kind.AMENDED: _amended,
    Kind.CANCELLED: lambda state, event: _moved(state, Status.DIBATALKAN),
    Kind.HANDED_OVER: lambda state, event: _moved(state, Status.DIAMBIL),
}
