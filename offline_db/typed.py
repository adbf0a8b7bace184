"""Knows what headquarters has published in its log and what of it is in force here; refuses to know how it travelled.

Everything is read from the log, so a rewind or a repaired log leaves the right thing in force. What cannot be applied
stays in the log as it came, and the former stays in force.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan import published as rules
from layanan.permohonan import Kind
from layanan.problems import Refused
from layanan.service import Catalogue, Tables, built, catalogue, released, released_tables
from layanan.service import put_in_force as put_catalogue
from layanan.sla import Calendar, national_calendar
from layanan.sla import put_in_force as put_calendar
from offline_db.base import Base, reading
from offline_db.catalogue import import_catalogue, write_catalogue
from offline_db.identity import grant
from offline_db.models import EntryRow, HqEntryRow, run, table
from offline_db.permohonan_row import replayed
from offline_db.synonyms import lexicon
from sync.enrol import Grant
from sync.entry import Entry

PUBLISHED = (Kind.CATALOGUE, Kind.HOLIDAYS, Kind.CONFIG)
_SEEN = "offline_db.typed"
_UNAPPLIED = "offline_db.unapplied"
_OF_GRANT = ("complaint", "official_domain", "phone", "privacy_contact")
_NOTHING = ("", "")
_OWN = HqEntryRow.record_id.is_(None)


class KeptCatalogueRow(Base):
    """A catalogue headquarters has sent, by its version; requests were made under it, so it stays."""

    __tablename__ = "kept_catalogue"
    version: Mapped[str] = mapped_column(primary_key=True)
    tables: Mapped[str]


def take(session: Session, entries: Sequence[Entry]) -> None:
    """Apply what these new entries publish, in the transaction that stores them."""
    for entry in entries:
        if entry.kind == Kind.CATALOGUE and entry.fields.get("part") == entry.fields.get("parts"):
            _keep(session, entry)
    if any(entry.kind in PUBLISHED for entry in entries):
        settle(session)


def settle(session: Session) -> None:
    """Put in force what the log says now, and its words into the search, in the transaction that changed the log."""
    _put(session)
    write_catalogue(session, catalogue())


def follow() -> None:
    """Put in force in this process what another one may have taken; cheap when nothing has come."""
    with reading() as session:
        if current_app.extensions.get(_SEEN) != _last(session):
            _put(session)


def open_catalogue() -> None:
    """Bring this process and the search to the catalogue in force. Raises Refused disk_*."""
    with reading() as session:
        _put(session)
    import_catalogue(catalogue())


def catalogue_of(record_id: str) -> Catalogue:
    """Return the catalogue a request was made under: its papers are numbers in that list."""
    with reading() as session:
        version = _made_under(session, record_id)
        if version == released().version:
            return released()
        return _kept(session, version) or catalogue()


def settings(session: Session) -> dict[str, str]:
    """Return what headquarters has set here (`layanan.published.SETTINGS`), the later word for each."""
    told: dict[str, str] = {}
    for fields in _fields(session, Kind.CONFIG):
        values = fields.get("values")
        told |= rules.allowed(values) if isinstance(values, Mapping) else {}
    return told


def present_settings() -> dict[str, str]:
    """Return what headquarters has set here, inside an app context."""
    with reading() as session:
        return settings(session)


def present_grant() -> Grant | None:
    """Return whose stall this is, with what headquarters has set since; None before it is enrolled."""
    given = grant()
    if given is None:
        return None
    told = present_settings()
    return Grant.from_fields(given.to_fields() | {name: told[name] for name in _OF_GRANT if name in told})


def unapplied() -> list[Refused]:
    """Return what headquarters has published and what is not in force here, as sentences for people."""
    found: list[Refused] = current_app.extensions.get(_UNAPPLIED, [])
    return found


def _put(session: Session) -> None:
    version = _version_in_force(session)
    put_catalogue(_kept(session, version) if version else None)
    put_calendar(_calendar(session))
    lexicon.cache_clear()
    current_app.extensions[_UNAPPLIED] = list(_unapplied(session, version))
    current_app.extensions[_SEEN] = _last(session)


def _unapplied(session: Session, version: str) -> Iterator[Refused]:
    complete = [one for one in _fields(session, Kind.CATALOGUE) if one.get("part") == one.get("parts")]
    if complete and complete[-1].get("version") != version:
        yield Refused("published_not_applied", what="Katalog")
    if any(not _is_decreed(fields) for fields in _fields(session, Kind.HOLIDAYS)):
        yield Refused("published_not_applied", what="Daftar hari libur")


def _last(session: Session) -> tuple[str, str]:
    newest = select(HqEntryRow.seq, HqEntryRow.hash).where(_OWN).order_by(HqEntryRow.seq.desc()).limit(1)
    row = session.execute(newest).first()
    return (str(row.seq), row.hash) if row else _NOTHING


def _fields(session: Session, kind: Kind) -> Iterator[Mapping[str, Any]]:
    """What readable entries of this kind say, oldest first."""
    rows = select(HqEntryRow.raw).where(_OWN, HqEntryRow.kind == str(kind)).order_by(HqEntryRow.seq)
    for raw in session.scalars(rows):
        try:
            yield Entry.decode(raw).fields
        except Refused:
            continue


def _keep(session: Session, last: Entry) -> None:
    """Store a catalogue whose last part has come, when it is what its version says and makes sense."""
    version = str(last.fields.get("version"))
    try:
        parts = [one for one in _fields(session, Kind.CATALOGUE) if one.get("number") == last.fields.get("number")]
        of_version = [one for one in parts if one.get("version") == version]
        if [one.get("part") for one in of_version] != list(range(1, len(of_version) + 1)):
            return
        tables = _base(session, str(last.fields.get("base")))
        for part in of_version:
            tables = rules.merged(tables, {name: part.get(name, ()) for name in rules.KEYS})
        if rules.sound_catalogue(tables).version != version:
            return
    except (Refused, KeyError, TypeError, AttributeError):
        return
    if session.get(KeptCatalogueRow, version) is None:
        run(session, insert(table(KeptCatalogueRow)), {"version": version, "tables": rules.spelled(tables)})


def _base(session: Session, version: str) -> Tables:
    """The tables a change starts from. Raises KeyError when they are not here."""
    if not version:
        return {}
    if version == released().version:
        return released_tables()
    row = session.get(KeptCatalogueRow, version)
    if row is None:
        raise KeyError(version)
    tables: Tables = json.loads(row.tables)
    return tables


def _version_in_force(session: Session) -> str:
    """Return the version of the last published catalogue that could be applied; empty: the release's."""
    kept = set(session.scalars(select(KeptCatalogueRow.version)))
    told = [str(one.get("version")) for one in _fields(session, Kind.CATALOGUE) if one.get("part") == one.get("parts")]
    return next((version for version in reversed(told) if version in kept), "")


