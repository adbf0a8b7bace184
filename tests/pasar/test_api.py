"""The JSON call: the rules of the pages, the same door, and one record for any number of calls."""

import json

import pytest

from offline_db.permohonan import find
from tests.pasar.cast import Budi, call


def send(budi, body, **headers):
    token = budi.client.get("/api/sesi").json.get("csrf_token", "")
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return budi.client.post("/api/permohonan", data=sent, headers={"X-CSRFToken": token, **headers},
                            content_type="application/json")  # fmt: skip


def test_a_request_is_stored_and_answered_with_its_receipt(shop, budi):
    body = call()
    answer = send(budi, body)
    assert answer.status_code == 201
    said = answer.json
    with shop.app.app_context():
        row = find(body["record_id"])
    assert (said["tracking_code"], said["series"]) == (row.code, row.series)
    assert said["receipt"] == f"/permohonan/{body['record_id']}/tanda-terima"
    assert row.operator == "Budi"
    assert budi.get(said["receipt"]).status_code == 200


def test_the_same_call_again_stores_nothing_and_says_the_same(shop, budi):
    body = call()
    first, again = send(budi, body), send(budi, body)
    assert again.status_code == 200
    assert again.json == {**first.json, "repeated": True}


def test_another_form_under_the_same_id_is_a_conflict(budi):
    body = call()
    send(budi, body)
    answer = send(budi, call(body["record_id"], notes="lain"))
    assert answer.status_code == 409
    assert answer.json["problem"]["code"] == "already_stored"
    assert answer.json["tracking_code"]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"papers": [[0, "asli"]]}, "berkas_1", "mark_invalid"),
        ({"papers": "semua"}, "berkas_0", "mark_invalid"),
        ({"relation": "anak"}, "subjek_name", "name_missing"),
        ({"pemohon": None}, "pemohon_name", "name_missing"),
        ({"pemohon": {"name": "Siti", "nik": "١٢"}}, "pemohon_nik", "nik_non_digit"),
        ({"pemohon": {"name": ["Siti"], "nik": 1}}, "pemohon_nik", "nik_length"),
        ({"pemohon": {"name": "Siti \ud800", "nik": ""}}, "pemohon_name", "text_invalid"),
        ({"notes": "a\x00b"}, "notes", "text_invalid"),
    ],
)
def test_wrong_fields_are_named_with_their_codes(budi, changed, field, code):
    answer = send(budi, call(**changed))
    assert answer.status_code == 422
    assert answer.json["fields"][field]["code"] == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"service": "DKC-06"}, "service_not_here"),
        ({"service": "XXX-99"}, "service_unknown"),
        ({"amount": 5000}, "amount_not_allowed"),
        ({"record_id": "satu"}, "form_invalid"),
    ],
)
def test_what_may_not_be_asked_is_refused(budi, changed, code):
    answer = send(budi, {**call(), **changed})
    assert answer.json["problem"]["code"] == code


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"[" * 100_000, b"\xff\xd8\xff\xe0JFIF"],
)
def test_what_is_not_json_is_refused_calmly(budi, body):
    answer = send(budi, body)
    assert answer.status_code == 400
    assert answer.json["problem"]["code"] == "json_malformed"


def test_a_form_is_not_json(budi):
    token = budi.client.get("/api/sesi").json["csrf_token"]
    answer = budi.client.post("/api/permohonan", data={"a": "b"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 415


def test_a_locked_counter_takes_no_calls(shop, budi):
    shop.time.pass_by(301)
    answer = budi.client.get("/api/sesi")
    assert answer.status_code == 401
    assert answer.json["problem"]["code"] == "session_ended"


def test_without_the_token_nothing_is_stored(shop, budi):
    body = call()
    assert budi.client.post("/api/permohonan", json=body).status_code == 400
    assert Budi(shop).client.post("/api/permohonan", json=body).status_code in (400, 401)
    with shop.app.app_context():
        assert find(body["record_id"]) is None
