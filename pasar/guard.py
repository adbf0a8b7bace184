"""Who may open which page: the public ones, the door, and everything else behind a signed-in operator.

Knows endpoints and seats; refuses to know passwords (sign_in) and what the pages do. A locked counter answers any
page with the door, and a form that was under way travels inside it.
"""

from __future__ import annotations

from typing import cast

from flask import Response, g, jsonify, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from layanan.problems import Refused
from offline_db.identity import grant
from offline_db.operators import has_pin, operator_names
from pasar.stall import settle, stall
from web_base.errors import wants_json

SEAT = "seat"
PUBLIC = frozenset({
    "static", "healthz", "serviceworker", "manifest", "offline", "pwa.static", "status.page", "status.look_up",
    "informasi.page", "informasi.one", "antrean.display", "antrean.display_state", "display",
    "onboarding.page", "onboarding.certificate", "onboarding.profile",
    "catat.page", "catat.services",
})  # fmt: skip
DOOR = frozenset({
    "sign_in.page", "sign_in.by_phrase", "sign_in.by_pin", "sign_in.switch", "sign_in.switch_door", "sign_in.lock_now",
    "sign_in.back_to_door", "stall_page.page",
})  # fmt: skip

WITH_A_PASS = frozenset({"parcels.deliver"})
"""What a phone may ask without being signed in, because it brings a text that this stall has given it."""


def watch() -> ResponseReturnValue | None:
    """The app's `before_request`: lets the public in, sends everybody else to the door."""
    g.operator = None
    g.typed = request.form
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    if not stall().settled:
        settle(grant())
        if not stall().settled:
            return _not_enrolled()
    g.operator = stall().operator(session.get(SEAT, ""))
    if request.endpoint in DOOR | WITH_A_PASS:
        return None
    if g.operator is None:
        return _locked()
    return _taken_up()


def operator() -> str:
    """The signed-in operator's name; Refused("session_ended") where nobody is."""
    if g.operator is None:
        raise Refused("session_ended")
    return cast(str, g.operator)


def typed() -> MultiDict[str, str]:
    """What the form holds: as sent, or as kept from before the counter locked."""
    return cast("MultiDict[str, str]", g.typed)


def paused() -> bool:
    """Whether the form was interrupted by the lock and must only be shown again, not acted upon."""
    return request.method == "POST" and request.form.get("jeda") == "1"


def door(onward: str, kept: str = "", *, pause: bool = False, **more: object) -> Response:
    """The door's page: a PIN where a pass-phrase has introduced this browser today, else the pass-phrase."""
    here = stall()
    seat = here.seat(session.get(SEAT, ""))
    names = operator_names()
    who = str(more.pop("who", "") or (seat.operator if seat else "") or (names[0] if len(names) == 1 else ""))
    with_pin = not more.pop("phrase", False) and bool(seat) and bool(who) and has_pin(who)
    g.operator = None
    page = render_template(
        "pasar/door.html", onward=onward, kept=kept, paused=pause, who=who, with_pin=with_pin,
        names=[(name, name) for name in names], today=here.clock.today(), now=here.clock.now(), zone=here.clock.zone,
        **{"errors": {}, "typed": MultiDict(), **more},
    )  # fmt: skip
    return make_response(page)


def _not_enrolled() -> ResponseReturnValue | None:
    if request.endpoint == "stall_page.page":
        return None
    if wants_json():
        raise Refused("not_enrolled")
    return redirect(url_for("stall_page.page"), 303)


def _locked() -> ResponseReturnValue:
    if wants_json():
        raise Refused("session_ended")
    if request.method != "POST":
        return door(request.full_path.rstrip("?"))
    already = request.form.get("tersimpan", "")
    return door(request.path, already or stall().kept.fold(request.path, request.form))


def _taken_up() -> ResponseReturnValue | None:
    kept = request.form.get("tersimpan", "") if request.method == "POST" else ""
    if kept:
        fields = stall().kept.unfold(request.path, kept)
        if fields is None:
            return redirect(request.path, 303)
        g.typed = fields
    return None


def sign_in_state() -> dict[str, object]:
    """What every counter template may use: who sits here and how the link stands."""
    if g.get("operator") is None or wants_json():
        return {"operator": None}
    here = stall()
    return {"operator": g.operator, "light": here.light(), "idle_seconds": here.config.idle_minutes * 60,
            "has_printer": here.spooler is not None}  # fmt: skip


def problem_json(refused: Refused, **more: object) -> Response:
    """A refusal as the JSON call answers it, with further facts beside the problem."""
    response = jsonify(problem={"code": refused.code, "sentence": refused.sentence(), "hint": refused.hint}, **more)
    response.status_code = refused.problem.status
    return response
