"""How officers come in and go, and the door in front of every page that is not public. Knows sessions, not requests."""

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from layanan.problems import Refused
from mpp.db.officers import Signed, known_officer, sign_in
from mpp.office import here, utc_now
from web_base.limits import RateLimit, caller_of
from web_base.tongue import _

bp = Blueprint("sign_in", __name__)


class _User(UserMixin):  # type: ignore[misc]
    """An officer as Flask-Login wants one; a new pass-phrase changes the id, which ends every open session."""

    def __init__(self, officer: Signed) -> None:
        self.officer = officer

    def get_id(self) -> str:
        return f"{self.officer.id}/{self.officer.stamp}"


def init_sign_in(app: Flask) -> None:
    """Give the app its door: the session's officer is looked up anew at every request."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
    app.extensions["mpp_tries"] = RateLimit(20, 120)


def officer() -> Signed:
    """Return who is signed in. Raises Refused("session_ended")."""
    if not current_user.is_authenticated:
        raise Refused("session_ended")
    found: Signed = current_user.officer
    return found


def signed_in_only() -> ResponseReturnValue | None:
    """Let only officers through; `before_request` of every blueprint that is not public."""
    if current_user.is_authenticated:
        return None
    if request.method == "GET" and request.accept_mimetypes.accept_html:
        return redirect(url_for("sign_in.page", lanjut=request.path), 303)
    raise Refused("session_ended")


@bp.get("/masuk")
def page() -> ResponseReturnValue:
    """The form; an officer who is in already goes on."""
    if current_user.is_authenticated:
        return redirect(_onward(), 303)
    return _form({})


@bp.post("/masuk")
def enter() -> ResponseReturnValue:
    """Check the pass-phrase; a wrong one costs a try of this address and one of this name."""
    tries: RateLimit = current_app.extensions["mpp_tries"]
    caller = caller_of(request.remote_addr)
    try:
        tries.check(caller)
        found = sign_in(here().database, request.form.get("petugas", ""), request.form.get("frasa", ""), utc_now())
    except Refused as refused:
        if refused.code == "passphrase_wrong":
            tries.spend(caller)
        return _form({"frasa": refused.sentence()}), refused.problem.status
    session.clear()
    session.permanent = True
    login_user(_User(found))
    return redirect(_onward(), 303)


@bp.post("/keluar")
def leave() -> ResponseReturnValue:
    """Sign out of this browser."""
    logout_user()
    session.clear()
    flash(_("Anda sudah keluar."), "ok")
    return redirect(url_for("sign_in.page"), 303)


def _load(stamped: str) -> Any:
    login, _slash, stamp = stamped.partition("/")
    with here().database.reading() as found:
        known = known_officer(found, login)
    return _User(known) if known and known.stamp == stamp else None


def _form(errors: dict[str, str]) -> str:
    return render_template("mpp/door.html", errors=errors, typed=request.form, onward=_onward())


def _onward() -> str:
    """Where to go afterwards: a path of this site, never another one."""
    path = request.values.get("lanjut", "")
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and not path.startswith("/masuk")
    return path if local else url_for("permohonan.listed")
