"""The photos of a stored request: one is taken or chosen for a paper that asks for it, and what became of each.

Knows forms and words; refuses to look into a picture (photo) and to let the request wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import Refused, told
from layanan.status import MEANINGS, Status
from offline_db.attachment_pieces import PRUNED
from offline_db.attachments import Scan, of_record
from offline_db.typed import catalogue_of
from pasar.guard import operator
from pasar.photo import LARGEST, keep_photo
from pasar.receipt import known
from pasar.stall import stall
from sync.attachment_messages import State
from sync.entry import read_time
from web_base.errors import wants_json
from web_base.formats import jam, waktu
from web_base.tongue import _

bp = Blueprint("photo", __name__, url_prefix="/permohonan/<uuid:record_id>/foto")
HOMES = {"tanda-terima": "receipt.page", "permohonan": "permohonan.page"}
"""The pages that hold this part, by what their form says."""


@dataclass(frozen=True)
class Standing:
    """What became of one photo, in words."""

    tone: str
    label: str
    why: str
    time: str


@dataclass(frozen=True)
class Wanted:
    """One paper that asks for a photo, and those that were taken; `more` says whether another one may come.

    `label` is what a phone writes on a photo that waits on it.
    """

    paper: int
    name: str
    label: str
    photos: list[Standing]
    more: bool


@bp.get("")
def part(record_id: UUID) -> ResponseReturnValue:
    """The part alone, for the script that has sent a photo from it."""
    row = known(record_id)
    asked = photos_of(row.record_id)
    return render_template(
        "pasar/photos.html", record_id=row.record_id, wanted=asked, home=request.args.get("dari", "")
    )


@bp.post("/<int:paper>")
def take(record_id: UUID, paper: int) -> ResponseReturnValue:
    """One photo of one paper. A program is told at once; a person comes back to the page the form was on."""
    try:
        keep_photo(str(record_id), paper, _sent(), stall().desk(operator()))
    except Refused as refused:
        if wants_json():
            raise
        flash(f"{refused.sentence()} {refused.hint}".strip(), "bad")
    else:
        if wants_json():
            return jsonify(stored=True)
        flash(_("Foto tersimpan di gerai."), "ok")
    home = HOMES.get(request.form.get("dari", ""), "permohonan.page")
    return redirect(url_for(home, record_id=record_id, _anchor="foto"), 303)


@bp.app_template_global("largest_photo")
def largest() -> int:
    """Bytes of a photo beyond which its script need not try to send it."""
    return LARGEST


@bp.app_template_filter("photos")
def photos_of(record_id: str) -> list[Wanted]:
    """What a request asks to be photographed, in the order of its papers; mostly nothing."""
    row = known(UUID(record_id))
    service = catalogue_of(record_id).service(row.service)
    if not service.photos:
        return []
    taken, more = of_record(record_id), not MEANINGS[Status(row.status)].terminal
    asked = []
    for number in service.photos:
        name, photos = service.requirements[number], [_standing(one) for one in taken if one.paper == number]
        asked.append(Wanted(number, name, f"{row.series} · {name}", photos, more))
    return [one for one in asked if one.more or one.photos]


def _sent() -> bytes:
    """The photo of whichever of the two fields holds one. Raises Refused("photo_missing")."""
    for each in request.files.getlist("foto"):
        sent: bytes = each.read()
        if sent:
            return sent
    raise Refused("photo_missing")


def _standing(one: Scan) -> Standing:
    clock, at = stall().clock, read_time(one.at)
    today = at.astimezone(ZoneInfo(clock.zone)).date() == clock.today()
    time = jam(at, clock.zone) if today else waktu(at, clock.zone)
    if one.problem:
        return Standing("bad", _("Tidak sampai"), told(one.problem).sentence(), time)
    if one.state in (State.COMPLETE, State.DURABLE, PRUNED):
        return Standing("ok", _("Sudah di MPP"), "", time)
    if one.percent:
        return Standing("wait", _("Terkirim %(part)s%%", part=one.percent), "", time)
    return Standing("wait", _("Menunggu dikirim ke MPP"), "", time)
