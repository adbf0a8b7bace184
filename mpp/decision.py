"""Knows the officer's form: which statuses may follow, what each asks for, what was wrong; refuses to write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from layanan.permohonan import Permohonan
from layanan.problems import FormRefused, Refused
from layanan.service import Service
from layanan.status import MEANINGS, Clock, Status, is_reopening, officer_choices
from layanan.text import one_line
from mpp.db.decision import Decision
from mpp.due import promised
from mpp.words import slot_label
from web_base.formats import tanggal
from web_base.tongue import document

TEXT_LENGTH = 300


@dataclass(frozen=True)
class Desk:
    """What a decision is taken on: the state seen, its service (None: not in this catalogue), the week, the day."""

    state: Permohonan
    service: Service | None
    week: int
    today: date
    stall_name: str

    @property
    def choices(self) -> list[Status]:
        """Statuses an officer may choose; a free service is never asked to be paid (UU 24/2013 art. 79A)."""
        free = self.service is not None and self.service.fee == 0
        return [s for s in officer_choices(self.state.status) if not (free and s is Status.MENUNGGU_BAYAR)]

    @property
    @document()
    def fee(self) -> str:
        """The official fee as the decision says it to the shopper."""
        return self.service.fee_text if self.service else ""

    @property
    def due(self) -> date | None:
        """The date that *diproses* will promise; None when an officer has to name one."""
        days = self.service.sla_days if self.service else None
        return promised(self.state, days, self.week, self.today)

    @property
    def missing(self) -> list[tuple[int, str, bool]]:
        """Every requirement of the service: number, name, and whether the stall has marked it as missing."""
        marks = dict(self.state.papers)
        named = self.service.requirements if self.service else ()
        return [(number, name, marks.get(number) == "belum") for number, name in enumerate(named)]

    def asks(self, status: Status) -> tuple[str, ...]:
        """The fields of the form that a status needs."""
        if is_reopening(self.state.status, status):
            return ("alasan", *_FIELDS.get(status, ()))
        if status is Status.DIPROSES:
            return () if self.due else ("tanggal",)
        return _FIELDS.get(status, ())


_FIELDS: Mapping[Status, tuple[str, ...]] = {
    Status.DIKEMBALIKAN: ("kurang",),
    Status.MENUNGGU_BAYAR: ("biaya", "kode"),
    Status.MENUNGGU_HADIR: ("tanggal", "keperluan"),
    Status.SELESAI: ("tempat",),
    Status.DITOLAK: ("alasan",),
}


def read_decision(form: MultiDict[str, str], desk: Desk) -> Decision:
    """Return what the form decides. Raises FormRefused with every wrong field at once."""
    status = _chosen(form, desk)
    slots: dict[str, str] = {}
    refused: dict[str, Refused] = {}
    for name in desk.asks(status):
        try:
            slots[name] = _READERS.get(name, _text)(form, name, desk)
        except Refused as problem:
            refused[name] = problem
    if refused:
        raise FormRefused(refused)
    due = _due(status, slots, desk)
    if due and status is Status.DIPROSES:
        slots["tanggal"] = due
    shown = {name: _as_shown(name, value) for name, value in slots.items()}
    return Decision(status, shown, due)


def _chosen(form: MultiDict[str, str], desk: Desk) -> Status:
    value = form.get("status", "")
    if not value:
        raise FormRefused({"status": Refused("status_missing")})
    if value not in desk.choices:
        raise FormRefused({"status": Refused("status_forbids")})
    return Status(value)


def _due(status: Status, slots: Mapping[str, str], desk: Desk) -> str | None:
    """A running clock needs an end; other statuses leave the promise as it was."""
    if MEANINGS[status].clock is not Clock.RUNNING:
        return None
    if desk.due:
        return desk.due.isoformat()
    return slots.get("tanggal")


def _text(form: MultiDict[str, str], name: str, _desk: Desk) -> str:
    text = one_line(form.get(name, ""), max_length=TEXT_LENGTH, field=name)
    if not text:
        raise Refused("slot_missing", what=slot_label(name))
    return text


def _missing(form: MultiDict[str, str], name: str, desk: Desk) -> str:
    ticked = set(form.getlist("berkas"))
    papers = [paper for number, paper, _ in desk.missing if str(number) in ticked]
    other = one_line(form.get(name, ""), max_length=TEXT_LENGTH, field=name)
    if not papers and not other:
        raise Refused("slot_missing", what=slot_label(name))
    return "; ".join([*papers, *([other] if other else [])])


def _day(form: MultiDict[str, str], name: str, desk: Desk) -> str:
    try:
        day = date.fromisoformat(form.get(name, "").strip())
    except ValueError:
        raise Refused("date_invalid") from None
    if day < desk.today:
        raise Refused("date_past")
    return day.isoformat()


def _as_shown(name: str, value: str) -> str:
    with document():
        return tanggal(date.fromisoformat(value)) if name == "tanggal" else value


_READERS: Mapping[str, Callable[[MultiDict[str, str], str, Desk], str]] = {"kurang": _missing, "tanggal": _day}
