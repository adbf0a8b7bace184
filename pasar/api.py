"""The documented JSON call: one request, the same rules and the same door as the pages. See docs/API.md.

Knows the body's shape; refuses to know rules (permohonan_new) and storage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from layanan.problems import FormRefused, Refused
from layanan.service import catalogue
from layanan.tracking import spoken
from offline_db.permohonan import accept
from pasar.guard import operator, problem_json
from pasar.permohonan_new import AMOUNTS, PERSON, new_permohonan, paper_field
from pasar.stall import stall

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/sesi")
def session_page() -> ResponseReturnValue:
    """Who is signed in here, and the token that every changing call must carry in `X-CSRFToken`."""
    return jsonify(operator=operator(), csrf_token=generate_csrf())


@bp.post("/permohonan")
def make() -> ResponseReturnValue:
    """Store one request; the same `record_id` again gives the same receipt and stores nothing."""
    body = _body()
    record_id = _uuid(body.get("record_id"))
    service = catalogue().service(str(body.get("service", "")))
    new = new_permohonan(_raw(body), record_id, service, stall().clock.today())
    stored = accept(new, stall().desk(operator()))
    stall().loop.saved()
    said = {
        "record_id": stored.record_id, "tracking_code": stored.code, "code": spoken(stored.code),
        "series": stored.series, "repeated": stored.repeated,
        "receipt": url_for("receipt.page", record_id=stored.record_id),
    }  # fmt: skip
    if stored.differs:
        return problem_json(Refused("already_stored"), **said)
    return _answer(said, 200 if stored.repeated else 201)


def _answer(said: Mapping[str, object], status: int) -> Response:
    response = jsonify(said)
    response.status_code = status
    return response


def _body() -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise Refused("unsupported_media")
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        raise Refused("json_malformed") from None
    if not isinstance(body, dict):
        raise Refused("json_malformed")
    return body


def _uuid(given: object) -> str:
    try:
        return str(UUID(str(given)))
    except ValueError:
        raise FormRefused({"record_id": Refused("field_missing")}) from None


def _raw(body: Mapping[str, Any]) -> dict[str, str]:
    """The body as the fields of the form; whatever has the wrong type reads as empty and is refused by its rule."""
    raw = {name: _text(body.get(name)) for name in ("relation", "notes", "priority", *AMOUNTS)}
    for who in ("pemohon", "subjek"):
        person = body.get(who)
        if isinstance(person, dict):
            raw |= {f"{who}_{name}": _text(person.get(name)) for name in PERSON}
    papers = body.get("papers")
    for pair in papers if isinstance(papers, list) else []:
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], int):
            raw[paper_field(pair[0])] = _text(pair[1])
    return raw


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
