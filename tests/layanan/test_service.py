"""The catalogue that ships, and the words for fee and privacy."""

import re

import pytest

from layanan.problems import Refused
from layanan.service import OutpostRole, catalogue
from layanan.tables import rows


def test_every_row_of_the_table_is_a_service_of_a_known_agency():
    shipped = catalogue()
    assert [service.code for service in shipped.services] == [row["code"] for row in rows("services")]
    assert {service.agency for service in shipped.services} == {agency.code for agency in shipped.agencies}
    for service in shipped.services:
        assert service.code.startswith(shipped.agency(service.agency).prefix + "-")
        assert service.name and service.requirements and service.output and service.legal_basis


def test_codes_are_unique():
    shipped = catalogue()
    assert len({service.code for service in shipped.services}) == len(shipped.services)
    assert len({agency.code for agency in shipped.agencies}) == len(shipped.agencies)


def test_a_free_service_says_gratis_and_no_amount():
    free = [service for service in catalogue().services if service.fee == 0]
    assert free and {service.fee_text for service in free} == {"GRATIS"}


def test_a_fee_reads_as_rupiah_or_says_how_it_is_set():
    texts = [service.fee_text for service in catalogue().services if service.fee != 0]
    assert catalogue().service("IMI-04").fee_text == "Rp1.650.000"
    assert catalogue().service("POL-01").fee_text == "Rp30.000"
    assert all(texts) and all(re.fullmatch(r"Rp[0-9.]+", text) or not text[0].isdigit() for text in texts)


def test_every_remark_has_its_indonesian_words():
    notes = {row["note"] for row in rows("service_notes")}
    written = {row[column] for row in rows("services") for column in ("fee_note", "sla_note")} - {""}
    assert written == notes
    assert all(row["note_id"] and row["source"] for row in rows("service_notes"))


def test_only_onsite_and_intake_open_a_permohonan():
    opening = {service.role for service in catalogue().services if service.opens_permohonan}
    assert opening == {OutpostRole.ONSITE, OutpostRole.INTAKE}


@pytest.mark.parametrize(
    "code, shown", [("POL-01", "Kepolisian Resor"), ("SOS-03", "Dinas Sosial"), ("DKC-14", "Akta kelahiran")]
)
def test_strangers_see_only_the_agency_of_health_and_crime(code, shown):
    assert catalogue().public_name(code) == shown


def test_the_ktp_is_for_grown_ups_and_a_birth_certificate_is_not():
    assert catalogue().service("DKC-06").adult and not catalogue().service("DKC-14").adult


def test_unknown_codes_are_refused():
    with pytest.raises(Refused):
        catalogue().service("XXX-99")
    with pytest.raises(Refused):
        catalogue().agency("XXX")


def test_the_version_is_sixteen_hex_digits():
    assert re.fullmatch(r"[0-9a-f]{16}", catalogue().version)


def test_only_what_is_a_photo_by_name_is_photographed_and_never_a_copy_of_a_card():
    book = catalogue()
    asked = {service.code: [service.requirements[n] for n in service.photos] for service in book.services}
    found = {code: names for code, names in asked.items() if names and book.service(code).opens_permohonan}
    assert found == {
        "DKC-12": ["Pas foto anak 2x3 dua lembar"], "PTSP-11": ["Foto dan desain reklame"],
        **{f"PTSP-{number}": ["Pas foto"] for number in range(12, 19)}, "SOS-01": ["Foto rumah"],
        "SOS-05": ["Foto kondisi"], "UMK-05": ["Foto usaha"], "PSR-01": ["Pas foto 3x4"], "PSR-02": ["Pas foto"],
        "NAK-01": ["Pas foto 3x4"], "NAK-03": ["Pas foto"], "BPD-06": ["Foto usaha"], "AGM-01": ["Pas foto"],
        "AGM-04": ["Pas foto"], "TSP-02": ["Pas foto"], "IKN-02": ["Foto usaha/kapal"], "DES-01": ["Foto rumah"],
        "DES-02": ["Foto usaha"],
    }  # fmt: skip
    others = {
        name for one in book.services for n, name in enumerate(one.requirements) if n not in one.photos
    }
    assert "Fotokopi akta kematian" in others and "KTP-el" in others
    assert not any("ktp" in name.lower() for names in asked.values() for name in names)
