"""Ratna at headquarters: signs in, opens a request, decides; notes what she decided and what she saw.

Knows headquarters' addresses and field names; headquarters is only ever a web site here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import requests

from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.journey.counter import Surprise
from pasar.journey.forms import Visit
from pasar.journey.people import Fate

SLOTS = {
    "kurang": "fotokopi buku nikah",
    "tanggal": "2026-12-01",
    "biaya": "Rp30.000",
    "kode": "820261121",
    "keperluan": "perekaman sidik jari",
    "tempat": "Gerai Pasar Genteng",
    "alasan": "data ganda, sudah pernah terbit",
}
"""What an officer fills in for each gap in the sentence the shopper will read."""

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

    def sign_in(self) -> None:
        self.visit = Visit(self.base)
        page = self.visit.get("/masuk")
        form = page.form("frasa")
        page = self.visit.send(page, form, {"petugas": self.officer.login, "frasa": self.officer.phrase})
        if page.status != 200 or page.path.startswith("/masuk"):
            raise Surprise(f"officer's sign-in ended on {page.path} with {page.status}")

    def decide(self, record: str, statuses: Sequence[str]) -> None:
        """Bring a request through `statuses` in their order, filling in what each asks for."""
        for status in statuses:
            self._decide(record, status)

    def _decide(self, record: str, status: str) -> None:
        page = self.visit.get(f"/permohonan/{record}")
        form = page.form("status", action="/status")
        given = {"status": status} | {name: value for name, value in SLOTS.items() if name in form.names}
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
