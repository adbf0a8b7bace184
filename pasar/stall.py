"""What one running stall holds in memory: settings, clock, keys of the day, seats, the link. Knows parts, not pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

from flask import current_app

from layanan.problems import Refused
from offline_db.drafts import draft, put_draft
from offline_db.numbers import outbox_mark
from offline_db.operators import check_passphrase
from offline_db.outbox import SqliteOutbox
from offline_db.own_log import Desk
from offline_db.phone_key import PhoneKeys
from offline_db.print_job import PrintJob, ask_print
from offline_db.shift import KeyRing
from offline_db.told_today import ToldToday
from offline_db.typed import present_grant
from pasar.care import Care
from pasar.desks import Desks, Seat
from pasar.kept import KeptForms
from pasar.light import Light, light
from pasar.moment import StallClock
from pasar.settings import StallConfig
from pasar.spooler import Spooler
from pasar.syncing import SyncLoop
from sync.enrol import Grant
from sync.ports import Counts
from sync.seal import OpenKey
from web_base.limits import RateLimit


@dataclass
class Stall:
    """One per process. Everything that must not survive it (keys, seats) lives here and nowhere else."""

    config: StallConfig
    clock: StallClock
    desks: Desks
    kept: KeptForms
    loop: SyncLoop
    care: Care
    spooler: Spooler | None = None
    ring: KeyRing = field(default_factory=KeyRing)
    phones: PhoneKeys = field(default_factory=PhoneKeys)
    told: ToldToday = field(default_factory=ToldToday)
    taking: Lock = field(default_factory=Lock)
    settled: bool = False
    _counted: tuple[tuple[object, ...], Counts] | None = None
    tries: RateLimit = field(default_factory=lambda: RateLimit(10, 120))
    permits: RateLimit = field(default_factory=lambda: RateLimit(20, 60))

    def granted(self) -> Grant:
        """Whose stall this is. Raises Refused("not_enrolled")."""
        given = present_grant()
        if given is None:
            raise Refused("not_enrolled")
        return given

    def open_day(self, name: str, phrase: str, date_is_right: bool) -> None:
        """The pass-phrase was given: unlock the day's keys and the one for phones.

        Raises Refused("passphrase_wrong"), disk_*.
        """
        kek = check_passphrase(name, phrase)
        if date_is_right:
            self.clock.vouch()
        else:
            self.clock.doubt()
        self.ring.unlock(name, kek, self.clock.moment())
        if present_grant() is not None:
            self.phones.unlock(name, kek, self.desk(name).shift.id)

    def close_day(self) -> None:
        """Tutup hari: nobody here reads what was typed; what phones deliver waits, sealed. Raises Refused disk_*."""
        self.ring.close_day()
        self.phones.forget()

    def operator(self, seat: str) -> str | None:
        """Who works at this seat now; nobody when it is idle, unknown, or the day is not open in this process."""
        name = self.desks.operator(seat)
        return name if name and self.day_is_open(name) else None

    def seat(self, key: str) -> Seat | None:
        """The seat at which a PIN is enough."""
        seat = self.desks.known(key)
        return seat if seat and self.day_is_open(seat.operator) else None

    def day_is_open(self, name: str) -> bool:
        """Whether this process has a key that seals today."""
        try:
            self.desk(name)
        except Refused:
            return False
        return True

    def desk(self, name: str) -> Desk:
        """What `name` writes with now. Raises Refused("passphrase_needed" | "not_enrolled")."""
        return self.ring.desk(name, self.clock.moment())

    @property
    def keys(self) -> Mapping[str, OpenKey]:
        """The keys that open what was sealed today."""
        return self.ring.keys

    def draft(self, record_id: str) -> dict[str, str] | None:
        """What was typed so far under this id; None when it was saved, dropped, or its key is gone."""
        try:
            return cast("dict[str, str]", draft(record_id, self.keys))
        except Refused as refused:
            if refused.code != "draft_gone":
                raise
            return None

    def keep_draft(self, record_id: str, fields: Mapping[str, Any], name: str) -> None:
        """Keep what was typed so far, sealed."""
        put_draft(record_id, fields, self.desk(name))

    def leave_job(self, kind: str, reference: str) -> PrintJob:
        """Ask for a paper; the printer's thread does the rest. Raises Refused("printer_none"), disk_*."""
        if self.spooler is None:
            raise Refused("printer_none")
        job = ask_print(kind, reference, self.clock.now())
        self.spooler.asked()
        return job

    def light(self) -> Light:
        """How the link stands, in words and numbers; counted anew only when something has moved."""
        mark = outbox_mark()
        if self._counted is None or self._counted[0] != mark:
            self._counted = mark, SqliteOutbox().counts()
        return light(self._counted[1], self.clock, self.care.alarms())


def stall() -> Stall:
    """The stall of the current app."""
    return cast(Stall, current_app.extensions["pasar"])


def settle(granted: Grant | None) -> None:
    """Take zone and names from the grant, at the start or at the first page after an enrolment meanwhile.

    Once: whoever is enrolled stays so, and the file is not asked again for every page.
    """
    if granted is not None:
        stall().settled = True
        stall().clock.zone = granted.zone
        current_app.config.update(STALL_NAME=granted.stall_name, SITE_PLACE=granted.place)
