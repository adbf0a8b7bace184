"""A lost receipt found again: the person helps, an identity card decides, and the log says who looked.

Knows first letters and days; refuses to put a name into an address or to keep it.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from layanan.service import catalogue
from offline_db.receipt_lost import DAYS, look_for, note_found
from pasar.guard import operator, typed
from pasar.permohonan import line
from pasar.receipt import known
from pasar.stall import stall
from web_base.tongue import _

bp = Blueprint("receipt_lost", __name__, url_prefix="/tanda-terima")
LONGEST_NAME = 200


@bp.get("/cari")
def page() -> ResponseReturnValue:
    """What the person still knows."""
    return _page({})


@bp.post("/cari")
def look() -> ResponseReturnValue:
    """The few requests that may be meant. What was typed stays on the page and nowhere else."""
    values = {"nama": typed().get("nama", "")[:LONGEST_NAME].strip(), "layanan": typed().get("layanan", "")}
    if not values["nama"]:
        return _page(values, {"nama": Refused("name_missing").sentence()})
    rows = look_for(values["nama"], values["layanan"], stall().clock.today())
    return _page(values, found=[line(row) for row in rows])


@bp.post("/cari/<uuid:record_id>")
def open_found(record_id: UUID) -> ResponseReturnValue:
    """Log it, then show the receipt; a copy says so on its paper."""
    row = known(record_id)
    if typed().get("cocok") != "ya":
        flash(Refused("identity_unchecked").sentence(), "bad")
        return redirect(url_for("receipt_lost.page"), 303)
    note_found(row.record_id, stall().desk(operator()))
    flash(_("Dicatat: tanda terima ini dibuka tanpa kertasnya."), "info")
    return redirect(url_for("receipt.page", record_id=record_id), 303)


def _page(
    values: dict[str, str], errors: dict[str, str] | None = None, found: list[object] | None = None
) -> ResponseReturnValue:
    services = [(each.code, each.called) for each in catalogue().services if each.opens_permohonan]
    page = render_template(
        "pasar/receipt_lost.html", values=values, errors=errors or {}, found=found, services=services, days=DAYS
    )
    return page, 422 if errors else 200
