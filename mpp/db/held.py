"""Knows the rows that a batch meets and makes: asked for once, changed in memory, written once; refuses to judge them.

No object of the mapper stands for them: after half a year offline a stall sends tens of thousands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Event, Kind
from mpp.db.many import Lookup, change_rows, insert_rows, table
from mpp.db.models import SealedPart, StallEntry
from mpp.db.permohonan import COUNTED
from sync.entry import Entry
from sync.messages import Answer, Result

Place = tuple[str, int, int]
Whose = tuple[str | None, str | None]
"""The keyed hashes that stand for the pemohon's NIK and the subjek's."""

_ENTRY = (
    "stall", "device", "epoch", "seq", "hash", "kind", "record_id", "raw", "result", "problem", "received_at",
)  # fmt: skip
_PART = ("entry_hash", "record_id", "key", "device", "body", "opened_at", "person_key", "subject_key")
_E, _P = table(StallEntry).c, table(SealedPart).c
_KNOWN = select(_E.id, _E.hash, _E.stall, _E.kind, _E.record_id, _E.result, _E.problem).order_by(_E.id)
_LOG = _E.device == bindparam("device"), _E.epoch == bindparam("epoch")
_BY_HASH = Lookup(_KNOWN, _E.hash)
_OF_RECORDS = Lookup(_KNOWN.where(_E.result.in_(COUNTED)), _E.record_id)
_LAST = select(func.max(_E.seq)).where(*_LOG)
_AT_PLACES = Lookup(select(_E.seq, _E.hash).where(*_LOG, _E.result.in_(COUNTED)).order_by(_E.id), _E.seq)
_PARTS = Lookup(select(_P.entry_hash, _P.opened_at), _P.entry_hash)
_MOVE = update(table(StallEntry)).where(_E.id == bindparam("row"))
_OPEN = update(table(SealedPart)).where(_P.entry_hash == bindparam("part"))


class HeldEntry:
    """What is kept of an entry besides its bytes; `id` None: it came with this batch."""

    __slots__ = ("id", "problem", "result", "stall")

    def __init__(self, number: int | None, stall: str, result: str, problem: str | None) -> None:
        self.id, self.stall, self.result, self.problem = number, stall, result, problem


class HeldPart:
    """A sealed part, and whose it is once it was opened; `entry` None: it is stored already."""

    __slots__ = ("body", "entry", "opened", "whose")

    def __init__(self, entry: Entry | None, body: bytes, opened: bool = False) -> None:
        self.entry, self.body, self.opened = entry, body, opened
        self.whose: Whose = (None, None)


class Held:
    """What headquarters holds of the entries, places, records and sealed parts of one batch of one stall."""

    def __init__(self, session: Session, stall: str, at: str) -> None:
        self._session = session
        self._stall = stall
        self._at = at
        self.entries: dict[str, HeldEntry] = {}
        self.places: dict[Place, str] = {}
        self.owners: dict[str, str] = {}
        self.waiting: dict[str, list[HeldEntry]] = {}
        self.parts: dict[str, HeldPart] = {}
        self._rows: dict[int, HeldEntry] = {}
        self._records: set[str] = set()
        self._new: list[tuple[Entry, HeldEntry]] = []
        self._changed: dict[int, HeldEntry] = {}
        self._touched: dict[str, HeldPart] = {}

    def look_up(self, entries: Sequence[Entry], granted: Mapping[str, int]) -> None:
        """Ask once for all: what is here of these entries, of their records and of their places in granted logs."""
        hashes = {entry.hash for entry in entries}
        for row in _BY_HASH.rows(self._session, hashes):
            self.entries[row[1]] = self._held(row)
        self._look_at_parts(hashes & self.entries.keys())
        self._look_at_records({entry.record for entry in entries if entry.record})
        logs: dict[tuple[str, int], list[int]] = {}
        for entry in entries:
            if entry.epoch <= granted.get(entry.author, -1):
                logs.setdefault((entry.author, entry.epoch), []).append(entry.seq)
        for (device, epoch), seqs in logs.items():
            self._look_at_places(device, epoch, seqs)

    def keep(self, entry: Entry, answer: Answer) -> HeldEntry:
        """Take an entry that is not here, with its answer."""
        row = self.entries[entry.hash] = HeldEntry(None, self._stall, answer.result.value, answer.problem)
        self._new.append((entry, row))
        if answer.result is Result.WAITING:
            self.waiting.setdefault(entry.record or "", []).append(row)
        return row

    def settle(self, row: HeldEntry, result: Result, problem: str | None) -> None:
        """Change what an entry was answered; from now on it is this stall's."""
        before = row.stall, row.result, row.problem
        row.stall, row.result, row.problem = self._stall, result.value, problem
        if row.id is not None and before != (row.stall, row.result, row.problem):
            self._changed[row.id] = row

    def accept_waiting(self, record: str) -> None:
        """Take the stall's own entries that waited for this record."""
        for row in self.waiting.pop(record, []):
            if row.stall == self._stall:
                self.settle(row, Result.ACCEPTED, None)

    def keep_part(self, entry: Entry, body: bytes) -> HeldPart:
        """Return the sealed part of an entry, taken with it when it is not here."""
        part = self.parts.get(entry.hash)
        if part is None:
            part = self.parts[entry.hash] = self._touched[entry.hash] = HeldPart(entry, body)
        return part

    def open_part(self, entry: Entry, part: HeldPart, whose: Whose) -> None:
        """Note that a part can be opened, and whose it is."""
        part.opened, part.whose = True, whose
        self._touched[entry.hash] = part

    def write(self) -> None:
        """Write everything that is new or has changed."""
        session = self._session
        insert_rows(session, table(StallEntry), _ENTRY, [self._entry_row(*new) for new in self._new])
        change_rows(session, _MOVE, [self._moved(number, row) for number, row in self._changed.items()])
        made = [(sha, part.entry, part) for sha, part in self._touched.items() if part.entry]
        insert_rows(session, table(SealedPart), _PART, [self._part_row(*one) for one in made])
        opened = [(sha, part.whose) for sha, part in self._touched.items() if part.entry is None]
        change_rows(session, _OPEN, [self._opened(*one) for one in opened])

    def first_events(self, entries: Iterable[Entry]) -> Mapping[str, Collection[Event]]:
        """Return the events of each record of which nothing that counts was here before."""
        found: dict[str, dict[str, Event]] = {}
        for entry in entries:
            if entry.record and entry.record not in self._records and self.entries[entry.hash].result in COUNTED:
                found.setdefault(entry.record, {})[entry.hash] = entry.event(hq=False)
        return {record: events.values() for record, events in found.items()}

    def _held(self, row: Any) -> HeldEntry:
        """One object for each row, whichever question found it."""
        number, _, stall, _, _, result, problem = row
        return self._rows.setdefault(number, HeldEntry(number, stall, result, problem))

    def _look_at_parts(self, hashes: set[str]) -> None:
        """No sealed part is here without its entry."""
        for sha, opened_at in _PARTS.rows(self._session, hashes):
            self.parts[sha] = HeldPart(None, b"", opened_at is not None)

    def _look_at_records(self, records: set[str]) -> None:
        for row in _OF_RECORDS.rows(self._session, records):
            _, _, stall, kind, record, result, _ = row
            self._records.add(record)
            if kind == Kind.ACCEPTED:
                self.owners.setdefault(record, stall)
            if result == Result.WAITING:
                self.waiting.setdefault(record, []).append(self._held(row))

    def _look_at_places(self, device: str, epoch: int, seqs: Sequence[int]) -> None:
        """On a usual day all of them are beyond the last place of the log."""
        log = {"device": device, "epoch": epoch}
        last = self._session.connection().scalar(_LAST, log) or 0
        for seq, sha in _AT_PLACES.rows(self._session, [seq for seq in seqs if seq <= last], **log):
            self.places.setdefault((device, epoch, seq), sha)

    def _entry_row(self, entry: Entry, row: HeldEntry) -> tuple[Any, ...]:
        return (
            row.stall, entry.author, entry.epoch, entry.seq, entry.hash, str(entry.kind), entry.record, entry.raw,
            row.result, row.problem, self._at,
        )  # fmt: skip

    def _moved(self, number: int, row: HeldEntry) -> dict[str, Any]:
        return {"row": number, "stall": row.stall, "result": row.result, "problem": row.problem}

    def _part_row(self, sha: str, entry: Entry, part: HeldPart) -> tuple[Any, ...]:
        key = entry.sealed.key if entry.sealed else ""
        return sha, entry.record or "", key, entry.author, part.body, self._at if part.opened else None, *part.whose

    def _opened(self, sha: str, whose: Whose) -> dict[str, Any]:
        return {"part": sha, "opened_at": self._at, "person_key": whose[0], "subject_key": whose[1]}
