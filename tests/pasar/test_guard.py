"""Every address is on the public list, is the door, or needs a signed-in operator; where a counter may be opened."""

import re

import pytest

from pasar.guard import DOOR, PUBLIC, WITH_A_PASS
from tests.pasar.cast import Budi, make_app

FROM_PHONE = {"REMOTE_ADDR": "192.168.4.17"}
RECORD = "00000000-0000-4000-8000-000000000001"


def addresses(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<uuid:\w+>", RECORD, rule.rule)
        path = re.sub(r"<int:\w+>", "1", path)
        path = re.sub(r"<path:\w+>|<\w+>", "x", path)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def test_the_lists_name_only_endpoints_that_exist(shop):
    assert set(shop.app.view_functions) >= PUBLIC | DOOR | WITH_A_PASS


def test_every_other_address_shows_a_stranger_the_door(shop):
    closed = [each for each in addresses(shop.app) if each[0] not in PUBLIC | DOOR | WITH_A_PASS]
    assert len(closed) > 20
    for endpoint, method, path in closed:
        stranger = Budi(shop)
        answer = stranger.get(path) if method == "GET" else stranger.post(path)
        if path.startswith("/api/") or hasattr(shop.app.view_functions[endpoint], "for_programs"):
            assert answer.status_code == 401, endpoint
        else:
            assert 'name="frasa"' in answer.text, endpoint


def test_changing_calls_without_the_token_are_refused(shop, budi):
    for endpoint, method, path in addresses(shop.app):
        if method == "POST" and path not in ("/c", "/tampilan") and endpoint not in WITH_A_PASS:
            assert budi.client.post(path, data={}).status_code == 400, path


def test_an_unenrolled_stall_takes_nothing_and_says_what_to_do(tmp_path, shop):
    shop.app = make_app(tmp_path / "baru", shop.time)
    stranger = Budi(shop)
    for path in ("/", "/layanan/DKC-01", "/masuk", "/permohonan"):
        assert stranger.get(path).headers["Location"] == "/gerai"
    told = stranger.get("/gerai").text
    assert "belum terdaftar" in told
    assert "pasar enroll KODE" in told
    assert stranger.get("/api/sesi").status_code == 409
    assert stranger.get("/c").status_code == 200


@pytest.mark.parametrize("path", ["/", "/masuk", "/permohonan"])
def test_the_counter_is_never_served_over_plain_http_to_the_network(shop, path):
    stranger = shop.app.test_client()
    assert stranger.get(path, base_url="http://192.168.4.1:8080", environ_base=FROM_PHONE).status_code == 403
    assert stranger.get(path, base_url="https://192.168.4.1:8443", environ_base=FROM_PHONE).status_code == 200


@pytest.mark.parametrize("path", ["/c", "/gerai", "/healthz", "/offline"])
def test_public_pages_are_open_to_the_network(shop, path):
    answer = shop.app.test_client().get(path, base_url="http://192.168.4.1", environ_base=FROM_PHONE)
    assert answer.status_code == 200


def test_a_try_out_may_open_the_counter_over_plain_http(tmp_path, shop):
    shop.app = make_app(shop.folder, shop.time, lan_http=True)
    answer = shop.app.test_client().get("/", base_url="http://192.168.4.1", environ_base=FROM_PHONE)
    assert 'name="frasa"' in answer.text
