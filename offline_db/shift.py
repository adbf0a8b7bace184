"""Knows the keys of the day: one that seals, in this process's memory only, and older ones that still open.

Refuses to know who is at which screen. Nothing that opens a personal part is on disk except under a pass-phrase.
"""

import threading
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import own_log
from offline_db.base import reading, writing
from offline_db.identity import grant
from offline_db.models import DraftRow, ShiftKeyRow, ShiftWrapRow, run, table
from offline_db.own_log import Deed, Desk
from offline_db.trust import present_trust
from sync.entry import Moment
from sync.keys import SealingPublic
from sync.seal import OpenKey, ShiftKey


def local_day(moment: Moment) -> date:
    """Return the stall's local date of a moment."""
    return moment.utc.astimezone(ZoneInfo(moment.zone)).date()


class KeyRing:
    """The keys of one process. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shift: ShiftKey | None = None
        self._day: date | None = None
        self._opened: Moment | None = None
        self._open: dict[str, OpenKey] = {}

    @property
    def keys(self) -> Mapping[str, OpenKey]:
        """All keys that open parts now, by id; empty until somebody has given a pass-phrase."""
        return MappingProxyType(self._open)

    def unlock(self, operator: str, kek: bytes, moment: Moment) -> None:
        """An operator has given the pass-phrase: open the day if nobody has, and read on where a power cut stopped it.

        The key of a new day is committed in the log before this returns, and those of other days can no longer be
        opened. Does nothing before the stall is enrolled. Raises Refused disk_*.
        """
        with self._lock:
            granted = grant()
            if granted is None:
                return
            day = self._today(moment)
            if self._shift is None or self._day != day or self._shift.hq_id != granted.hq:
                self._forget()
                day = local_day(moment)
                shift = ShiftKey.new(granted.hq, _sealing(), granted.device)
                _commit(shift, Desk(operator, shift, moment, {}), day)
                self._shift, self._day, self._open, self._opened = shift, day, {shift.id: shift}, moment
            _wrap(self._shift, operator, kek)
            self._open = {**_unwrapped(operator, kek, granted.hq, granted.device), **self._open}

    def desk(self, operator: str, moment: Moment) -> Desk:
        """Return what `operator` writes with at this moment.

        Raises Refused not_enrolled, or passphrase_needed: nobody has opened the day since this process began.
        """
        shift = self._shift
        if shift is None or self._day != self._today(moment):
            raise Refused("not_enrolled" if grant() is None else "passphrase_needed")
        return Desk(operator, shift, moment, self._open)

    def close_day(self) -> None:
        """Tutup hari: from here on nobody at the stall can read a personal part. Raises Refused disk_*."""
        with self._lock:
            with writing() as session:
                forget_days(session, keep=None)
            self._forget()

    def _today(self, moment: Moment) -> date:
        """The day by the ticks since it was opened: a wall clock that jumps neither ends it nor draws it out."""
        opened = self._opened
        if opened is None or opened.boot != moment.boot:
            return local_day(moment)
        passed = timedelta(milliseconds=moment.mono_ms - opened.mono_ms)
        return (opened.utc + passed).astimezone(ZoneInfo(moment.zone)).date()

    def _forget(self) -> None:
        for key in self._open.values():
            key.wipe()
        self._shift, self._day, self._open, self._opened = None, None, {}, None


def forget_days(session: Session, keep: date | None) -> None:
    """Delete what could still open parts of other days than `keep`: wrapped keys and drafts."""
    kept = "" if keep is None else keep.isoformat()
    of_other_days = select(ShiftKeyRow.key).where(ShiftKeyRow.day != kept)
    wraps = session.scalars(select(ShiftWrapRow.key).distinct().where(ShiftWrapRow.key.in_(of_other_days))).all()
    run(session, delete(table(DraftRow)).where(DraftRow.day != kept))
    run(session, delete(table(ShiftWrapRow)).where(ShiftWrapRow.key.in_(wraps)))


def _sealing() -> SealingPublic:
    """Headquarters' newest sealing key."""
    key = present_trust().sealing
    if key is None:
        raise Refused("not_enrolled")
    return key


def _commit(shift: ShiftKey, desk: Desk, day: date) -> None:
    fields = {"key": shift.id, "capsule": b64encode(shift.capsule).decode()}
    row = {"key": shift.id, "device": shift.device, "capsule": shift.capsule, "day": day.isoformat()}
    with writing() as session:
        forget_days(session, keep=day)
        log = session.connection()
        own_log.append(log, own_log.head(log), Deed(Kind.SHIFT_KEY, None, fields), desk)
        run(session, insert(table(ShiftKeyRow)), row)


def _wrap(shift: ShiftKey, operator: str, kek: bytes) -> None:
    row = {"key": shift.id, "operator": operator, "wrapped": shift.wrap(kek)}
    mine = (ShiftWrapRow.key == shift.id) & (ShiftWrapRow.operator == operator)
    with writing() as session:
        run(session, delete(table(ShiftWrapRow)).where(mine))
        run(session, insert(table(ShiftWrapRow)), row)


def _unwrapped(operator: str, kek: bytes, hq: str, device: str) -> dict[str, OpenKey]:
    with reading() as session:
        rows = session.execute(
            select(ShiftWrapRow.key, ShiftWrapRow.wrapped).where(ShiftWrapRow.operator == operator)
        ).all()
    opened = {}
    for key, wrapped in rows:
        try:
            opened[key] = ShiftKey.unwrap(wrapped, kek, hq_id=hq, device=device, key_id=key)
        except Refused:
            continue  # wrapped under a pass-phrase that was reset since
    return opened
