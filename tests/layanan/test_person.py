"""Pemohon and subjek as Siti gives them at Budi's counter."""

import json
from datetime import date

import pytest

from layanan.nik import NIK_ABSENT_REASONS, NikOverride
from layanan.person import (
    ADDRESS_LENGTH,
    NAME_LENGTH,
    NOTES_LENGTH,
    RELATIONS,
    Person,
    PersonalPart,
    check_person,
    check_personal,
    masked_name,
)
from layanan.problems import FormRefused
from layanan.service import catalogue

TODAY = date(2026, 11, 21)
BIRTH = catalogue().service("DKC-14")
KTP = catalogue().service("DKC-07")
SITI = {"name": "Siti Aminah", "nik": "3510095708959902", "phone": "0812 3456 7890", "address": "Dusun Krajan"}
BAYI = {"subjek_name": "Bayi Aminah", "subjek_nik_absent": "bayi_baru_lahir", "relation": "anak"}
ODD = "3510093104959959"


def _wrong(raw: dict[str, str], service=BIRTH) -> dict[str, str]:
    with pytest.raises(FormRefused) as refused:
        check_personal({"relation": "diri_sendiri"} | raw, on=TODAY, service=service)
    return {field: problem.code for field, problem in refused.value.fields.items()}


def test_siti_comes_for_herself():
    siti = check_person(SITI, on=TODAY, service=BIRTH)
    assert siti == Person("Siti Aminah", "3510095708959902", None, "+6281234567890", "Dusun Krajan")


def test_siti_comes_for_her_newborn_who_has_no_nik():
    part = check_personal(SITI | BAYI, on=TODAY, service=BIRTH)
    assert part.whose == Person("Bayi Aminah", None, "bayi_baru_lahir", None, "")
    assert part.pemohon.name == "Siti Aminah"


def test_coming_for_oneself_ignores_what_was_typed_for_another():
    part = check_personal(SITI | BAYI | {"relation": "diri_sendiri"}, on=TODAY, service=BIRTH)
    assert part.subjek is None and part.whose is part.pemohon


def test_every_wrong_field_is_said_at_once():
    raw = {"name": " ", "nik": "", "phone": "0812-345O", "relation": "anak", "subjek_name": "\u202eSiti", "notes": "\0"}
    assert _wrong(raw) == {
        "name": "name_missing",
        "nik": "nik_missing",
        "phone": "phone_invalid",
        "subjek_name": "text_invalid",
        "subjek_nik": "nik_missing",
        "notes": "text_invalid",
    }


@pytest.mark.parametrize(
    "change, wrong",
    [
        ({"relation": "tetangga"}, {"relation": "relation_missing"}),
        ({"nik": "3510"}, {"nik": "nik_length"}),
        ({"nik": "３５１００９５７０８９５９９０２"}, {"nik": "nik_non_digit"}),
        ({"nik": "1111111111111111"}, {"nik": "nik_all_same"}),
        ({"nik": "", "nik_absent": "malas"}, {"nik_absent": "nik_absent_reason"}),
        ({"phone": "110"}, {"phone": "phone_service"}),
        ({"name": "🙂"}, {"name": "name_invalid"}),
        ({"name": "S" * 10_000}, {"name": "text_too_long"}),
        ({"name": "Siti\nAminah"}, {"name": "text_line_break"}),
    ],
)
def test_one_wrong_field(change, wrong):
    assert _wrong(SITI | change) == wrong


@pytest.mark.parametrize("name", ["Y", "Suparman", "O'Brien", "Siti 👩‍🌾", "Ñ"])
def test_short_single_and_unusual_names_are_names(name):
    assert check_person(SITI | {"name": name}, on=TODAY, service=BIRTH).name == name


@pytest.mark.parametrize("reason", NIK_ABSENT_REASONS)
def test_a_missing_nik_with_a_reason_is_lawful(reason):
    person = check_person(SITI | {"nik": "", "nik_absent": reason}, on=TODAY, service=BIRTH)
    assert (person.nik, person.nik_absent) == (None, reason)


def test_an_odd_nik_is_typed_again_and_given_a_reason():
    assert _wrong(SITI | {"nik": ODD}) == {
        "nik": "nik_check_date_impossible",
        "nik_again": "nik_again",
        "nik_override": "nik_reason",
    }
    slip = {"nik": ODD, "nik_again": ODD[:-1] + "8", "nik_override": NikOverride.KTP}
    assert _wrong(SITI | slip) == {"nik": "nik_check_date_impossible", "nik_again": "nik_again_differs"}
    answered = SITI | {"nik": ODD, "nik_again": "3510 0931 0495 9959", "nik_override": "sesuai KTP-el"}
    person = check_person(answered, on=TODAY, service=BIRTH)
    assert (person.nik, person.nik_override) == (ODD, "sesuai KTP-el")


def test_a_child_for_a_ktp_needs_the_reason_only():
    child = SITI | {"nik": "3510091208159934"}
    assert _wrong(child, KTP) == {"nik": "nik_check_under_17", "nik_override": "nik_reason"}
    assert check_person(child | {"nik_override": "lainnya"}, on=TODAY, service=KTP).nik_override == "lainnya"
    assert check_person(child, on=TODAY, service=BIRTH).nik_override is None


def test_a_usual_nik_keeps_no_reason_somebody_left_in_the_form():
    assert check_person(SITI | {"nik_override": "lainnya"}, on=TODAY, service=BIRTH).nik_override is None


@pytest.mark.parametrize("raw", [SITI | {"relation": "diri_sendiri"}, SITI | BAYI | {"notes": "Kembar"}])
def test_a_part_survives_its_fields(raw):
    part = check_personal(raw, on=TODAY, service=BIRTH)
    assert PersonalPart.from_fields(json.loads(json.dumps(part.to_fields()))) == part


def test_the_longest_part_fits_four_kilobytes():
    longest = Person("𝕊" * NAME_LENGTH, "3" * 16, None, "+" + "6" * 15, "𝕊" * ADDRESS_LENGTH, NikOverride.KTP)
    part = PersonalPart(longest, longest, max(RELATIONS, key=len), "𝕊" * NOTES_LENGTH)
    assert len(json.dumps(part.to_fields(), ensure_ascii=False, separators=(",", ":")).encode()) <= 4096


@pytest.mark.parametrize(
    "name, masked",
    [
        ("Siti Aminah", "S••• A•••"),
        ("Y", "Y•••"),
        ("'Aisyah", "A•••"),
        ("🙂", "🙂•••"),
        ("a b c d e", "a••• b••• c••• d•••"),
    ],
)
def test_masked_name(name, masked):
    assert masked_name(name) == masked
