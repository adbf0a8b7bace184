"""What a phone keeps to take a request while the stall is out of its reach: an empty form, and what services need.

Knows the catalogue and its words; refuses to know people: both answers are the same for everybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, make_response, render_template, url_for

from layanan.service import Catalogue, Service, catalogue
from offline_db.synonyms import rows
from offline_db.words import is_code, tokens
from pasar.permohonan_form import person_choices
from pasar.permohonan_new import marked_list
from pasar.stall import stall
from pasar.words import mark_choices
from web_base.pwa import revalidated
from web_base.tongue import document

bp = Blueprint("catat", __name__, url_prefix="/hp")
OFFLINE = "pasar/offline.html"
MOST_WORDS = 40


@bp.get("/catat")
@document()
def page() -> Response:
    """One page for a whole request; what is typed stays on the phone, sealed, until the stall takes it."""
    return revalidated(make_response(_form()))


@bp.get("/layanan.json")
@document()
def services() -> Response:
    """The services a request may be taken for: name, papers, and the words people say for them."""
    book = catalogue()
    return revalidated(jsonify(services=list(_needed(book)), version=book.version))


@bp.app_template_filter("discreet")
def discreet(service: Service) -> str:
    """How a phone may call the service where anybody can read it: one of health or crime by its agency alone."""
    return catalogue().public_name(service.code)


def kept_addresses() -> dict[str, str]:
    """Addresses of the phone's shell that are ours, each with what changes when it does."""
    return {
        url_for("catat.page"): _form(),
        url_for("catat.services", v=catalogue().version): "",
    }


@document()
def _form() -> str:
    return render_template(
        "pasar/catat.html", marks=mark_choices(), idle_seconds=stall().config.idle_minutes * 60, values={}, errors={},
        services_url=url_for("catat.services", v=catalogue().version), **person_choices(),
    )  # fmt: skip


def _needed(book: Catalogue) -> Iterator[dict[str, object]]:
    said = _said()
    return (_facts(book, service, said) for service in book.services if service.opens_permohonan)


def _facts(book: Catalogue, service: Service, said: dict[str, list[str]]) -> dict[str, object]:
    agency = book.agency(service.agency).called
    words = tokens(f"{service.called} {service.output} {agency}") + said.get("".join(tokens(service.code)), [])
    return {
        "code": service.code, "name": service.called, "label": service.public_name(agency), "agency": agency,
        "papers": service.requirements, "list": marked_list(service),
        "words": " ".join(list(dict.fromkeys(words))[:MOST_WORDS]),
    }  # fmt: skip


def _said() -> dict[str, list[str]]:
    """What people say, by the code of the service they mean."""
    found: dict[str, list[str]] = {}
    for row in rows():
        for code in filter(is_code, row.means):
            found.setdefault(code, []).extend(word for phrase in row.says for word in phrase)
    return found