def _kept(session: Session, version: str) -> Catalogue | None:
    row = session.get(KeptCatalogueRow, version)
    return _built(version, row.tables) if row else None


@lru_cache(maxsize=8)
def _built(version: str, tables: str) -> Catalogue:
    return built(json.loads(tables), version)


def _calendar(session: Session) -> Calendar | None:
    calendar = national_calendar()
    for fields in _fields(session, Kind.HOLIDAYS):
        if _is_decreed(fields):
            calendar = rules.decreed(calendar, fields)
    return calendar if calendar != national_calendar() else None


def _is_decreed(fields: Mapping[str, Any]) -> bool:
    try:
        rules.decreed(national_calendar(), fields)
    except Refused:
        return False
    return True


def _made_under(session: Session, record_id: str) -> str:
    raw = session.scalar(
        select(EntryRow.raw).where(EntryRow.record_id == record_id, EntryRow.kind == str(Kind.ACCEPTED)).limit(1)
    )
    if raw is not None:
        return Entry.decode(raw).catalogue
    given_back = select(HqEntryRow.raw).where(HqEntryRow.record_id == record_id, HqEntryRow.kind == str(Kind.REPLAY))
    ours = [entry for entry in map(replayed, map(Entry.decode, session.scalars(given_back))) if entry]
    return next((entry.catalogue for entry in ours if entry.kind == Kind.ACCEPTED), "")
