"""The page of the link: three honest numbers, how old the oldest waiting entry is, what is wrong, and a button.

Knows the sync loop's words; refuses to know the protocol.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from offline_db.outbox import refusals
from offline_db.permohonan import find
from pasar.stall import stall
from web_base.tongue import _

bp = Blueprint("sinkron", __name__, url_prefix="/sinkron")


@bp.get("")
def page() -> ResponseReturnValue:
    """The link as it is, with every entry headquarters would not take."""
    here = stall()
    shown = []
    for entry in refusals():
        row = find(entry.record_id) if entry.record_id else None
        address = url_for("permohonan.page", record_id=row.record_id) if row else url_for("permohonan.list_page")
        sentence = Refused(entry.problem or "sync_malformed").sentence()
        shown.append({"sentence": sentence, "url": address, "series": row.series if row else _("Daftar permohonan")})
    return render_template("pasar/sync.html", light=here.light(), refused=shown)


@bp.post("")
def now() -> ResponseReturnValue:
    """Sync at once, while the person waits; a sync that already runs is not doubled."""
    outcome = stall().loop.now()
    if outcome.problem:
        flash(Refused(outcome.problem).sentence(), "wait")
    elif outcome.confirmed or outcome.pulled:
        flash(_("%(sent)s dikonfirmasi MPP, %(news)s kabar baru.", sent=outcome.confirmed, news=outcome.pulled), "ok")
    else:
        flash(_("Semua sudah dikonfirmasi MPP."), "ok")
    return redirect(url_for("sinkron.page"), 303)
