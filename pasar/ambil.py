"""Somebody comes to collect: scan or type the code, see what is ready, and go on to the hand-over.

Knows the list of what is ready and how a code is read; refuses to know how a hand-over is stored.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from layanan.status import MEANINGS, Status
from offline_db.permohonan_list import search
from pasar.guard import typed
from pasar.permohonan import line
from pasar.stall import stall
from web_base.tongue import _

bp = Blueprint("ambil", __name__, url_prefix="/ambil")
LONGEST_TEXT = 600


@bp.get("")
def page() -> ResponseReturnValue:
    """A field for the code, and everything that waits to be collected."""
    return _page("")


@bp.post("")
def look_up() -> ResponseReturnValue:
    """The hand-over of what the code, QR or number names; what is not ready says where it stands."""
    text = typed().get("kode", "")[:LONGEST_TEXT].strip()
    rows = search(text, stall().clock.today()).rows if text else []
    if len(rows) != 1:
        return _page(text, Refused("code_unknown" if text else "field_missing").sentence())
    row, status = rows[0], Status(rows[0].status)
    if status is Status.SELESAI:
        return redirect(url_for("permohonan_changes.hand_over_page", record_id=row.record_id), 303)
    flash(_("Belum dapat diambil: %(status)s.", status=MEANINGS[status].label), "wait")
    return redirect(url_for("permohonan.page", record_id=row.record_id), 303)


def _page(text: str, error: str = "") -> ResponseReturnValue:
    number = max(1, request.args.get("hal", 1, type=int))
    ready = search("", stall().clock.today(), number, status=Status.SELESAI)
    page = render_template(
        "pasar/ambil.html", text=text, errors={"kode": error} if error else {}, rows=[line(row) for row in ready.rows],
        previous=url_for("ambil.page", hal=number - 1) if number > 1 else "",
        next=url_for("ambil.page", hal=number + 1) if ready.more else "",
    )  # fmt: skip
    return page, 422 if error else 200
