"""Every refusal and accident becomes one calm answer, and nothing a person typed is in a log."""

from __future__ import annotations

import logging
import re

import pytest
from flask.testing import FlaskClient

from layanan.problems import PROBLEMS, FormRefused, Refused
from tests.web_base.small_app import make
from web_base.errors import CODES, errors_of

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def client() -> FlaskClient:
    return make().test_client()


def test_a_refusal_is_a_page_for_people_and_json_for_programs(client: FlaskClient) -> None:
    page = client.get("/refused", headers=BROWSER)
    assert page.status_code == 507 and page.mimetype == "text/html"
    assert PROBLEMS["disk_full"].id in page.text and PROBLEMS["disk_full"].hint in page.text
    answer = client.get("/refused", headers=JSON)
    assert answer.status_code == 507
    assert answer.json is not None and answer.json["problem"]["code"] == "disk_full"


def test_a_refused_form_names_every_field(client: FlaskClient) -> None:
    answer = client.get("/api/form", headers=BROWSER)
    assert answer.status_code == 422 and answer.json is not None
    assert {name: each["code"] for name, each in answer.json["fields"].items()} == {
        "nik": "nik_length",
        "nama": "name_missing",
    }


def test_errors_of_gives_the_sentences_the_macros_take() -> None:
    assert errors_of(FormRefused({"nik": Refused("nik_length")})) == {"nik": "NIK harus 16 angka."}


def test_an_accident_shows_a_code_and_logs_no_word_of_what_was_typed(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = client.get("/accident", headers=BROWSER)
    shown = re.search(r'class="code">([0-9A-Z]{6})<', page.text)
    assert page.status_code == 500 and shown and shown[1] in caplog.text
    assert "ValueError" in caplog.text and "small_app.py" in caplog.text
    for secret in ("3510110101019901", "Siti Aminah"):
        assert secret not in caplog.text and secret not in page.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/typed", 405)])
def test_what_flask_refuses_speaks_our_words(client: FlaskClient, method: str, path: str, status: int) -> None:
    page = client.open(path, method=method, headers=BROWSER)
    assert page.status_code == status and PROBLEMS[CODES[status]].id in page.text
    if status == 405:
        assert "GET" in page.headers["Allow"]


def test_a_body_that_is_too_large_is_413(client: FlaskClient) -> None:
    page = client.post("/typed", data={"nama": "x" * (3 << 20)}, headers=BROWSER)
    assert page.status_code == 413 and PROBLEMS["form_too_large"].id in page.text


def test_an_error_page_needs_no_session_and_no_navigation(client: FlaskClient) -> None:
    page = client.get("/refused", headers=BROWSER)
    assert "Set-Cookie" not in page.headers and "csrf_token" not in page.text


def test_the_error_page_comes_even_when_what_pages_share_is_broken() -> None:
    app = make()

    @app.context_processor
    def broken() -> dict[str, object]:
        raise OSError("the card is gone")

    page = app.test_client().get("/", headers=BROWSER)
    assert page.status_code == 500 and PROBLEMS["internal"].id in page.text
