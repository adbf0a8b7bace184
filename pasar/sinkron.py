"""The page of the link: three honest numbers, how old the oldest waiting entry is, what is wrong, and a button.

Knows the sync loop's words; refuses to know the protocol.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import told
from offline_db.outbox import refusals
from offline_db.permohonan import find
from pasar.line import KeptLine, spoken
from pasar.stall import stall
from sync.messages import Result
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
        refused = told(entry.problem or "sync_malformed")
        shown.append({
            "tone": "wait" if entry.result == Result.WAITING else "bad",
            "sentence": f"{_became(entry.result)}: {refused.sentence()}",
            "todo": refused.hint,
            "url": address,
            "series": row.series if row else _("Daftar permohonan"),
        })  # fmt: skip
    spent = KeptLine(here.config.data, here.config.kuota, here.clock.today).spent()
    return render_template(
        "pasar/sync.html", light=here.light(), refused=shown, spent=spoken(spent), used_up=spent.used_up
    )


def _became(result: str) -> str:
    """What headquarters did with an entry it gave no effect; it has kept every one of them."""
    if result == Result.WAITING:
        return _("Menunggu")
    return _("Bentrok, keduanya disimpan") if result == Result.CONFLICT else _("Ditolak, disimpan MPP")


@bp.post("")
def now() -> ResponseReturnValue:
    """Sync at once, while the person waits, beyond the kuota only if so said; a sync that runs is not doubled."""
    outcome = stall().loop.now(beyond=request.form.get("di_luar_jatah") == "ya")
    if outcome.problem:
        flash(told(outcome.problem).sentence(), "wait")
    elif outcome.confirmed or outcome.pulled:
        flash(_("%(sent)s dikonfirmasi MPP, %(news)s kabar baru.", sent=outcome.confirmed, news=outcome.pulled), "ok")
    else:
        flash(_("Semua sudah dikonfirmasi MPP."), "ok")
    return redirect(url_for("sinkron.page"), 303)
