"""Knows which of the day's people were told together, by marks in memory; refuses to keep a name and to write anything.

What was told once is offered again until the day is closed. A mark is an HMAC under the shift key: the marks live and
die with this process's keys, so that nothing on the disk says that two requests are of one person or one family.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import select

from layanan.person import PersonalPart
from offline_db.base import db
from offline_db.models import PermohonanRow
from offline_db.own_log import Desk
from offline_db.permohonan import personal
from offline_db.shift import local_day


@dataclass(frozen=True)
class Told:
    """Where a person was told: a request of today, as its pemohon or as its subjek."""

    record_id: str
    subjek: bool = False


@dataclass(frozen=True)
class _Marks:
    """The marks of one request: of its pemohon, of its subjek (None: there is none), of the telephone."""

    pemohon: bytes
    subjek: bytes | None
    phone: bytes | None

    @property
    def all(self) -> set[bytes]:
        return {mark for mark in (self.pemohon, self.subjek, self.phone) if mark}


class ToldToday:
    """One per process; any thread may ask. Only what the given desk's keys open is ever found."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: tuple[object, ...] = ()
        self._marks: dict[str, tuple[int, _Marks]] = {}
        self._source: dict[str, str] = {}

    def follows(self, record_id: str, source: str) -> None:
        """Remember that a request was made from what another one had told."""
        with self._lock:
            self._source[record_id] = source

    def by_nik(self, nik: str, desk: Desk) -> Told | None:
        """Return where the person of this NIK was told last today."""
        mark = desk.shift.mac(b"nik " + nik.encode())
        for told, seen in self._people(desk):
            if seen == mark:
                return told
        return None

    def family(self, record_id: str, desk: Desk) -> list[Told]:
        """Return everybody told with this request, or with one that shares a person, a telephone or its origin.

        Each person once, newest first; without the request itself being readable nobody.
        """
        people = list(self._people(desk))
        with self._lock:
            near = self._near(record_id)
        found: dict[bytes, Told] = {}
        for told, mark in people:
            if told.record_id in near:
                found.setdefault(mark, told)
        return list(found.values())

    def _near(self, record_id: str) -> set[str]:
        if record_id not in self._marks:
            return set()
        near, marks = {record_id}, set(self._marks[record_id][1].all)
        while True:
            origins = {self._source.get(one) for one in near}
            more = {
                other
                for other, (_, its) in self._marks.items()
                if other in origins or self._source.get(other) in near or not its.all.isdisjoint(marks)
            } - near
            if not more:
                return near
            near |= more
            marks |= {mark for other in more for mark in self._marks[other][1].all}

    def _people(self, desk: Desk) -> Iterator[tuple[Told, bytes]]:
        """Everybody of today with a mark, newest first."""
        with self._lock:
            self._read(desk)
            marks = [(record_id, its) for record_id, (_, its) in self._marks.items()]
        for record_id, its in reversed(marks):
            yield Told(record_id), its.pemohon
            if its.subjek:
                yield Told(record_id, subjek=True), its.subjek

    def _read(self, desk: Desk) -> None:
        """Open what is new or changed since the last time; other keys or another day begin anew."""
        day = local_day(desk.moment).isoformat()
        state = (desk.shift.id, frozenset(desk.keys), day)
        if state != self._state:
            self._state, self._marks = state, {}
        of_today = select(PermohonanRow.record_id, PermohonanRow.entries).where(PermohonanRow.day == day)
        for record_id, entries in db.session.execute(of_today.order_by(PermohonanRow.id)):
            if record_id in self._marks and self._marks[record_id][0] == entries:
                continue
            part = personal(record_id, desk.keys)
            if part:
                self._marks[record_id] = entries, _marked(record_id, part, desk)


def _marked(record_id: str, part: PersonalPart, desk: Desk) -> _Marks:
    def mark(kind: str, text: str | None) -> bytes:
        return desk.shift.mac(f"{kind} {text}".encode())

    subjek = part.subjek
    return _Marks(
        mark("nik", part.pemohon.nik) if part.pemohon.nik else mark("pemohon", record_id),
        (mark("nik", subjek.nik) if subjek.nik else mark("subjek", record_id)) if subjek else None,
        mark("phone", part.pemohon.phone) if part.pemohon.phone else None,
    )
