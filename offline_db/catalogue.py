"""Knows the catalogue in the stall's file and finds services by people's words; refuses to know pages.

The tables `catalogue_*` are made anew by sqlite-utils whenever the catalogue or its words change, inside the one
writing transaction and on its own connection: no second SQLite library, no migration, no trigger to lose.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from layanan.service import Catalogue, Service, catalogue
from offline_db.base import db, reading, writing
from offline_db.synonyms import lexicon, source
from offline_db.words import Lexicon

_SCHEME = "1"
_LONGEST = 200
_MOST_WORDS = 10
_SERVICES = "catalogue_services"
# How much a term counts in a service's name and code, its output, its category and agency, its papers.
_WEIGHTS = {"name": 10.0, "output": 3.0, "about": 1.0, "papers": 0.3}
_RANK = f"round(bm25({_SERVICES}_fts, {', '.join(map(str, _WEIGHTS.values()))}), 1)"
_FIND = text(
    f"SELECT code FROM {_SERVICES}_fts JOIN {_SERVICES} ON number = {_SERVICES}_fts.rowid "
    f"WHERE {_SERVICES}_fts MATCH :terms ORDER BY {_RANK}, market_default DESC, number LIMIT :limit"
)


def version(book: Catalogue) -> str:
    """Return what changes whenever a catalogue, the words or the way they are stored change: 16 hex digits."""
    return sha256(b"\0".join([_SCHEME.encode(), book.version.encode(), source()])).hexdigest()[:16]


def import_catalogue(book: Catalogue | None = None) -> bool:
    """Bring the stall's file to a catalogue (this release's) in one transaction; False when it has it already.

    Raises Refused disk_*.
    """
    book = book or catalogue()
    wanted = version(book)
    with reading() as session:
        if _stored_version(session) == wanted:
            return False
    with writing() as session:
        return write_catalogue(session, book)


def write_catalogue(session: Session, book: Catalogue) -> bool:
    """Bring the search to a catalogue inside a transaction; False when it has it already."""
    wanted = version(book)
    if _stored_version(session) == wanted:
        return False
    _write(session, book, wanted)
    return True


def search(words: str, limit: int = 10) -> list[Service]:
    """Return the services people mean by their words, best first, those of the market first among equals.

    Understands old names, slang, Javanese and Osing words, affixes, any word order, slips and unfinished words.
    """
    terms = lexicon().terms(" ".join(words[:_LONGEST].split()[:_MOST_WORDS]))
    if not terms:
        return []
    match = " OR ".join(f'"{term}"' for term in terms)
    rows = db.session.execute(_FIND, {"terms": match, "limit": limit})
    return [catalogue().service(code) for code in rows.scalars()]


def by_agency(code: str) -> list[Service]:
    """Return an agency's services in the order of the catalogue; none for an unknown agency."""
    return [service for service in catalogue().services if service.agency == code]


def _stored_version(session: Session) -> str | None:
    if not inspect(session.connection()).has_table("catalogue_state"):
        return None
    return str(session.scalar(text("SELECT version FROM catalogue_state")))


def _write(session: Session, book: Catalogue, stamp: str) -> None:
    # Loaded only here: a start with a known catalogue has no need of it.
    from sqlite_utils import Database

    driver: Any = session.connection().connection.driver_connection
    file = Database(driver, recursive_triggers=False, execute_plugins=False)
    for table in (f"{_SERVICES}_fts", _SERVICES, "catalogue_agencies", "catalogue_state"):
        file[table].drop(ignore=True)
    agencies = [{"code": agency.code, "name": agency.name, "level": agency.level} for agency in book.agencies]
    file.table("catalogue_agencies").insert_all(agencies, pk="code", strict=True)
    rows = [_row(number, service, book, lexicon()) for number, service in enumerate(book.services)]
    file.table(_SERVICES).insert_all(rows, pk="number", strict=True)
    file.table(_SERVICES).enable_fts(list(_WEIGHTS), tokenize="unicode61 remove_diacritics 2")
    file.table("catalogue_state").insert({"version": stamp}, strict=True)


def _row(number: int, service: Service, book: Catalogue, words: Lexicon) -> dict[str, str | int]:
    agency = book.agency(service.agency)
    code = service.code.replace("-", "").lower()
    return {
        "number": number,
        "code": service.code,
        "market_default": int(service.market_default),
        "name": " ".join([code, *words.described(service.name)]),
        "output": " ".join(words.described(service.output)),
        "about": " ".join(words.described(f"{service.category} {agency.name} {agency.code}")),
        "papers": " ".join(words.described(" ".join(service.requirements))),
    }
