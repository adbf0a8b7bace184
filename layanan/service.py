"""Knows the service catalogue's shape and the words for fee and privacy; refuses to know how it is searched.

Rows: `tables/services.csv` and `tables/agencies.csv`; `tables/service_notes.csv` says their remarks in Indonesian.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from hashlib import sha256

from layanan.problems import Refused
from layanan.reading import said
from layanan.tables import rows

# A KTP-el and what rests on it belong to people of 17 or more (UU 24/2013 art. 63), a passport of ten years too.
_ADULT = frozenset({"DKC-06", "DKC-07", "DKC-08", "DKC-09", "DKC-10", "IMI-02"})
# Where somebody lives now decides, or is visited or delivered to; elsewhere the register knows it by the NIK.
_AT_HOME = frozenset({
    "DKC-01", "DKC-09", "DKC-24", "DKC-25", "SOS-01", "SOS-05", "AIR-01", "POS-01", "DES-01", "DES-03",
})  # fmt: skip
_UNNAMED = frozenset({"health", "criminal"})
_PHOTO = re.compile(r"(?:pas )?foto\b", re.IGNORECASE)


class OutpostRole(StrEnum):
    """What the stall does: finish it, take the file in, help with another office's system, or make an appointment."""

    ONSITE = "ONSITE"
    INTAKE = "INTAKE"
    ASSIST = "ASSIST"
    APPOINT = "APPOINT"


@dataclass(frozen=True)
class Agency:
    """An office that answers for services; `prefix` starts the codes of its services."""

    code: str
    prefix: str
    name: str
    name_en: str
    level: str

    @property
    def called(self) -> str:
        """The name in the language that is read now."""
        return said(self.name, self.name_en)


@dataclass(frozen=True)
class Service:
    """One row of the catalogue. Fee in whole rupiah (None: by tariff, see `fee_note`), duration in working days."""

    code: str
    agency: str
    name: str
    name_en: str
    category: str
    requirements: tuple[str, ...]
    fee: int | None
    fee_note: str
    sla_days: int | None
    sla_note: str
    presence: bool
    role: OutpostRole
    output: str
    pdp: frozenset[str]
    legal_basis: str
    source: str
    market_default: bool
    withdrawn: bool = False
    fee_note_en: str = ""
    sla_note_en: str = ""

    @property
    def called(self) -> str:
        """The name in the language that is read now."""
        return said(self.name, self.name_en)

    @property
    def sla_said(self) -> str:
        """The remark about the duration in the language that is read now."""
        return said(self.sla_note, self.sla_note_en)

    @property
    def opens_permohonan(self) -> bool:
        """Whether the stall takes a permohonan; otherwise it informs, helps and counts a visit."""
        return self.role in (OutpostRole.ONSITE, OutpostRole.INTAKE) and not self.withdrawn

    @property
    def adult(self) -> bool:
        """Whether the document is for people of 17 or more."""
        return self.code in _ADULT

    @property
    def needs_address(self) -> bool:
        """Whether the agency cannot work without the address where the pemohon lives now."""
        return self.code in _AT_HOME

    @property
    def photos(self) -> tuple[int, ...]:
        """The numbers of the requirements that are photos themselves; no other paper is ever photographed."""
        return tuple(number for number, name in enumerate(self.requirements) if _PHOTO.match(name))

    @property
    def fee_text(self) -> str:
        """The fee as the receipt prints it: GRATIS, Rp30.000, or how the tariff is set."""
        if self.fee == 0:
            return said("GRATIS", "FREE")
        if self.fee is None:
            return said(self.fee_note, self.fee_note_en)
        return "Rp" + f"{self.fee:,}".replace(",", ".")

    def public_name(self, agency_name: str) -> str:
        """What a stranger with the receipt may see: the agency alone when the service tells of health or crime."""
        return agency_name if self.pdp & _UNNAMED else self.called


