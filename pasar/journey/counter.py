"""Budi at the counter: signs in, serves a visitor page by page, corrects, cancels, hands over; notes what he sees.

Knows the counter's addresses and field names; refuses to know what the stall does with them.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace

import requests

from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.journey.forms import Form, Page, Surprise, Visit
from pasar.journey.people import Fate, Habit, Typed, Visitor

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
SERIES = re.compile(r"\b[A-Z][A-Z0-9]*-\d{6}-\d{4,}\b")
RECORD = re.compile(r"/permohonan/(?:baru/)?([0-9a-fA-F-]{32,36})(?:/|$)")
EMOJI = "\U0001f642"


@dataclass(frozen=True)
class Receipt:
    record_id: str
    code: str
    series: str


@dataclass(frozen=True)
class Operator:
    name: str
    phrase: str
    pin: str


class Counter:
    """One operator's browser at one stall. Every method may raise requests.RequestException when the stall is gone."""

    def __init__(self, base: str, operator: Operator, log: AttemptLog) -> None:
        self.base = base
        self.operator = operator
        self.log = log
        self.visit = Visit(base)

    def sign_in(self) -> None:
        """Open the day with the pass-phrase in a new browser, choosing a PIN when there is none yet."""
        self.visit = Visit(self.base)
        page = self.visit.get("/masuk")
        form = page.form("frasa")
        given = {"petugas": self.operator.name, "frasa": self.operator.phrase, "tanggal_benar": "ya",
                 "pin_baru": self.operator.pin, "pin_ulang": self.operator.pin}
        page = self.visit.send(page, form, {name: value for name, value in given.items() if name in form.names})
        if any("pin_baru" in form.names for form in page.forms):
            page = self.visit.send(page, page.form("pin_baru"), given)
        if page.status != 200 or page.path.startswith("/masuk"):
            raise Surprise(f"sign-in ended on {page.path} with {page.status}")

    def open_form(self, visitor: Visitor) -> str:
        """From the service's page to the read-back page; returns the record's id. No request is stored yet."""
        page = self.visit.get(f"/layanan/{visitor.service}")
        page = self.visit.send(page, page.form("record_id", action="/permohonan/baru"))
        record = record_of(page)
        form = page.form(action="/berkas")
        page = self.visit.send(page, form, papers(form, visitor.fate))
        page = self._identify(page, visitor)
        if not page.path.endswith("/periksa"):
            raise Surprise(f"identity was not taken: {page.path} with {page.status}")
        return record

    def save(self, record: str, habit: Habit) -> Receipt:
        """Read back and save; logs the invocation first. A double tap sends the form twice at once."""
        page = self.visit.get(f"/permohonan/baru/{record}/periksa")
        if page.path.endswith("/tanda-terima"):
            return self._receipt(page, record)
        form = page.form(action="/periksa")
        self.log.note(Attempt(Act.ACCEPT, Phase.INVOKE, record))
        if habit is Habit.DOUBLE_TAP:
            second = threading.Thread(target=self._tap, args=(page, record), daemon=True)
            second.start()
            shown = self.visit.send(page, form)
            second.join()
        else:
            shown = self.visit.send(page, form)
        receipt = self._receipt(shown, record)
        if habit is Habit.BACK_BUTTON:
            self._receipt(self.visit.send(page, form), record)
        return receipt

    def amend(self, record: str, status: str) -> None:
        """A corrected address, as the person asks for it later; `status` is where the record stands afterwards."""
        page = self.visit.get(f"/permohonan/{record}/ubah")
        form = page.form(action="/ubah")
        given = {"pemohon_address": "Jl. Raya Genteng No. 1", "why": "alamat dibetulkan, berkas dilengkapi"}
        marks = {name: "asli" for name in papers(form, Fate.COLLECTED) if form.values.get(name) == "belum"}
        self._act(Act.AMEND, record, page, given | marks, status)

    def cancel(self, record: str) -> None:
        page = self.visit.get(f"/permohonan/{record}/batal")
        self._act(Act.CANCEL, record, page, {"alasan": "berubah_pikiran", "yakin": "ya"}, "DIBATALKAN")

    def hand_over(self, record: str) -> None:
        page = self.visit.get(f"/permohonan/{record}/serahkan")
        self._act(Act.HAND_OVER, record, page, {"kepada": "pemohon", "papers_back": "ya"}, "DIAMBIL")

    def sync(self) -> Page:
        page = self.visit.get("/sinkron")
        return self.visit.send(page, page.form(action="/sinkron"))

    def _act(self, act: Act, record: str, page: Page, given: dict[str, str], status: str) -> None:
        form = page.form(action=page.path)
        self.log.note(Attempt(act, Phase.INVOKE, record))
        try:
            after = self.visit.send(page, form, given)
        except requests.RequestException:
            self.log.note(Attempt(act, Phase.INFO, record))
            raise
        done = after.status == 200 and after.path != page.path
        self.log.note(Attempt(act, Phase.OK if done else Phase.FAIL, record, status=status if done else ""))
        if not done:
            raise Surprise(f"{act} was refused on {after.path} with {after.status}")

    def _identify(self, page: Page, visitor: Visitor) -> Page:
        form = page.form("pemohon_name")
        given = person_fields("pemohon", visitor.pemohon) | {"relation": visitor.relation}
        if visitor.subjek:
            given |= person_fields("subjek", visitor.subjek)
        if visitor.priority and form.choices.get("priority"):
            given["priority"] = form.choices["priority"][-1]
        if visitor.habit is Habit.EMOJI_FIRST:
            named = replace(visitor.pemohon, name=f"{visitor.pemohon.name} {EMOJI}\u202e")
            page = self.visit.send(page, form, given | person_fields("pemohon", named))
            form = page.form("pemohon_name")
        page = self.visit.send(page, form, given)
        for who in ("pemohon", "subjek"):
            if not page.path.endswith("/orang"):
                break
            page = self._insist(page, who, given)
        return page

    def _insist(self, page: Page, who: str, given: dict[str, str]) -> Page:
        """The number is typed again and said to be on the card: how a warning is overridden."""
        again = {f"{who}_nik_again": given.get(f"{who}_nik", ""), f"{who}_nik_override": "sesuai KTP-el"}
        form = page.form("pemohon_name")
        return self.visit.send(page, form, given | {name: value for name, value in again.items() if name in form.names})

    def _tap(self, page: Page, record: str) -> None:
        try:
            self._receipt(self.visit.send(page, page.form(action="/periksa")), record)
        except (requests.RequestException, Surprise):
            self.log.note(Attempt(Act.ACCEPT, Phase.INFO, record))

    def _receipt(self, page: Page, record: str) -> Receipt:
        code, series = CODE.search(page.text), SERIES.search(page.text)
        if page.status != 200 or not page.path.endswith("/tanda-terima") or not code or not series:
            raise Surprise(f"no receipt on {page.path} with {page.status}")
        receipt = Receipt(record, code[0].replace("-", ""), series[0])
        self.log.note(Attempt(Act.ACCEPT, Phase.OK, record, receipt.code, receipt.series))
        return receipt


def record_of(page: Page) -> str:
    found = RECORD.search(page.path)
    if not found:
        raise Surprise(f"no record in the address {page.path} with {page.status}")
    return found[1]


def papers(form: Form, fate: Fate) -> dict[str, str]:
    """Seen and given back, every fourth one left at the stall; whoever is sent back later lacks the last one."""
    names = sorted(name for name in form.choices if name.startswith("berkas_"))
    marks = {name: "ditinggal" if place % 4 == 3 else "asli" for place, name in enumerate(names)}
    return marks | ({names[-1]: "belum"} if names and fate is Fate.RETURNED else {})


def person_fields(who: str, typed: Typed) -> dict[str, str]:
    return {f"{who}_{name}": value for name, value in vars(typed).items()}
