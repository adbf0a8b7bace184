"""One ticket as plain facts, and as the parts that stand on its paper from top to bottom.

Knows what a person may carry home; refuses to know paper: the page and the printer render the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from web_base.tongue import _


class Look(StrEnum):
    """How a part stands out. All but STRONG, FACTS (rows of a label and a value) and LINE are centred."""

    COPY = "copy"
    HEAD = "head"
    MIDDLE = "middle"
    TITLE = "title"
    STRONG = "strong"
    BIG = "big"
    HUGE = "huge"
    CODE = "code"
    QR = "qr"
    FACTS = "facts"
    LINE = "line"


Facts = tuple[tuple[str, str | tuple[str, ...]], ...]
"""Label and value; a value of several lines is a list."""


@dataclass(frozen=True)
class Part:
    """A piece of a paper: `label` stands small above BIG and CODE."""

    look: Look
    text: str = ""
    label: str = ""
    facts: Facts = ()


@dataclass(frozen=True)
class Ticket:
    """Everything on a receipt; nothing sealed. `queue` is empty without a queue, `copied` unless it is a copy."""

    record_id: str
    stall: str
    place: str
    service: str
    series: str
    code: str
    qr: str
    masked: str
    accepted: str
    duration: str
    fee: str
    left: tuple[str, ...]
    missing: tuple[str, ...]
    operator: str
    site: str
    phone: str
    complaint: str
    domain: str
    closed: str = ""
    queue: str = ""
    on_paper: str = ""
    copied: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What stands on the paper, from top to bottom, in the reader's language."""
        made = (*self._top(), *self._middle(), *self._foot())
        return tuple(part for part in made if part.text or part.facts)

    def _top(self) -> list[Part]:
        copied = [Part(Look.COPY, _("SALINAN")), Part(Look.MIDDLE, _("Dicetak %(time)s", time=self.copied))]
        return [
            *(copied if self.copied else ()),
            Part(Look.HEAD, self.stall),
            Part(Look.MIDDLE, self.place),
            Part(Look.TITLE, _("TANDA TERIMA")),
            Part(Look.HEAD, self.closed),
            Part(Look.BIG, self.queue, _("Nomor antrean")),
            Part(Look.HEAD, self.service),
            Part(Look.BIG, self.series, _("Nomor urut")),
            Part(Look.CODE, self.code, _("Kode")),
            Part(Look.QR, self.qr),
        ]

    def _middle(self) -> list[Part]:
        facts = (
            (_("Nama"), self.masked),
            (_("Diterima di kertas"), self.on_paper),
            (_("Diterima"), self.accepted),
            (_("Lama"), self.duration),
            (_("Biaya"), self.fee),
            (_("Ditinggal di gerai"), self.left),
            (_("Masih harus dibawa"), self.missing),
            (_("Petugas"), self.operator),
        )
        return [Part(Look.FACTS, facts=tuple(fact for fact in facts if fact[1]))]

    def _foot(self) -> list[Part]:
        on_foot = _("Tanpa HP atau kuota: tunjukkan kertas ini di loket, atau telepon %(phone)s.", phone=self.phone)
        return [
            Part(Look.LINE, _("Melihat status: pindai QR, atau buka %(site)s dan ketik kode.", site=self.site)),
            Part(Look.LINE, on_foot),
            Part(Look.LINE, _("Pengaduan: %(complaint)s.", complaint=self.complaint)),
            Part(Look.LINE, _("Situs resmi: %(domain)s.", domain=self.domain)),
            Part(Look.STRONG, _("Petugas tidak pernah meminta OTP.")),
            Part(Look.LINE, _("Kami melayani sesuai maklumat pelayanan.")),
        ]
