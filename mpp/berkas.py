"""Folders of papers as they arrive: the lists stalls sent, and the page on which an officer ticks what came.

Knows pages and forms; refuses to know SQL and full names.
"""

from __future__ import annotations

import re

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from layanan.berkas import Arrival, Folder, standing
from layanan.problems import Refused
from layanan.service import Service
from mpp.db.berkas import BerkasList, Opened, Ticks, lists, opened, receive, stall_names
from mpp.db.models import PermohonanRow
from mpp.db.office import office
from mpp.db.published import catalogue_of
from mpp.office import here, utc_now
from mpp.sign_in import officer, signed_in_only
from mpp.words import agency_name, service_name
from sync.entry import read_time
from web_base.tongue import _

bp = Blueprint("berkas", __name__, url_prefix="/berkas")
bp.before_request(signed_in_only)
_WRONG = {"berkas_none_ticked": "map", "berkas_extra_unknown": "lain", "berkas_extra_listed": "lain"}
MOST_OTHERS = 20


@bp.get("")
def listed() -> ResponseReturnValue:
    """Every list of the officer's agency: those to tick or to search for first."""
    with here().database.reading() as session:
        found, names, zone = lists(session, officer().agency), stall_names(session), office(session).zone
    rows = [_row(each, names.get(each.stall, each.stall)) for each in found]
    return render_template(
        "mpp/berkas.html", zone=zone, agency=agency_name(officer().agency),
        groups=[(_("Perlu dicentang atau dicari"), [row for row in rows if row["open"]]),
                (_("Sudah lengkap"), [row for row in rows if not row["open"]])],
    )  # fmt: skip


@bp.get("/<sha>")
def one(sha: str) -> ResponseReturnValue:
    """One list to tick; with `semua` every folder is ticked already, and exceptions are unticked."""
    with here().database.reading() as session:
        at = opened(session, officer(), sha)
        came = {folder.record for folder in at.sending.folders} if request.args.get("semua") else _came(at)
        return _page(session, at, came)


@bp.post("/<sha>")
def ticked(sha: str) -> ResponseReturnValue:
    """Save what came. A list that somebody else has ticked meanwhile is shown again instead."""
    form, now = request.form, utc_now()
    others = [each.strip() for each in re.split(r"[,;\n]", form.get("lain", "")[:600]) if each.strip()][:MOST_OTHERS]
    seen = form.get("seen", "")
    ticks = Ticks(form.getlist("map"), others, int(seen) if seen.isdecimal() else 0, form.get("kosong") == "ya")
    try:
        here().database.change(lambda session: receive(session, officer(), sha, ticks, now))
    except Refused as refused:
        if refused.code != "berkas_changed" and refused.code not in _WRONG:
            raise
        with here().database.reading() as session:
            at = opened(session, officer(), sha)
            came = _came(at) if refused.code == "berkas_changed" else set(ticks.records)
            return make_response(_page(session, at, came, refused), refused.problem.status)
    flash(_("Tersimpan. Gerai menerimanya pada pengiriman berikutnya."), "ok")
    return redirect(url_for("berkas.one", sha=sha), 303)


def _came(at: Opened) -> set[str]:
    return {*at.receipt.received, *(folder.record for folder in at.receipt.extra)} if at.receipt else set()


def _row(row: BerkasList, stall: str) -> dict[str, object]:
    label, tone = (_("belum dicentang"), "wait") if row.receipt_seq is None else (_("lengkap"), "ok")
    if row.extra:
        label, tone = _("%(count)s lebih", count=row.extra), "wait"
    if row.missing:
        label, tone = _("%(count)s tidak ada", count=row.missing), "bad"
    return {
        "hash": row.hash, "number": row.number, "stall": stall, "agency": agency_name(row.agency),
        "sent": read_time(row.sent_at), "folders": row.folders, "label": label, "tone": tone, "open": row.open,
    }  # fmt: skip


def _page(session: Session, at: Opened, came: set[str], refused: Refused | None = None) -> str:
    known = [(_line(session, folder), arrival) for folder, arrival in standing(at.sending.folders, at.receipt)]
    wrong = _WRONG.get(refused.code, "") if refused else ""
    return render_template(
        "mpp/berkas_list.html", row=at.row, stall=stall_names(session).get(at.row.stall, ""),
        agency=agency_name(at.row.agency), sent=read_time(at.row.sent_at), zone=office(session).zone,
        lines=[line for line, arrival in known if arrival is not Arrival.EXTRA],
        extra=[line for line, arrival in known if arrival is Arrival.EXTRA],
        missing=[line for line, arrival in known if arrival is Arrival.MISSING], came=came,
        errors={wrong: refused.sentence()} if refused and wrong else {}, hint=refused.hint if refused else "",
        changed=refused.sentence() if refused and not wrong else "", seen=at.row.receipt_seq or 0,
        typed=request.form,
    )  # fmt: skip


def _line(session: Session, folder: Folder) -> dict[str, object]:
    row = session.get(PermohonanRow, folder.record)
    if row is None:
        return {"id": folder.record, "series": folder.record[:8], "service": _("permohonannya belum sampai di MPP")}
    return {
        "id": folder.record, "series": row.series, "masked": row.masked, "service": service_name(row.service),
        "papers": _papers(_service(session, row), folder), "page": url_for("permohonan.one", record_id=row.record_id),
    }  # fmt: skip


def _service(session: Session, row: PermohonanRow) -> Service | None:
    try:
        return catalogue_of(session, row.record_id).service(row.service)
    except Refused:
        return None


def _papers(service: Service | None, folder: Folder) -> str:
    names = service.requirements if service else ()
    return "; ".join(names[each] for each in folder.papers if each < len(names))
