"""Where the templates and static files lie, and the fingerprint of each static file.

Knows the three ways the tree is served (wheel, editable install, bare checkout); refuses to know what is in a file.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from flask import Flask, Response, request

from web_base.packed import smaller, takes_gzip

HERE = Path(__file__).resolve().parent
YEAR = 31_536_000


def folder(name: str) -> Path:
    """The `templates` or `static` folder: inside the package in a wheel, beside it in a checkout."""
    for base in (HERE, HERE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(name)


def fingerprints(root: Path) -> dict[str, str]:
    """Path below `root` (with slashes) -> first 12 hex digits of the file's SHA-256."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".py")
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()[:12] for p in files}


def init_assets(app: Flask) -> None:
    """Every `url_for("static", ...)` carries the file's fingerprint; such an address may be cached for a year.

    Texts are compressed once, here: nobody's secret is in them, and a phone gets a quarter of the bytes.
    """
    root = Path(str(app.static_folder))
    known = fingerprints(root)
    packed = smaller(root, known)
    app.extensions["fingerprints"] = known

    def static(filename: str) -> Response:
        if filename not in packed or not takes_gzip():
            return app.send_static_file(filename)
        kind = mimetypes.guess_type(filename)[0]
        response = Response(packed[filename], mimetype=kind, headers={"Content-Encoding": "gzip"})
        response.set_etag(f"{known[filename]}-gzip")
        response.make_conditional(request)
        return response

    app.view_functions["static"] = static

    @app.url_defaults
    def add_fingerprint(endpoint: str, values: dict[str, object]) -> None:
        mark = known.get(str(values.get("filename"))) if endpoint == "static" else None
        if mark:
            values.setdefault("v", mark)

    @app.after_request
    def cache_forever(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 206, 304):
            name = str((request.view_args or {}).get("filename"))
            exact = request.args.get("v") == known.get(name)
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if exact else "no-cache"
            if name in packed:
                response.vary.add("Accept-Encoding")
        return response
