"""Every refusal and every accident as one calm page, or as JSON for a program.

Knows the catalogue of problems; refuses to show or log what an exception says, because it may quote personal data.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from flask import Flask, Response, current_app, jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from layanan.problems import PROBLEMS, FormRefused, Refused

View = TypeVar("View", bound=Callable[..., object])
LOG = logging.getLogger("web_base.errors")
CODES = {400: "request_bad", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
CODES |= {413: "form_too_large", 415: "unsupported_media", 422: "request_bad", 429: "rate_limited"}


def errors_of(refused: FormRefused) -> dict[str, str]:
    """Field name -> sentence, what the macros of base/forms.html take as `errors`."""
    return {name: each.sentence() for name, each in refused.fields.items()}


def for_programs(view: View) -> View:
    """Mark a view that only programs ask: whatever goes wrong there is told as JSON."""
    vars(view)["for_programs"] = True
    return view


def wants_json() -> bool:
    """A program asks: an address below /api, a view that is marked so, or JSON preferred to HTML."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.path.startswith("/api/") or getattr(view, "for_programs", False):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def init_errors(app: Flask) -> None:
    """Register the four handlers; they answer before any handler of an app that names no narrower exception."""
    app.register_error_handler(Refused, answer_refused)
    app.register_error_handler(FormRefused, answer_form)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_accident)


def answer_refused(refused: Refused) -> Response:
    """The problem's own status, sentence and hint."""
    return _answer(refused)


def answer_form(refused: FormRefused) -> Response:
    """422 with every wrong field; an HTML form normally catches FormRefused itself and shows the form again."""
    return _answer(Refused("form_invalid"), fields=refused.fields)


def answer_http(error: HTTPException) -> Response:
    """What Flask itself refuses, in the words of the catalogue. Redirects and ready answers pass untouched."""
    if isinstance(error, CSRFError):
        return _answer(Refused("csrf_expired"))
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    code = CODES.get(error.code, "request_bad" if error.code < 500 else "internal")
    response = _answer(Refused(code), status=error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def answer_accident(error: Exception) -> Response:
    """500: the person gets a code to quote; the log gets that code, the kind of accident and where, never its text."""
    incident = "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(6))
    LOG.error("incident %s: %s at %s", incident, type(error).__name__, " < ".join(reversed(_places(error))))
    return _answer(Refused("internal"), incident=incident)


def _places(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _answer(
    refused: Refused, *, status: int = 0, incident: str = "", fields: Mapping[str, Refused] | None = None
) -> Response:
    problem = refused.problem
    wrong = dict(fields or {})
    if wants_json():
        found = {"code": problem.code, "sentence": refused.sentence(), "hint": problem.hint, "incident": incident}
        listed = {name: {"code": each.problem.code, "sentence": each.sentence()} for name, each in wrong.items()}
        response = jsonify(problem=found, fields=listed)
    else:
        sentences = [each.sentence() for each in wrong.values()]
        # Not render_template: an app's context processors may be the very thing that is broken.
        template = current_app.jinja_env.get_template("base/errors.html")
        response = make_response(template.render(refused=refused, incident=incident, sentences=sentences))
    response.status_code = status or problem.status
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == 429:
        response.headers.setdefault("Retry-After", str(refused.slots.get("seconds", 60)))
    return response


def check_catalogue() -> None:
    """Raise KeyError at start, not at the first accident, when a code used here is not in the catalogue."""
    for code in {*CODES.values(), "csrf_expired", "form_invalid", "internal"}:
        PROBLEMS[code]
