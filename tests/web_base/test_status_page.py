"""The shopper asks by code: found, genuine but not received, a lost device, unknown, mistyped, too many guesses."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web_base.small_app import CODE, QR_TEXT, TOLD, make


@pytest.fixture
def client() -> FlaskClient:
    TOLD.clear()
    return make().test_client()


def test_the_form_works_without_a_script(client: FlaskClient) -> None:
    page = client.get("/c").text
    assert 'action="/c" method="post"' in page and 'name="code"' in page


def test_a_found_request_says_what_where_and_as_of_when(client: FlaskClient) -> None:
    page = client.post("/c", data={"code": CODE})
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    for text in (
        "Penerbitan Kartu Keluarga baru",
        "Diproses (berkas lengkap)",
        "per 21 Nov 2026, 12.30 WIB",
        "GTG-261121-0042",
    ):
        assert text in page.text


def test_the_whole_text_of_a_scan_reaches_the_lookup_in_the_body_only(client: FlaskClient) -> None:
    page = client.post("/c", data={"code": QR_TEXT})
    assert TOLD == [QR_TEXT] and page.status_code == 200
    assert not page.request.query_string


def test_a_receipt_that_outran_its_request_is_called_genuine(client: FlaskClient) -> None:
    page = client.post("/c", data={"code": "ASLI"})
    assert (
        page.status_code == 200 and "Tanda terima ini asli" in page.text and "tidak perlu mengajukan lagi" in page.text
    )


def test_a_receipt_of_a_lost_device_warns(client: FlaskClient) -> None:
    assert "dilaporkan hilang" in client.post("/c", data={"code": "HILANG"}).text


def test_an_unknown_code_is_no_accusation(client: FlaskClient) -> None:
    page = client.post("/c", data={"code": "0000-0000-0000"})
    assert page.status_code == 404 and "tetap berlaku" in page.text


def test_a_mistyped_code_stays_in_the_field_with_the_error_beside_it(client: FlaskClient) -> None:
    page = client.post("/c", data={"code": 'SALAH"><b>'})
    assert page.status_code == 422 and "salah ketik" in page.text
    assert "SALAH&#34;&gt;&lt;b&gt;" in page.text and 'aria-invalid="true"' in page.text


def test_guessing_is_slowed_down_but_looking_is_not(client: FlaskClient) -> None:
    for _ in range(30):
        assert client.post("/c", data={"code": CODE}).status_code == 200
    answers = [client.post("/c", data={"code": "0000-0000-0000"}) for _ in range(21)]
    assert answers[19].status_code == 404 and answers[20].status_code == 429
    assert int(answers[20].headers["Retry-After"]) >= 1
    assert len(TOLD) == 50
    elsewhere = client.post("/c", data={"code": CODE}, environ_overrides={"REMOTE_ADDR": "10.9.9.9"})
    assert elsewhere.status_code == 200


def test_a_flood_of_text_is_cut_before_the_lookup(client: FlaskClient) -> None:
    client.post("/c", data={"code": "x" * 10_000})
    assert len(TOLD[0]) == 600
