"""The small papers with nobody on them: what to bring, a number of the queue, a test print. The same parts as a ticket.

Knows words and order; refuses to know people, paper and printers.
"""

from __future__ import annotations

from layanan.service import Agency, Service
from pasar.ticket import Look, Part
from sync.enrol import Grant
from web_base.informasi import lama
from web_base.tongue import _

BRING, NUMBER, TRIAL, LABEL = "bawa", "antrean", "uji", "label"
"""Their kinds as print jobs. References: a service's code, a number's id, nothing, nothing."""


def bring(service: Service, agency: Agency, given: Grant, *, place: str, day: str) -> tuple[Part, ...]:
    """What to bring for a service, as the catalogue said on this day; `place` where the stall does not take it in."""
    facts = (
        (_("Syarat"), service.requirements or (_("tidak ada"),)),
        (_("Biaya"), service.fee_text),
        (_("Lama"), lama(service)),
        (_("Hadir"), _("Orangnya harus datang sendiri.") if service.presence else ""),
        (_("Tempat"), place),
    )
    made = (
        Part(Look.HEAD, given.stall_name),
        Part(Look.TITLE, _("YANG PERLU DIBAWA")),
        Part(Look.HEAD, service.name),
        Part(Look.MIDDLE, agency.name),
        Part(Look.FACTS, facts=tuple(fact for fact in facts if fact[1])),
        Part(Look.LINE, _("Pengaduan: %(complaint)s.", complaint=given.complaint) if given.complaint else ""),
        Part(Look.LINE, _("Situs resmi: %(domain)s.", domain=given.official_domain) if given.official_domain else ""),
        Part(Look.STRONG, _("Petugas tidak pernah meminta OTP.")),
        Part(Look.LINE, _("Syarat per %(day)s.", day=day)),
    )
    return tuple(part for part in made if part.text or part.facts)


def queue_number(number: str, given: Grant, *, ahead: str, day: str) -> tuple[Part, ...]:
    """A number of the day's queue, large; `ahead` is how many waited when it was given."""
    return (
        Part(Look.HEAD, given.stall_name),
        Part(Look.MIDDLE, day),
        Part(Look.HUGE, number),
        Part(Look.MIDDLE, _("Sekarang %(count)s orang lain menunggu.", count=ahead)),
        Part(Look.MIDDLE, _("Tunggu nomor Anda di layar. Semua layanan di gerai ini tanpa pungutan liar.")),
    )


def trial(stall: str, place: str, time: str, site: str) -> tuple[Part, ...]:
    """A test print: whether every look of a ticket comes out."""
    return (
        Part(Look.HEAD, stall),
        Part(Look.MIDDLE, place),
        Part(Look.TITLE, _("UJI CETAK")),
        Part(Look.CODE, "UJIC-ETAK-SAJA", _("Kode")),
        Part(Look.QR, site),
        Part(Look.FACTS, facts=((_("Dicetak"), time), (_("Lebar"), "1234567890" * 3 + "12"))),
        Part(Look.LINE, _("Pindai QR ini. Bila terbaca, pencetak siap.")),
    )


def label(given: Grant, *, page: str, counter: tuple[str, ...], name: str, mark: tuple[str, ...]) -> tuple[Part, ...]:
    """What hangs at the stall for whoever prepares a phone: where to go, and the fingerprint to compare."""
    return (
        Part(Look.HEAD, given.stall_name),
        Part(Look.MIDDLE, given.place),
        Part(Look.TITLE, _("MENYIAPKAN HP PETUGAS")),
        Part(Look.QR, page),
        Part(Look.MIDDLE, page),
        Part(Look.FACTS, facts=((_("Loket dari HP"), counter), (_("Nama sertifikat"), name))),
        Part(Look.STRONG, _("Sidik SHA-256 sertifikat:")),
        *(Part(Look.MIDDLE, line) for line in mark),
        Part(Look.LINE, _("Bandingkan sidik ini dengan yang tampil di HP. Bila berbeda, hapus sertifikatnya.")),
    )
