"""The public page of services: what to bring, what it costs, how long it takes, how to complain. No login, no cookie.

Knows the catalogue and a function that finds services by words; refuses to know people and requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, render_template, request

from layanan.life_event import life_event, life_events
from layanan.service import Agency, Service, catalogue
from web_base.status_page import Contact
from web_base.tongue import _

LONGEST_WORDS = 200
MOST = 20
Find = Callable[[str, int], Sequence[Service]]


def lama(service: Service) -> str:
    """The promised duration: working days since the file is complete (UU 25/2009), never a date."""
    if service.sla_days is None:
        return service.sla_said or _("sesuai ketentuan instansi")
    if service.sla_days == 0:
        return _("hari yang sama sejak berkas dinyatakan lengkap")
    return _("%(days)s hari kerja sejak berkas dinyatakan lengkap", days=service.sla_days)


def by_every_word(words: str, limit: int) -> list[Service]:
    """The services whose name, papers or agency hold every one of these words, in the order of the catalogue."""
    book, wanted = catalogue(), words.casefold().split()
    found = [service for service in book.services if all(word in _text(service) for word in wanted)]
    return found[:limit]


def agencies() -> list[tuple[Agency, int]]:
    """Every agency that has services with their number, the largest first."""
    book = catalogue()
    counted = [(agency, sum(service.agency == agency.code for service in book.services)) for agency in book.agencies]
    return sorted(((agency, n) for agency, n in counted if n), key=lambda pair: (-pair[1], pair[0].name))


def informasi_blueprint(find: Find = by_every_word, *, contact: Callable[[], Contact] = Contact) -> Blueprint:
    """Blueprint `informasi`: `/informasi` (search, life events, agencies) and `/informasi/<code>` (one service).

    `find` takes people's words and a limit.
    """
    blueprint = Blueprint("informasi", __name__, url_prefix="/informasi")
    blueprint.add_app_template_filter(lama)

    def page() -> str:
        words = request.args.get("q", "")[:LONGEST_WORDS].strip()
        event, office = request.args.get("peristiwa", ""), request.args.get("instansi", "")
        heading, services = _chosen(words, event, office, find)
        return render_template(
            "base/informasi.html", words=words, heading=heading, services=services, events=life_events(),
            agencies=agencies(), contact=contact(),
        )  # fmt: skip

    def one(code: str) -> str:
        service = catalogue().service(code)
        agency = catalogue().agency(service.agency)
        return render_template("base/informasi_service.html", service=service, agency=agency, contact=contact())

    blueprint.add_url_rule("", "page", page)
    blueprint.add_url_rule("/<code>", "one", one)
    return blueprint


def _chosen(words: str, event: str, office: str, find: Find) -> tuple[str, Sequence[Service] | None]:
    if words:
        return _("Layanan yang cocok"), find(words, MOST)
    if event:
        return life_event(event).called, life_event(event).services
    if office:
        agency = catalogue().agency(office)
        return agency.called, [service for service in catalogue().services if service.agency == agency.code]
    return "", None


def _text(service: Service) -> str:
    agency = catalogue().agency(service.agency).name
    return " ".join((service.code, service.name, agency, *service.requirements)).casefold()
