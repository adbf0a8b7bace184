"""Knows the fifteen statuses of a permohonan, which may follow which, and who may set them; refuses to know screens.

Source: the status table in `tables/statuses.csv`, whose wording follows the procedure of MPP Batang.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from layanan.reading import said
from layanan.tables import rows


class Status(StrEnum):
    """Where a permohonan stands; the value is the code that is stored and sent."""

    DRAF = "DRAF"
    DITERIMA = "DITERIMA"
    TERKIRIM = "TERKIRIM"
    VERIFIKASI = "VERIFIKASI"
    DIKEMBALIKAN = "DIKEMBALIKAN"
    DIPROSES = "DIPROSES"
    REKOMTEK = "REKOMTEK"
    MENUNGGU_BAYAR = "MENUNGGU_BAYAR"
    MENUNGGU_HADIR = "MENUNGGU_HADIR"
    TTD = "TTD"
    SELESAI = "SELESAI"
    DIAMBIL = "DIAMBIL"
    DITOLAK = "DITOLAK"
    DIBATALKAN = "DIBATALKAN"
    KEDALUWARSA = "KEDALUWARSA"


class Setter(StrEnum):
    """Who writes a status: the stall's operator, an agency's officer, or the system by rule."""

    OPERATOR = "operator"
    OFFICER = "officer"
    SYSTEM = "system"


class Clock(StrEnum):
    """What the service-time clock does in a status (UU 25/2009: it runs from completeness only)."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True)
class Meaning:
    """What one status says: labels, who sets it, its clock, and the sentence for the shopper with {slots}."""

    status: Status
    label_id: str
    label_en: str
    set_by: Setter
    clock: Clock
    terminal: bool
    shopper_id: str
    shopper_en: str

    @property
    def label(self) -> str:
        """The status in the language that is read now."""
        return said(self.label_id, self.label_en)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names the shopper's sentence needs before it can be said, in order."""
        return tuple(re.findall(r"\{(\w+)\}", self.shopper_id))

    def sentence(self, slots: Mapping[str, str]) -> str:
        """Return the shopper's sentence; a slot nobody filled reads as an ellipsis, never as a brace."""
        text = said(self.shopper_id, self.shopper_en)
        return re.sub(r"\{(\w+)\}", lambda slot: slots.get(slot[1]) or "…", text)


def _meaning(row: Mapping[str, str]) -> Meaning:
    return Meaning(
        Status(row["code"]),
        row["label_id"],
        row["label_en"],
        Setter(row["set_by"]),
        Clock(row["sla_clock"]),
        row["terminal"] == "yes",
        row["text_for_shopper_id"],
        row["text_for_shopper_en"],
    )


MEANINGS: Mapping[Status, Meaning] = {m.status: m for m in map(_meaning, rows("statuses"))}

_S = Status
_IN_HAND = (_S.DIKEMBALIKAN, _S.DIPROSES, _S.REKOMTEK, _S.MENUNGGU_BAYAR, _S.MENUNGGU_HADIR, _S.TTD, _S.SELESAI)
_ARRIVED = (_S.VERIFIKASI, _S.DIKEMBALIKAN, _S.DIPROSES, _S.MENUNGGU_BAYAR, _S.MENUNGGU_HADIR, _S.DITOLAK)

# What an officer may choose next. The two steps out of SELESAI and DITOLAK back into work are reopenings.
_OFFICER: Mapping[Status, tuple[Status, ...]] = {
    _S.DITERIMA: _ARRIVED,
    _S.TERKIRIM: _ARRIVED,
    _S.VERIFIKASI: (*(s for s in _IN_HAND if s is not _S.TTD), _S.DITOLAK),
    _S.DIKEMBALIKAN: (_S.VERIFIKASI, _S.DIPROSES, _S.DITOLAK),
    _S.DIPROSES: (*(s for s in _IN_HAND if s is not _S.DIPROSES), _S.DITOLAK),
    _S.REKOMTEK: (*(s for s in _IN_HAND if s is not _S.REKOMTEK), _S.DITOLAK),
    _S.MENUNGGU_BAYAR: (_S.DIPROSES, _S.REKOMTEK, _S.TTD, _S.SELESAI, _S.DITOLAK),
    _S.MENUNGGU_HADIR: (_S.VERIFIKASI, _S.DIPROSES, _S.TTD, _S.SELESAI, _S.DITOLAK),
    _S.TTD: (_S.SELESAI, _S.DIPROSES, _S.DIKEMBALIKAN, _S.DITOLAK),
    _S.SELESAI: (_S.DIAMBIL, _S.DIPROSES),
    _S.DITOLAK: (_S.VERIFIKASI,),
}
_WITHDRAWABLE = (
    _S.DITERIMA, _S.TERKIRIM, _S.VERIFIKASI, _S.DIKEMBALIKAN, _S.DIPROSES, _S.REKOMTEK,
    _S.MENUNGGU_BAYAR, _S.MENUNGGU_HADIR,
)  # fmt: skip
_OPERATOR: Mapping[Status, tuple[Status, ...]] = {
    _S.DRAF: (_S.DITERIMA,),
    _S.SELESAI: (_S.DIAMBIL,),
    **dict.fromkeys(_WITHDRAWABLE, (_S.DIBATALKAN,)),
    _S.DIKEMBALIKAN: (_S.DITERIMA, _S.DIBATALKAN),
}
_WAITING_FOR_PERSON = (_S.DIKEMBALIKAN, _S.MENUNGGU_BAYAR, _S.MENUNGGU_HADIR)
_SYSTEM: Mapping[Status, tuple[Status, ...]] = {
    _S.DITERIMA: (_S.TERKIRIM,),
    **dict.fromkeys(_WAITING_FOR_PERSON, (_S.KEDALUWARSA,)),
}
_NEXT = {Setter.OFFICER: _OFFICER, Setter.OPERATOR: _OPERATOR, Setter.SYSTEM: _SYSTEM}


def may_follow(current: Status, new: Status, by: Setter) -> bool:
    """Say whether `by` may move a permohonan from `current` to `new`."""
    return new in _NEXT[by].get(current, ())


def officer_choices(current: Status) -> list[Status]:
    """Return what an officer may choose next, in the order of the usual path; empty when the life has ended."""
    return list(_OFFICER.get(current, ()))


def is_reopening(current: Status, new: Status) -> bool:
    """Say whether the step takes a finished permohonan back into work, which needs a written reason."""
    return current in (Status.SELESAI, Status.DITOLAK) and new is not Status.DIAMBIL


def shown(status: Status, delivered: bool) -> Status:
    """Return the status to show: *terkirim* is not an entry, it follows from headquarters' acknowledgement."""
    return Status.TERKIRIM if delivered and status is Status.DITERIMA else status
