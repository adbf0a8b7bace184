"""The switches at the foot of every page: language, large text, high contrast; no cookie before somebody chooses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from layanan.problems import Refused
from layanan.reading import language, reading
from layanan.status import MEANINGS, Status
from tests.web_base.small_app import installable, make
from web_base.display import Display, read_display
from web_base.formats import ago, relative_age
from web_base.tongue import document


@pytest.fixture
def client() -> FlaskClient:
    return make().test_client()


def choose(client: FlaskClient, choice: str, back: str = "/c") -> str:
    answer = client.post("/tampilan", data={"ubah": choice, "kembali": back})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_nobody_is_guessed_at_and_nothing_is_kept_before_a_choice(client: FlaskClient) -> None:
    page = client.get("/c", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="id" dir="ltr">' in page.text and "Ketik 12 huruf" in page.text
    assert "Set-Cookie" not in page.headers


def test_a_chosen_language_stays_until_indonesian_is_chosen_again(client: FlaskClient) -> None:
    assert choose(client, "en") == "/c"
    page = client.get("/c").text
    assert '<html lang="en"' in page and "Type the 12 letters" in page and "Ketik 12" not in page
    assert re.search(r'value="en" lang="en" aria-pressed="true"', page)
    choose(client, "id")
    assert client.get_cookie("tampilan") is None
    assert "Ketik 12 huruf" in client.get("/c").text


def test_javanese_speaks_where_it_can_and_indonesian_elsewhere(client: FlaskClient) -> None:
    choose(client, "jv")
    page = client.get("/").text
    assert '<html lang="jv"' in page and "Sedaya layanan ing gerai punika" in page
    assert "Ketik 12 huruf" in client.get("/c").text


def test_modes_are_turned_on_and_off_each_by_itself(client: FlaskClient) -> None:
    assert '(prefers-contrast: more)"' in client.get("/c").text
    for choice in ("besar", "kontras", "en"):
        choose(client, choice)
    page = client.get("/c").text
    assert '<html lang="en" dir="ltr" class="besar kontras">' in page and "contrast.css" in page
    assert "(prefers-contrast: more)" not in page
    choose(client, "besar")
    assert 'class="kontras"' in client.get("/c").text


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    kept = client.post("/tampilan", data={"ubah": "en"}, base_url="https://localhost").headers["Set-Cookie"]
    assert kept.startswith("tampilan=en;")
    assert all(word in kept for word in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age="))
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/tampilan", data={"ubah": "jv"}, headers=foreign).status_code == 403


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "c"])
def test_the_switch_never_leads_elsewhere(client: FlaskClient, elsewhere: str) -> None:
    assert choose(client, "en", elsewhere) == "/"


def test_a_page_made_by_a_form_leads_back_to_its_address_or_to_the_front(client: FlaskClient) -> None:
    assert 'name="kembali" value="/c"' in client.post("/c", data={"code": "SALAH"}).text
    assert 'name="kembali" value="/?q=1"' in client.get("/?q=1").text


def test_refusals_speak_the_readers_language_and_the_next_reader_his_own(client: FlaskClient) -> None:
    choose(client, "en")
    page = client.get("/refused").text
    assert "The stall&#39;s disk is full." in page and "Make room; it works again at once." in page
    assert "This page does not exist." in client.get("/nowhere").text
    assert language() == "id"
    assert "Penyimpanan gerai penuh." in make().test_client().get("/refused").text


def test_the_page_that_every_device_keeps_takes_no_choice() -> None:
    app = installable()
    plain, chosen = app.test_client(), app.test_client()
    chosen.set_cookie("tampilan", "en.besar.kontras")
    for path in ("/offline", "/sw.js"):
        assert chosen.get(path).text == plain.get(path).text, path


def test_a_cookie_full_of_nonsense_is_no_choice() -> None:
    assert read_display("xx.<script>..kontras.besar.besar") == Display("id", frozenset({"besar", "kontras"}))
    assert Display().changed("sepia") == Display()


def test_tables_and_formats_follow_the_reader_but_a_document_does_not() -> None:
    with make().test_request_context(), reading("en"):
        assert MEANINGS[Status.DIPROSES].label == "In process, file complete"
        assert MEANINGS[Status.DIKEMBALIKAN].sentence({"kurang": "KK"}) == "Something is missing. Please bring: KK."
        assert Refused("nik_length").sentence() == "A NIK has 16 digits."
        with document():
            assert MEANINGS[Status.DIPROSES].label == "Diproses (berkas lengkap)"
            assert ago(timedelta(minutes=5)) == "5 menit lalu"
    assert relative_age(timedelta(hours=3)) == "3 jam"
