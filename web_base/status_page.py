"""The shopper's page: where is my document? Knows a look-up function; refuses to know a database or a person.

No login, no cookie, no personal data. The code travels in the fragment or in a form's body, never in an address
that a log could keep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import Blueprint, Response, make_response, render_template, request

from layanan.problems import Refused
from web_base.limits import RateLimit, caller_of

LONGEST_TEXT = 600


class Outcome(StrEnum):
    """What is known: the request itself; only that the receipt is genuine; that its device was reported lost."""

    FOUND = "found"
    GENUINE = "genuine"
    LOST_DEVICE = "lost_device"


@dataclass(frozen=True)
class StatusView:
    """What a shopper may see. `title` is the service or, for health and criminal matters, only the agency.

    `per` is the moment the answer was true (aware), `history` the steps so far, newest first; `sentence` is the
    status table's text with its slots filled; `advice` are further plain sentences (what to bring, where, until when).
    """

    outcome: Outcome
    code: str
    per: datetime
    zone: str = "Asia/Jakarta"
    title: str = ""
    status: str = ""
    tone: str = "info"
    sentence: str = ""
    series: str = ""
    stall: str = ""
    advice: tuple[str, ...] = ()
    history: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True)
class Contact:
    """Whom to ask, printed below every answer; empty parts are left out."""

    phone: str = ""
    complaint: str = ""
    domain: str = ""


def status_blueprint(
    lookup: Callable[[str], StatusView | None],
    *,
    contact: Callable[[], Contact] = Contact,
    limit: RateLimit | None = None,
) -> Blueprint:
    """Blueprint `status` with `/c`: GET shows the form, POST answers. Needs no CSRF token, it changes nothing.

    `lookup` takes the whole text (code, QR text or address) and returns None when nothing is known; it may raise
    Refused("code_invalid"). After 20 wrong guesses within a minute a caller waits.
    """
    guesses = limit or RateLimit(20, 60)
    blueprint = Blueprint("status", __name__)

    def ask() -> Response:
        return _page("base/status.html", contact())

    def answer() -> Response:
        caller = caller_of(request.remote_addr)
        text = request.form.get("code", "")[:LONGEST_TEXT]
        try:
            guesses.check(caller)
            view = lookup(text)
        except Refused as refused:
            if refused.code != "rate_limited":
                guesses.spend(caller)
            return _page("base/status.html", contact(), refused, text=text)
        if view is None:
            guesses.spend(caller)
            return _page("base/status_unknown.html", contact(), Refused("code_unknown"))
        return _page("base/status_answer.html", contact(), view=view, text=text)

    blueprint.add_url_rule("/c", "page", ask, methods=["GET"])
    blueprint.add_url_rule("/c", "look_up", answer, methods=["POST"])
    return blueprint


def _page(template: str, contact: Contact, refused: Refused | None = None, **shown: object) -> Response:
    response = make_response(render_template(template, contact=contact, refused=refused, **shown))
    if refused is not None:
        response.status_code = refused.problem.status
        if "seconds" in refused.slots:
            response.headers["Retry-After"] = str(refused.slots["seconds"])
    response.headers["Cache-Control"] = "no-store"
    return response
