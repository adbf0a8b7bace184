"""A stall and headquarters meet over a code that is told, not sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from layanan.problems import Refused
from sync.enrol import Grant, answer, new_code, read_answer, read_code, request, verify_request
from sync.keys import SigningKey

CODE = new_code(bytes(range(10)))
DEVICE = SigningKey.new()
GRANT = Grant(
    hq="hq", incarnation=1, sign_public=b"s" * 32, seal_public=b"x" * 32, stall="gtg", stall_name="Pasar Genteng",
    place="Kios 12", label="GTG", device=DEVICE.id, epoch=1, zone="Asia/Jakarta", status_url="https://mpp.example",
    week=5, complaint="0333-0000", official_domain="example.go.id", phone="0333-1111", privacy_contact="ppid@example",
)  # fmt: skip


def asked() -> dict[str, Any]:
    return request(CODE, DEVICE.public, b"n" * 16)


@pytest.mark.clause("P45")
def test_both_sides_prove_the_code_without_sending_it() -> None:
    body = asked()
    assert bytes(verify_request(CODE, body)) == bytes(DEVICE.public)
    assert read_answer(CODE, body, answer(CODE, body, GRANT)) == GRANT
    name, secret = read_code(CODE)
    assert body["id"] == name
    assert secret not in str(body) and secret not in str(answer(CODE, body, GRANT))


@pytest.mark.clause("P45")
@pytest.mark.parametrize(
    "field, value", [("public", "AAAA"), ("public", None), ("nonce", ""), ("proof", None), ("id", 5)]
)
def test_a_changed_request_proves_nothing(field: str, value: object) -> None:
    with pytest.raises(Refused, match="enrolment_code_wrong"):
        verify_request(CODE, asked() | {field: value})


@pytest.mark.clause("P45")
def test_a_forged_answer_is_refused() -> None:
    body = asked()
    genuine = answer(CODE, body, GRANT)
    for forged in (
        genuine | {"grant": genuine["grant"] | {"sign_public": "AAAA"}},
        answer(new_code(b"0" * 10), body, GRANT),
        answer(CODE, request(CODE, DEVICE.public, b"m" * 16), GRANT),
        answer(CODE, request(CODE, SigningKey.new().public, b"n" * 16), GRANT),
        {}, {"grant": [], "proof": 1},
    ):  # fmt: skip
        with pytest.raises(Refused, match="enrolment_forged"):
            read_answer(CODE, body, forged)


@pytest.mark.clause("P46")
def test_the_same_request_again_is_the_same_grant() -> None:
    assert asked() == asked()
    assert answer(CODE, asked(), GRANT) == answer(CODE, asked(), GRANT)


def test_a_newer_headquarters_may_say_more() -> None:
    body = asked()
    from_newer = answer(CODE, body, GRANT)["grant"] | {"anthem": "x"}
    assert Grant.from_fields(from_newer) == GRANT
    with pytest.raises(Refused, match="sync_malformed"):
        Grant.from_fields(replace(GRANT).to_fields() | {"epoch": "1"})


@pytest.mark.clause("P45")
def test_a_code_is_read_as_people_type_it() -> None:
    assert read_code(CODE.lower().replace("-", " ")) == read_code(CODE)
    assert read_code("O1iL-0000-0000-000u") == ("0111", "00000000000V")
    for wrong in ("", "ABCD", CODE + "0", "ÀBCD-EFGH-JKMN-PQRS"):
        with pytest.raises(Refused, match="enrolment_code_wrong"):
            read_code(wrong)
