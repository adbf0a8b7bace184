"""What the stall tells somebody whose request needs them: ready words without a name, and the slip to know whom.

Knows statuses and public names; refuses to send anything by itself.
"""

from __future__ import annotations

from layanan.service import catalogue
from layanan.status import MEANINGS, Status
from layanan.tracking import spoken
from offline_db.models import PermohonanRow
from offline_db.status_book import slip
from pasar.stall import stall
from web_base.tongue import _, document

TELLS = (Status.DIKEMBALIKAN, Status.MENUNGGU_HADIR, Status.SELESAI)


def contact_card(row: PermohonanRow) -> dict[str, object] | None:
    """What the card on the request's page needs; None for a status that asks nothing of the person."""
    if Status(row.status) not in TELLS:
        return None
    return {"slip": slip(row.record_id, stall().keys), "message": message(row)}


@document()
def message(row: PermohonanRow) -> str:
    """The words for a messenger: what is to be done, where, and the code; nothing about a person."""
    given = stall().granted()
    return "\n".join([
        _("Kabar dari %(stall)s, %(place)s.", stall=given.stall_name, place=given.place),
        f"{catalogue().public_name(row.service)}. {MEANINGS[Status(row.status)].sentence(row.slots or {})}",
        _("Nomor %(series)s, kode %(code)s.", series=row.series, code=spoken(row.code)),
        _("Lihat status: %(site)s/c", site=given.status_url),
        _("Petugas tidak pernah meminta uang, PIN, atau OTP."),
    ])  # fmt: skip
