"""Makes headquarters' web app out of an open office. Knows what there is; refuses to know how any of it works."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

from mpp import attachments, berkas, permohonan, sign_in, stall, status, survei, sync
from mpp.db.office import office
from mpp.office import Office
from web_base.factory import create_base
from web_base.informasi import informasi_blueprint
from web_base.status_page import status_blueprint

_home = Blueprint("home", __name__)


@_home.get("/")
def start() -> ResponseReturnValue:
    """The desk; who is not signed in meets the door there."""
    return redirect(url_for("permohonan.listed"), 303)


def create_app(opened: Office) -> Flask:
    """Return the app of this office."""
    with opened.database.reading() as session:
        name = office(session).name
    public = status_blueprint(lambda raw: status.look_up(opened, raw), contact=lambda: status.contact(opened))
    services = informasi_blueprint(contact=lambda: status.contact(opened))
    desk = [sign_in.bp, permohonan.bp, attachments.bp, berkas.bp, survei.bp, stall.bp]
    pages = [_home, *desk, sync.bp, public, services]
    config = {
        "SECRET_KEY": opened.keys.cookie,
        "SITE_NAME": name,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=opened.config.idle_minutes),
    }
    app = create_base("mpp", config, pages, exempt=[sync.bp, public], health=lambda: _health(opened))
    app.extensions["mpp"] = opened
    sign_in.init_sign_in(app)
    proxies = opened.config.proxies
    if proxies:
        vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
    app.before_request(opened.follow)
    app.context_processor(_signed_in)
    return app


def _health(opened: Office) -> Mapping[str, object]:
    with opened.database.reading() as session:
        session.execute(text("SELECT 1"))
    return {"app": "mpp", "database": "sqlite" if opened.database.embedded else "postgresql"}


def _signed_in() -> dict[str, object]:
    return {"officer": current_user.officer if current_user.is_authenticated else None}
