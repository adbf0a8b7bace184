"""The bad day: blank forms to print before it, and what was written on them typed in afterwards.

Knows paper and the time on it; refuses to know how a request is stored: it goes the way of every other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from layanan.person import RELATIONS
from layanan.problems import Refused
from layanan.service import catalogue
from pasar.guard import typed
from pasar.stall import stall
from sync.entry import read_time, spelled_time
from web_base.formats import waktu
from web_base.tongue import _, document

bp = Blueprint("kertas", __name__, url_prefix="/kertas")
ON_PAPER = "di_kertas"
OLDEST = timedelta(days=14)


@bp.get("")
def page() -> ResponseReturnValue:
    """Print blank forms; or say when a paper was taken, then type it in."""
    now = stall().clock.now().astimezone(ZoneInfo(stall().clock.zone))
    return _page({"tanggal": now.date().isoformat(), "jam": ""})


@bp.post("")
def type_in() -> ResponseReturnValue:
    """The next request was taken on paper at this time; its receipt will say so."""
    values = {name: typed().get(name, "").strip() for name in ("tanggal", "jam")}
    try:
        taken = taken_at(values["tanggal"], values["jam"])
    except Refused as refused:
        return _page(values, refused.sentence())
    session[ON_PAPER] = spelled_time(taken)
    flash(_("Permohonan berikutnya: diterima di kertas %(time)s.", time=waktu(taken, stall().clock.zone)), "info")
    return redirect(url_for("layanan.search_page"), 303)


@bp.get("/kosong")
@document()
def blank() -> ResponseReturnValue:
    """One blank form on A4, for a service or for any."""
    code = request.args.get("layanan", "")
    service = catalogue().service(code) if code else None
    return render_template(
        "pasar/kertas_blank.html", service=service, given=stall().granted(), relations=list(RELATIONS.values())
    )


def taken_at(day: str, time: str) -> datetime:
    """The moment written on a paper. Raises Refused("paper_time_invalid") for none, one to come, or a very old one."""
    try:
        local = datetime.fromisoformat(f"{day}T{time.replace('.', ':').zfill(5)}")
        taken = local.replace(tzinfo=ZoneInfo(stall().clock.zone))
    except ValueError as error:
        raise Refused("paper_time_invalid") from error
    if not timedelta(0) <= stall().clock.now() - taken <= OLDEST:
        raise Refused("paper_time_invalid")
    return taken


def for_next() -> str:
    """When the next request was taken on paper, once; empty for one at the counter."""
    return str(session.pop(ON_PAPER, ""))


def spoken_time(on_paper: str) -> str:
    """The time on the paper for people; empty without one."""
    return waktu(read_time(on_paper), stall().clock.zone) if on_paper else ""


def _page(values: dict[str, str], error: str = "") -> ResponseReturnValue:
    services = [(each.code, each.called) for each in catalogue().services if each.opens_permohonan]
    errors = {"jam": error} if error else {}
    page = render_template("pasar/kertas.html", values=values, errors=errors, services=services)
    return page, 422 if error else 200
