"""The door's own requests: pass-phrase, PIN, lock, change of operator, leaving.

Knows what a correct secret opens; refuses to know which page follows. A wrong one says the same whether or not the
name exists.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from layanan.problems import Refused
from offline_db.operators import PIN_DIGITS, check_pin, has_pin, operator_names, set_pin
from pasar.guard import SEAT, door, operator
from pasar.parcels import take_up
from pasar.stall import stall
from web_base.limits import caller_of
from web_base.tongue import _

bp = Blueprint("sign_in", __name__)
KEPT_PREFIX = "isi."


@bp.get("/masuk")
def page() -> ResponseReturnValue:
    """The door, for whoever comes without a page in mind."""
    return door("/")


@bp.get("/kunci")
@bp.get("/ganti/siapa")
@bp.get("/masuk/pin")
@bp.get("/masuk/pin-baru")
@bp.get("/keluar")
def back_to_door() -> ResponseReturnValue:
    """Reloading a page that only a form can ask for leads to the door."""
    return redirect(url_for("sign_in.page"), 303)


@bp.post("/masuk")
def by_phrase() -> ResponseReturnValue:
    """Open the day at this browser with the four words; the date is confirmed or doubted in the same step."""
    who, date_is = request.form.get("petugas", ""), request.form.get("tanggal_benar", "")
    caller = caller_of(request.remote_addr)
    stall().tries.check(caller)
    if date_is not in ("ya", "tidak"):
        return _again("tanggal_benar", Refused("date_unconfirmed"), who)
    try:
        stall().open_day(who, request.form.get("frasa", ""), date_is == "ya")
    except Refused as refused:
        if refused.code != "passphrase_wrong":
            raise
        stall().tries.spend(caller)
        return _again("frasa", refused, who)
    stall().tries.forget(caller)
    session[SEAT] = stall().desks.introduce(who)
    take_up(who)
    return _onward() if has_pin(who) else _choose_pin(who, {})


@bp.post("/masuk/pin-baru")
def new_pin() -> ResponseReturnValue:
    """Choose the PIN, once, right after the pass-phrase."""
    who, pin = operator(), request.form.get("pin_baru", "")
    if pin != request.form.get("pin_ulang", ""):
        return _choose_pin(who, {"pin_ulang": Refused("pin_differs").sentence()})
    try:
        set_pin(who, pin)
    except Refused as refused:
        if refused.code != "pin_format":
            raise
        return _choose_pin(who, {"pin_baru": refused.sentence()})
    return _onward()


@bp.post("/masuk/pin")
def by_pin() -> ResponseReturnValue:
    """Six digits at a browser that a pass-phrase has introduced; the fifth wrong one asks for the pass-phrase."""
    who, here = request.form.get("petugas", ""), stall()
    if here.seat(session.get(SEAT, "")) is None:
        return _again("frasa", Refused("passphrase_needed"), who)
    try:
        check_pin(who, request.form.get("pin", ""))
    except Refused as refused:
        return _wrong_pin(who, refused)
    here.desks.sit(session[SEAT], who)
    take_up(who)
    return _onward()


@bp.post("/kunci")
def lock_now() -> ResponseReturnValue:
    """Lock this browser; a form that was open on it is folded into the door's page."""
    stall().desks.lock(session.get(SEAT, ""))
    fields = [(name.removeprefix(KEPT_PREFIX), value) for name, value in request.form.items(multi=True)
              if name.startswith(KEPT_PREFIX)]  # fmt: skip
    onward = _local(request.form.get("lanjut", "/"))
    kept = stall().kept.fold(onward, MultiDict(fields)) if fields else ""
    return door(onward, kept, pause=bool(fields))


@bp.get("/ganti")
def switch_page() -> ResponseReturnValue:
    """Tap one of changing the operator: the names."""
    return _names("/", "", False)


@bp.post("/ganti")
def switch() -> ResponseReturnValue:
    """Tap two: a name was chosen; the PIN follows."""
    stall().desks.lock(session.get(SEAT, ""))
    return _carried_door(who=request.form.get("petugas", ""))


@bp.post("/ganti/siapa")
def switch_door() -> ResponseReturnValue:
    """The names again, from the door, with the kept form still in hand."""
    return _names(_local(request.form.get("lanjut", "/")), request.form.get("tersimpan", ""), _is_paused())


@bp.post("/keluar")
def leave() -> ResponseReturnValue:
    """Make this browser a stranger; the next operator needs the pass-phrase here."""
    operator()
    stall().desks.forget(session.pop(SEAT, ""))
    flash(_("Anda sudah keluar dari perangkat ini."), "ok")
    return redirect(url_for("sign_in.page"), 303)


def _names(onward: str, kept: str, paused: bool) -> ResponseReturnValue:
    return render_template("pasar/switch.html", names=operator_names(), onward=onward, kept=kept, paused=paused)


def _choose_pin(who: str, errors: dict[str, str]) -> ResponseReturnValue:
    onward, kept = _local(request.form.get("lanjut", "/")), request.form.get("tersimpan", "")
    page = render_template(
        "pasar/new_pin.html", who=who, digits=PIN_DIGITS, errors=errors, onward=onward, kept=kept, paused=_is_paused()
    )
    return page, 422 if errors else 200


def _wrong_pin(who: str, refused: Refused) -> ResponseReturnValue:
    if refused.code == "pin_wrong":
        return _again("pin", refused, who)
    if refused.code not in ("pin_locked", "passphrase_needed"):
        raise refused
    stall().desks.forget_operator(who)
    return _again("frasa", refused, who, phrase=True)


def _again(field: str, refused: Refused, who: str, *, phrase: bool = False) -> ResponseReturnValue:
    response = _carried_door(who=who, phrase=phrase, errors={field: refused.sentence()}, typed=request.form)
    response.status_code = refused.problem.status
    return response


def _carried_door(**more: object) -> Response:
    kept = request.form.get("tersimpan", "")
    return door(_local(request.form.get("lanjut", "/")), kept, pause=_is_paused(), **more)


def _is_paused() -> bool:
    return request.form.get("jeda") == "1"


def _onward() -> ResponseReturnValue:
    """Where the person wanted to go; with a kept form the browser sends the same body on (RFC 9110, 307)."""
    onward = _local(request.form.get("lanjut", "/"))
    return redirect(onward, 307 if request.form.get("tersimpan") else 303)


def _local(address: str) -> str:
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if inside else "/"
