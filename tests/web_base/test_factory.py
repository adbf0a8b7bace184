"""What every page of both apps gets without asking: headers, cache rules, CSRF, cookies, health."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.web_base.small_app import make
from web_base.factory import create_base


@pytest.fixture
def client() -> FlaskClient:
    return make().test_client()


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_every_answer_carries_the_strict_headers(client: FlaskClient) -> None:
    for path in ("/", "/c", "/healthz", "/nowhere", "/accident", "/static/css/pasar.css"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_no_page_has_inline_script_or_style(client: FlaskClient) -> None:
    for path in ("/", "/c", "/typed", "/nowhere"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page), path


def test_personal_pages_are_kept_nowhere_and_hashed_files_for_a_year(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    address = re.search(r'href="(/static/css/pasar\.css\?v=[0-9a-f]{12})"', page.text)
    assert address and "immutable" in client.get(address[1]).headers["Cache-Control"]
    for other in ("/static/css/pasar.css", "/static/css/pasar.css?v=000000000000"):
        assert client.get(other).headers["Cache-Control"] == "no-cache"


def test_a_form_without_its_token_is_refused_and_the_sentence_says_what_to_do(client: FlaskClient) -> None:
    refused = client.post("/typed", data={"nama": "Siti"})
    assert refused.status_code == 400 and "terlalu lama terbuka" in refused.text
    page = client.get("/typed").text
    assert "<p id=sent>Siti</p>" in client.post("/typed", data={"nama": "Siti", "csrf_token": token(page)}).text


def test_a_form_works_over_https_although_no_page_sends_a_referrer(client: FlaskClient) -> None:
    page = client.get("/typed", base_url="https://localhost").text
    sent = client.post("/typed", data={"nama": "Siti", "csrf_token": token(page)}, base_url="https://localhost")
    assert sent.status_code == 200


def test_another_site_cannot_send_a_form_even_with_the_token(client: FlaskClient) -> None:
    data = {"nama": "Siti", "csrf_token": token(client.get("/typed").text)}
    foreign = client.post("/typed", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert client.post("/typed", data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_hidden_from_scripts_and_bound_to_its_transport(scheme: str, secure: bool) -> None:
    answer = make().test_client().get("/typed", base_url=f"{scheme}://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and ("Secure" in cookie) is secure
    assert cookie.startswith("small-s=" if secure else "small-p=")


def test_the_shopper_gets_no_cookie_at_all(client: FlaskClient) -> None:
    for answer in (client.get("/c"), client.post("/c", data={"code": "K7M2-4QX9-3TBD"})):
        assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_health_says_what_the_app_knows_and_503_when_it_cannot() -> None:
    facts = create_base("a", {"SECRET_KEY": "x"}, [], health=lambda: {"waiting": 3}).test_client().get("/healthz")
    assert facts.json == {"ok": True, "waiting": 3}

    def broken() -> dict[str, object]:
        raise OSError("card")

    ill = create_base("b", {"SECRET_KEY": "x"}, [], health=broken).test_client().get("/healthz")
    assert (ill.status_code, ill.json) == (503, {"ok": False})


def test_two_apps_in_one_process_do_not_share_what_is_exempt() -> None:
    first, second = make(), create_base("small", {"SECRET_KEY": "x"}, [])
    assert first.extensions["csrf"] is not second.extensions["csrf"]
    assert not second.extensions["csrf"]._exempt_blueprints
