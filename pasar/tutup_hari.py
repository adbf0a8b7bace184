"""Close of day: what came, what headquarters has signed for, what differs; then the day's keys are destroyed.

Knows the sheet and its words; refuses to know what was sealed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from layanan.permohonan import Kind
from layanan.problems import Refused, told
from layanan.service import catalogue
from layanan.status import MEANINGS, Status
from offline_db.parcels import count_waiting
from offline_db.survei import hand_in
from offline_db.tutup_hari import Line, Sheet, closed, closed_days, keep, sheet
from pasar.drafts import begun
from pasar.guard import operator, typed
from pasar.stall import stall
from sync.entry import read_time
from web_base.formats import jam, waktu
from web_base.tongue import _

bp = Blueprint("tutup_hari", __name__, url_prefix="/tutup-hari")


@bp.get("")
def page() -> ResponseReturnValue:
    """Today so far, what is missing before closing, and the earlier sheets."""
    earlier = [(each.id, waktu(each.closed_at, stall().clock.zone)) for each in closed_days()]
    return _page(_today(), earlier=earlier)


@bp.post("")
def close() -> ResponseReturnValue:
    """Keep the sheet, then destroy the day's keys: from then on nobody here reads what was typed. Asks first,

    and again when more forms would be lost than the page said.
    """
    if typed().get("yakin") != "ya":
        return _page(_today(), error=Refused("tutup_hari_unsure").sentence())
    last, name, told = _today(), operator(), typed().get("isian", "")[:6]
    with stall().taking:  # no parcel becomes a draft between the count and the end of the keys
        if len(begun()) > (int(told) if told.isdecimal() else 0):
            return _page(last, error=Refused("tutup_hari_drafts").sentence())
        hand_in(stall().desk(name))
        keep(last, stall().clock.now(), name)
        stall().close_day()
    return _page(last, closed_by=name, closed_at=waktu(stall().clock.now(), stall().clock.zone))


@bp.get("/<int:number>")
def kept(number: int) -> ResponseReturnValue:
    """The sheet of a closed day."""
    found = closed(number)
    if found is None:
        raise Refused("not_found")
    return _page(found.sheet, closed_by=found.operator, closed_at=waktu(found.closed_at, stall().clock.zone))


@bp.get("/hari-ini.csv")
def download() -> Response:
    """Today's sheet for a spreadsheet: one row a request."""
    today, text = _today(), StringIO()
    rows = csv.writer(text)
    rows.writerow([_("Nomor urut"), _("Layanan"), _("Status"), _("Diterima"), _("MPP")])
    rows.writerows(_row(line) for line in today.lines)
    answer = make_response(text.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="tutup-hari-{today.day}.csv"'
    return answer


def _page(sheet: Sheet, *, error: str = "", **more: object) -> ResponseReturnValue:
    """`more`: earlier sheets, or who closed this one and when."""
    page = render_template(
        "pasar/tutup_hari.html", facts=_facts(sheet), differences=[_row(line) for line in sheet.differences],
        rows=[_row(line) for line in sheet.lines], error=error, day=date.fromisoformat(sheet.day),
        given=stall().granted(), **_unsaved(more), **more,
    )  # fmt: skip
    return page, 422 if error else 200


def _unsaved(more: Mapping[str, object]) -> dict[str, int]:
    """What is not saved while the day is open: forms that would be lost, and what phones brought and nobody opened."""
    if "closed_by" in more:
        return {"unsaved": 0, "sealed": 0}
    return {"unsaved": len(begun()), "sealed": count_waiting()}


def _facts(given: Sheet) -> list[tuple[str, str]]:
    told = sum(given.visits.values())
    return [
        (_("Permohonan diterima"), str(len(given.lines))),
        (_("Dikonfirmasi MPP"), str(given.confirmed)),
        (_("Menunggu dikirim"), str(given.waiting)),
        (_("Diubah atau dilengkapi"), str(given.did.get(Kind.AMENDED, 0))),
        (_("Dibatalkan"), str(given.did.get(Kind.CANCELLED, 0))),
        (_("Diserahkan"), str(given.did.get(Kind.HANDED_OVER, 0))),
        (_("Kunjungan keterangan"), str(told)),
        (_("Nomor antrean dipanggil"), str(given.served)),
        (_("Dilayani lebih dulu"), _kinds(given)),
        (_("Tanda terima hilang dibuka"), str(given.found)),
        (_("Map berkas dikirim / belum diterima / hilang"), _folders(given)),
        (_("Uang tunai"), "Rp0"),
    ]


def _kinds(given: Sheet) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in given.kinds.items()) or "0"


def _folders(given: Sheet) -> str:
    """Empty, so left out, on a sheet that was kept before folders were counted."""
    return " / ".join(str(given.folders[each]) for each in ("sent", "open", "missing")) if given.folders else ""


def _row(line: Line) -> tuple[str, str, str, str, str]:
    status = MEANINGS[Status(line.status)].label
    name = catalogue().public_name(line.service)
    return line.series, name, status, jam(read_time(line.accepted_at), stall().clock.zone), _answer(line.problem)


def _answer(problem: str | None) -> str:
    if problem is None:
        return _("dikonfirmasi")
    return told(problem).sentence() if problem else _("belum dikonfirmasi")


def _today() -> Sheet:
    clock = stall().clock
    return sheet(clock.today().isoformat(), clock.zone)
