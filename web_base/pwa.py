"""What makes the app installable and lets its shell survive a lost link: service worker, manifest, offline page.

The wiring (blueprint and three routes) is flask-pwa's class where it is installed, else ours of the same shape;
every body is our own. Knows files and routes; refuses to keep any page a person reads.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.resources
import io
import json
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import flask
import markupsafe
from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request, url_for

from web_base.packed import public
from web_base.tongue import document

SHELL = ("css/", "js/", "icons/pasar.svg", "icons/pasar-192.png")
"""How the files begin that a phone keeps; the large icons it is given when it installs the app."""
THEME, GROUND = "#0b3d4f", "#f6f4ee"
ICONS = (("pasar-192.png", "192x192", "any"), ("pasar-512.png", "512x512", "any"))
MASKABLE = (("pasar-maskable-512.png", "512x512", "maskable"),)


class OwnWiring:
    """The shape of `flask_pwa.PWA`: blueprint `pwa` and the three routes; the bodies are filled in by a subclass."""

    def init_app(self, app: Flask) -> None:
        """Register blueprint and routes on the app."""
        app.register_blueprint(Blueprint("pwa", __name__))
        app.add_url_rule("/sw.js", "serviceworker", self._init_sw)
        app.add_url_rule("/manifest.json", "manifest", self._init_manifest)
        app.add_url_rule("/offline", "offline", self._init_offline)

    def _init_sw(self) -> Response:
        raise NotImplementedError

    def _init_manifest(self) -> Response:
        raise NotImplementedError

    @document()
    def _init_offline(self) -> Response:
        raise NotImplementedError


def flask_pwa_wiring() -> type[Any] | None:
    """`flask_pwa.PWA` 0.1.0, or None when it is not installed.

    It was written for Flask 1.1: `flask.Markup` and `pkg_resources` are lent to it for the moment of its import,
    so call this before threads start.
    """
    lent: dict[str, Any] = {}
    if "Markup" not in vars(flask):
        lent["Markup"] = flask.__dict__["Markup"] = markupsafe.Markup
    if "pkg_resources" not in sys.modules:
        lent["pkg_resources"] = sys.modules["pkg_resources"] = _pkg_resources()
    try:
        wiring: type[Any] = importlib.import_module("flask_pwa").PWA
        return wiring
    except ImportError:
        return None
    finally:
        if "Markup" in lent:
            del flask.__dict__["Markup"]
        if "pkg_resources" in lent:
            del sys.modules["pkg_resources"]


def _pkg_resources() -> types.ModuleType:
    module = types.ModuleType("pkg_resources")
    module.__dict__["resource_stream"] = lambda package, name: io.BytesIO(
        importlib.resources.files(package).joinpath(name).read_bytes()
    )
    return module


class _Bodies:
    """Our own three answers. None of them reads the session; all of them are the same for everybody."""

    def _init_sw(self) -> Response:
        paths = [*_shell(current_app), "/offline", *_kept(current_app)]
        head = f"const VERSION = {json.dumps(version(current_app))};\nconst SHELL = {json.dumps(paths)};\n"
        response = make_response(head + _worker(current_app).read_text(encoding="utf-8"))
        response.mimetype = "text/javascript"
        return revalidated(response)

    def _init_manifest(self) -> Response:
        response = make_response(json.dumps(manifest(current_app), ensure_ascii=False))
        response.mimetype = "application/manifest+json"
        return revalidated(response)

    @document()
    def _init_offline(self) -> Response:
        return revalidated(make_response(render_template(current_app.config["PWA_OFFLINE"])))


def init_pwa(
    app: Flask,
    *,
    shortcuts: Sequence[tuple[str, str]] = (),
    screenshots: Sequence[tuple[str, str]] = (),
    offline: str = "base/offline.html",
    kept: Callable[[], Mapping[str, str]] = dict,
    wiring: type[Any] | None = None,
) -> None:
    """Make the app installable. `shortcuts` are (name, address) for the icon's menu; `wiring` is for tests.

    `screenshots` are (static file, size) for the browser's question whether to install. `offline` is the template shown
    without a network; `kept` gives further addresses of the shell, each with what tells its versions apart.
    """
    app.config["PWA"] = True
    app.config["PWA_SHORTCUTS"], app.config["PWA_SCREENSHOTS"] = tuple(shortcuts), tuple(screenshots)
    app.config["PWA_OFFLINE"], app.config["PWA_KEPT"] = offline, kept
    base = wiring or flask_pwa_wiring() or OwnWiring
    type("PasarPWA", (_Bodies, base), {})().init_app(app)


@document()
def version(app: Flask) -> str:
    """12 hex digits over every file of the shell, the worker and the pages kept with it as rendered."""
    text = json.dumps([_shell(app), render_template(app.config["PWA_OFFLINE"]), sorted(_kept(app).items())])
    return hashlib.sha256(text.encode() + _worker(app).read_bytes()).hexdigest()[:12]


def manifest(app: Flask) -> dict[str, object]:
    """The web app manifest (W3C), named after the stall."""
    name = " ".join(filter(None, (app.config["SITE_NAME"], app.config["SITE_PLACE"])))
    icons = [
        {"src": url_for("static", filename=f"icons/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for file, sizes, purpose in (*ICONS, *MASKABLE)
    ]
    return {
        "id": "/",
        "name": name,
        "short_name": "Pasar",
        "lang": "id",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": GROUND,
        "categories": ["government", "productivity"],
        "icons": icons,
        "screenshots": [_screenshot(file, size) for file, size in app.config["PWA_SCREENSHOTS"]],
        "shortcuts": [{"name": label, "url": address} for label, address in app.config["PWA_SHORTCUTS"]],
    }


def _shell(app: Flask) -> list[str]:
    known = app.extensions["fingerprints"]
    return [url_for("static", filename=name) for name in known if name.startswith(SHELL)]


def _kept(app: Flask) -> Mapping[str, str]:
    found: Mapping[str, str] = app.config["PWA_KEPT"]()
    return found


def _screenshot(file: str, sizes: str) -> dict[str, str]:
    wide, high = map(int, sizes.split("x"))
    shape = "narrow" if wide < high else "wide"
    return {"src": url_for("static", filename=file), "sizes": sizes, "type": "image/png", "form_factor": shape}


def _worker(app: Flask) -> Path:
    return Path(str(app.static_folder)) / "worker" / "sw.js"


def revalidated(response: Response) -> Response:
    """For what is the same for everybody: compressed, kept, asked for anew; unchanged, it costs a few bytes."""
    response = public(response)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
