"""Papers sent: the folders that wait for each agency, one tap for a numbered list, and what headquarters found of it.

Knows the sheet and its words; refuses full names: whoever carries the sheet needs none.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from layanan.berkas import Arrival, Folder, Standing
from layanan.problems import Refused
from layanan.service import Catalogue, catalogue
from offline_db.berkas import BerkasListRow, folders_of, send, sending, sendings, waiting
from offline_db.permohonan import find
from offline_db.typed import catalogue_of
from pasar.guard import operator, typed
from pasar.stall import stall
from sync.entry import read_time
from web_base.formats import waktu
from web_base.tongue import _, document

bp = Blueprint("berkas", __name__, url_prefix="/berkas")
Line = dict[str, str]


@bp.get("")
def page() -> ResponseReturnValue:
    """What waits for whom, and the lists made last."""
    return _page()


@bp.post("")
def listed() -> ResponseReturnValue:
    """Make the list of an agency and show it, ready to print."""
    try:
        made = send(typed().get("instansi", ""), stall().desk(operator()))
    except Refused as refused:
        if refused.code != "berkas_nothing":
            raise
        return _page(refused.sentence()), 409
    return redirect(url_for("berkas.one", sha=made), 303)


@bp.get("/<sha>")
@document()
def one(sha: str) -> ResponseReturnValue:
    """One list: the sheet to print, and where its folders stand. Raises Refused("berkas_unknown")."""
    row = sending(sha)
    if row is None:
        raise Refused("berkas_unknown")
    known = folders_of([sha])[sha]
    lines = [{**_line(folder), "state": said(arrival), "tone": TONES[arrival]} for folder, arrival in known]
    on_sheet = [line for line, (_folder, arrival) in zip(lines, known, strict=True) if arrival is not Arrival.EXTRA]
    extra = [line for line, (_folder, arrival) in zip(lines, known, strict=True) if arrival is Arrival.EXTRA]
    return render_template(
        "pasar/berkas_list.html", row=row, agency=agency_name(row.agency), lines=on_sheet, extra=extra,
        missing=[line for line, (_folder, arrival) in zip(lines, known, strict=True) if arrival is Arrival.MISSING],
        given=stall().granted(), made=_time(row.at), received=_time(row.received_at) if row.received_at else "",
    )  # fmt: skip


TONES = {Arrival.SENT: "info", Arrival.RECEIVED: "ok", Arrival.MISSING: "bad", Arrival.EXTRA: "wait"}


def said(arrival: Arrival) -> str:
    """Where a folder stands, in words."""
    words = {
        Arrival.SENT: _("dikirim"),
        Arrival.RECEIVED: _("diterima MPP"),
        Arrival.MISSING: _("tidak ada di MPP"),
        Arrival.EXTRA: _("tidak tertulis, tetapi sampai"),
    }
    return words[arrival]


def agency_name(code: str) -> str:
    """The agency's name; its code when this catalogue does not know it."""
    try:
        return catalogue().agency(code).called
    except Refused:
        return code


def _page(error: str = "") -> str:
    groups = [
        {"code": code, "name": agency_name(code), "lines": [_line(one.folder) for one in folders]}
        for code, folders in waiting().items()
    ]
    made = sendings()
    known = folders_of([row.hash for row in made])
    lists = [_row(row, known[row.hash]) for row in made]
    return render_template("pasar/berkas.html", groups=groups, error=error, lists=lists)


def _row(row: BerkasListRow, known: Sequence[Standing]) -> Line:
    count = {arrival: sum(each is arrival for _folder, each in known) for arrival in Arrival}
    listed = len(known) - count[Arrival.EXTRA]
    label, tone = _("dikirim"), "info"
    if row.received_at:
        label, tone = _("lengkap"), "ok"
    if count[Arrival.EXTRA]:
        label, tone = _("%(count)s lebih", count=count[Arrival.EXTRA]), "wait"
    if count[Arrival.MISSING]:
        label, tone = _("%(count)s tidak sampai", count=count[Arrival.MISSING]), "bad"
    return {
        "hash": row.hash, "number": row.number, "agency": agency_name(row.agency), "made": _time(row.at),
        "folders": _("%(count)s map", count=listed), "label": label, "tone": tone,
    }  # fmt: skip


def _line(folder: Folder) -> Line:
    row, book = find(folder.record), catalogue_of(folder.record)
    if row is None:
        return {"series": folder.record[:8], "masked": "", "service": _("tidak dikenal di gerai ini"), "papers": ""}
    papers = _papers(book, row.service, folder.papers)
    return {"series": row.series, "masked": row.masked, "service": book.public_name(row.service), "papers": papers}


def _papers(book: Catalogue, code: str, numbers: Sequence[int]) -> str:
    """The papers by name; only how many where the names would tell what the public name hides."""
    service = book.service(code)
    if book.public_name(code) != service.called:
        return _("%(count)s berkas", count=len(numbers))
    return "; ".join(service.requirements[each] for each in numbers if each < len(service.requirements))


def _time(at: str) -> str:
    return waktu(read_time(at), stall().clock.zone)
