"""The one way both apps are made. Knows what every app of the house needs; refuses to know either app."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from flask import Blueprint, Flask, Response, jsonify
from flask_wtf.csrf import CSRFProtect

from web_base.assets import folder, init_assets
from web_base.body import init_bodies
from web_base.crossing import init_crossing
from web_base.display import init_display
from web_base.errors import check_catalogue, init_errors
from web_base.formats import FILTERS
from web_base.headers import init_headers
from web_base.session import init_session
from web_base.tongue import as_written

MEGABYTE = 1 << 20
DEFAULTS: Mapping[str, object] = {
    "SITE_NAME": "Pasar Pelayanan Publik",
    "SITE_PLACE": "",
    "BABEL_DEFAULT_LOCALE": "id",
    "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
    "MAX_FORM_MEMORY_SIZE": MEGABYTE,
    "MAX_FORM_PARTS": 500,
    "LARGE_BODIES": {},
    # The token lives as long as the session. A strict check would need the Referer, which no page of ours sends;
    # web_base/crossing.py looks at Sec-Fetch-Site instead.
    "WTF_CSRF_TIME_LIMIT": None,
    "WTF_CSRF_SSL_STRICT": False,
}


def create_base(
    name: str,
    config: Mapping[str, object],
    blueprints: Sequence[Blueprint],
    *,
    exempt: Collection[Blueprint] = (),
    health: Callable[[], Mapping[str, object]] = dict,
) -> Flask:
    """A Flask app with templates, static files, headers, CSRF, errors, formats, Indonesian and `/healthz`.

    `config` must hold SECRET_KEY; SITE_NAME and SITE_PLACE fill the page head. `exempt` names those of the blueprints
    that need no CSRF token (doors for machines, and the public look-up that changes nothing). `health` adds facts
    to `/healthz`; when it raises, the answer is 503.
    """
    check_catalogue()
    templates, static = str(folder("templates")), str(folder("static"))
    app = Flask(name, template_folder=templates, static_folder=static, static_url_path="/static")
    app.config.from_mapping(DEFAULTS)
    app.config.from_mapping(config)
    init_bodies(app)
    csrf = CSRFProtect()
    init_display(app, csrf)
    csrf.init_app(app)
    for init in (init_session, init_crossing, init_headers, init_assets, init_errors):
        init(app)
    app.jinja_env.filters.update(FILTERS, as_written=as_written)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/healthz", "healthz", _healthz(health))
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    for blueprint in exempt:
        csrf.exempt(blueprint)
    return app


def _healthz(health: Callable[[], Mapping[str, object]]) -> Callable[[], Response]:
    def healthz() -> Response:
        try:
            return jsonify(ok=True, **health())
        except Exception:  # noqa: BLE001  whatever is broken, the answer is the same
            response = jsonify(ok=False)
            response.status_code = 503
            return response

    return healthz
