"""Texts that are the same for everybody go out in gzip; a page of somebody never does."""

from __future__ import annotations

import gzip

import pytest
from flask import Response
from flask.testing import FlaskClient

from tests.web_base.small_app import installable, make
from web_base.packed import LEAST, public

SHEET, ICON = "/static/css/pasar.css", "/static/icons/pasar-192.png"
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def client() -> FlaskClient:
    return make().test_client()


def test_a_style_sheet_is_a_quarter_of_itself_and_the_same(client: FlaskClient) -> None:
    plain, small = client.get(SHEET), client.get(SHEET, headers=GZIP)
    assert "Content-Encoding" not in plain.headers and small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data and len(small.data) * 3 < len(plain.data)
    assert plain.headers["Content-Type"] == small.headers["Content-Type"]
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != small.headers["ETag"]


def test_unchanged_it_costs_nothing_in_either_form(client: FlaskClient) -> None:
    for asked in ({}, GZIP):
        mark = client.get(SHEET, headers=asked).headers["ETag"]
        again = client.get(SHEET, headers={**asked, "If-None-Match": mark})
        assert (again.status_code, again.data, again.headers["Vary"]) == (304, b"", "Accept-Encoding")


@pytest.mark.parametrize("refused", ["", "identity", "br", "gzip;q=0", "br, gzip;q=0"])
def test_who_does_not_take_it_gets_it_plain(client: FlaskClient, refused: str) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": refused})
    assert "Content-Encoding" not in answer.headers and answer.data.startswith(client.get(SHEET).data[:100])


def test_a_part_of_a_file_is_a_part_of_the_plain_one(client: FlaskClient) -> None:
    part = client.get(SHEET, headers={**GZIP, "Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, client.get(SHEET).data[:10])


def test_a_picture_is_left_alone(client: FlaskClient) -> None:
    answer = client.get(ICON, headers=GZIP)
    assert "Content-Encoding" not in answer.headers and answer.data.startswith(b"\x89PNG")


def test_no_page_that_may_hold_a_secret_is_compressed(client: FlaskClient) -> None:
    """Its length, beside something a stranger may choose, would tell of what is in it."""
    for path in ("/", "/typed", "/c", "/nowhere"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP).headers, path


def test_a_public_answer_is_compressed_where_it_pays() -> None:
    app = make()
    with app.test_request_context(headers=GZIP):
        long, short = public(Response("a" * LEAST)), public(Response("a" * (LEAST - 1)))
    assert gzip.decompress(long.data) == b"a" * LEAST and long.content_length == len(long.data)
    assert "Content-Encoding" not in short.headers and short.headers["Vary"] == "Accept-Encoding"
    with app.test_request_context():
        assert public(Response("a" * LEAST)).data == b"a" * LEAST


def test_a_missing_file_is_still_missing(client: FlaskClient) -> None:
    assert client.get("/static/css/nowhere.css", headers=GZIP).status_code == 404


def test_the_answers_of_the_shell_are_compressed_and_revalidated() -> None:
    client = installable().test_client()
    for path in ("/sw.js", "/manifest.json", "/offline"):
        small = client.get(path, headers=GZIP)
        assert gzip.decompress(small.data) == client.get(path).data, path
        mark = {"If-None-Match": small.headers["ETag"]}
        assert client.get(path, headers={**GZIP, **mark}).status_code == 304
        assert client.get(path, headers=mark).status_code == 200
