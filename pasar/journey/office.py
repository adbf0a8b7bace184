"""Ratna at headquarters: signs in, opens a request, decides; notes what she decided and what she saw.

Knows headquarters' addresses and field names; headquarters is only ever a web site here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests

from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.journey.forms import Surprise, Visit
from pasar.journey.people import Fate

SLOTS = {
    "kurang": "fotokopi buku nikah",
    "biaya": "Rp30.000",
    "kode": "820261121",
    "keperluan": "perekaman sidik jari",
    "tempat": "Gerai Pasar Genteng",
    "alasan": "data ganda, sudah pernah terbit",
}
"""What an officer fills in for each gap in the sentence the shopper will read."""

FREE_OF_CHARGE = {"MENUNGGU_BAYAR": "MENUNGGU_HADIR"}
"""What is decided instead where there is nothing to pay."""

FIRST_DECISIONS: Mapping[Fate, Sequence[Sequence[str]]] = {
    Fate.COLLECTED: [["DIPROSES", "SELESAI"], ["VERIFIKASI", "DIPROSES", "SELESAI"]],
    Fate.FINISHED: [["VERIFIKASI", "DIPROSES", "TTD", "SELESAI"], ["DIPROSES", "REKOMTEK", "SELESAI"]],
    Fate.RETURNED: [["DIKEMBALIKAN"], ["VERIFIKASI", "DIKEMBALIKAN"]],
    Fate.REFUSED: [["DITOLAK"], ["VERIFIKASI", "DITOLAK"]],
    Fate.WAITING: [["MENUNGGU_BAYAR"], ["MENUNGGU_HADIR"], ["DIPROSES", "REKOMTEK"], ["DIPROSES", "TTD"]],
    Fate.AMENDED: [["DIPROSES"], ["VERIFIKASI"]],
}
"""The ways a request may go; the day takes them in turn."""

SECOND_DECISIONS: Mapping[Fate, Sequence[Sequence[str]]] = {Fate.RETURNED: [["DIPROSES", "SELESAI"], ["DIPROSES"]]}


@dataclass(frozen=True)
class OfficerAccount:
    login: str
    phrase: str


class Office:
    """One officer's browser. Every method may raise requests.RequestException when headquarters is gone."""

    def __init__(self, base: str, officer: OfficerAccount, log: AttemptLog) -> None:
        self.base = base
        self.officer = officer
        self.log = log
        self.visit = Visit(base)
        self.in_ten_days = (datetime.now().astimezone().date() + timedelta(days=10)).isoformat()

    def sign_in(self) -> None:
        self.visit = Visit(self.base)
        page = self.visit.get("/masuk")
        form = page.form("frasa")
        page = self.visit.send(page, form, {"petugas": self.officer.login, "frasa": self.officer.phrase})
        if page.status != 200 or page.path.startswith("/masuk"):
            raise Surprise(f"officer's sign-in ended on {page.path} with {page.status}")

    def decide(self, record: str, statuses: Sequence[str]) -> None:
        """Bring a request through `statuses` in their order, filling in what each asks for."""
        if statuses[0] == "VERIFIKASI":
            self.look(record)
        for status in statuses:
            self._decide(record, status)

    def look(self, record: str) -> None:
        """Open the personal part with a reason, as an officer does before checking a file."""
        page = self.visit.get(f"/permohonan/{record}")
        after = self.visit.send(page, page.form("alasan", action="/buka"), {"alasan": "periksa"})
        if after.status != 200:
            raise Surprise(f"the personal part did not open: {after.status}")

    def _decide(self, record: str, status: str) -> None:
        page = self.visit.get(f"/permohonan/{record}")
        form = page.form("status", action="/status")
        status = status if status in form.choices["status"] else FREE_OF_CHARGE.get(status, status)
        given = {"status": status, "tanggal": self.in_ten_days} | SLOTS
        self.log.note(Attempt(Act.DECIDE, Phase.INVOKE, record))
        try:
            after = self.visit.send(page, form, given)
        except requests.RequestException:
            self.log.note(Attempt(Act.DECIDE, Phase.INFO, record))
            raise
        done = after.status == 200
        self.log.note(Attempt(Act.DECIDE, Phase.OK if done else Phase.FAIL, record, status=status if done else ""))
        if not done:
            raise Surprise(f"{status} was refused on {after.path} with {after.status}")