@dataclass(frozen=True)
class Catalogue:
    """All services on offer and agencies in table order; `version` changes whenever any word of them changes.

    A service that is offered no more keeps its name and papers for the requests made under it.
    """

    services: tuple[Service, ...]
    agencies: tuple[Agency, ...]
    version: str
    withdrawn: tuple[Service, ...] = ()

    @cached_property
    def _services(self) -> Mapping[str, Service]:
        return {service.code: service for service in (*self.services, *self.withdrawn)}

    @cached_property
    def _agencies(self) -> Mapping[str, Agency]:
        return {agency.code: agency for agency in self.agencies}

    def service(self, code: str) -> Service:
        """Return the service of this code; raises Refused("service_unknown")."""
        if code not in self._services:
            raise Refused("service_unknown")
        return self._services[code]

    def agency(self, code: str) -> Agency:
        """Return the agency of this code; raises Refused("agency_unknown")."""
        if code not in self._agencies:
            raise Refused("agency_unknown")
        return self._agencies[code]

    def public_name(self, code: str) -> str:
        """Return what a stranger with the receipt may see of the service; raises Refused("service_unknown")."""
        service = self.service(code)
        return service.public_name(self.agency(service.agency).called)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _service(row: Mapping[str, str], notes: Mapping[str, str]) -> Service:
    return Service(
        code=row["code"],
        agency=row["agency_code"],
        name=row["name_id"],
        name_en=row["name_en"],
        category=row["category"],
        requirements=_parts(row["requirements"]),
        fee=int(row["fee_idr"]) if row["fee_idr"] else None,
        fee_note=notes.get(row["fee_note"], row["fee_note"]),
        sla_days=int(row["sla_working_days"]) if row["sla_working_days"] else None,
        sla_note=notes.get(row["sla_note"], row["sla_note"]),
        presence=row["requires_presence"] == "yes",
        role=OutpostRole(row["outpost_role"]),
        output=row["output_document"],
        pdp=frozenset(_parts(row["pdp_specific_data"])) - {"none"},
        legal_basis=row["legal_basis"],
        source=row["source"],
        market_default=row["pasar_default"] == "yes",
        withdrawn=row.get("withdrawn") == "yes",
        fee_note_en=row["fee_note"],
        sla_note_en=row["sla_note"],
    )


def _agency(row: Mapping[str, str]) -> Agency:
    return Agency(row["code"], row["service_prefix"], row["name_id"], row["name_en"], row["level"])


Tables = Mapping[str, Sequence[Mapping[str, str]]]
"""The rows of `services`, `agencies` and `service_notes`, as a catalogue is written and sent."""


def built(tables: Tables, version: str) -> Catalogue:
    """Return the catalogue of these tables. Raises KeyError or ValueError for rows that say nothing."""
    notes = {row["note"]: row["note_id"] for row in tables["service_notes"]}
    services = [_service(row, notes) for row in tables["services"]]
    return Catalogue(
        tuple(service for service in services if not service.withdrawn),
        tuple(_agency(row) for row in tables["agencies"]),
        version,
        tuple(service for service in services if service.withdrawn),
    )


@cache
def released_tables() -> Tables:
    """Return the tables that ship with this release."""
    return {name: rows(name) for name in ("services", "agencies", "service_notes")}


@cache
def released() -> Catalogue:
    """Return the catalogue that ships with this release; `version` is 16 hex digits of SHA-256 over its tables."""
    digest = sha256(repr([[tuple(row.items()) for row in table] for table in released_tables().values()]).encode())
    return built(released_tables(), digest.hexdigest()[:16])


_in_force: list[Catalogue] = []


def catalogue() -> Catalogue:
    """Return the catalogue in force in this process: what headquarters has published last, else the release's."""
    return _in_force[-1] if _in_force else released()


def put_in_force(book: Catalogue | None) -> None:
    """Let `catalogue` return this one from now on; None: the release's."""
    _in_force[:] = [book] if book else []
