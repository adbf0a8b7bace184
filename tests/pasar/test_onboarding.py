"""How a phone is prepared: the page over plain http, the root in both shapes, the label on screen and on the roll."""

import plistlib

import pytest
from cryptography import x509

from pasar.certificate import certificate_care, init_certificate
from tests.pasar.cast import Budi, make_app
from tests.pasar.roll import decode
from tests.pasar.virtual_printer import SocketPrinter
from web_base.authority import groups

FROM_PHONE = {"REMOTE_ADDR": "192.168.8.44"}
PLAIN, SECURE = "http://192.168.8.1:8080", "https://192.168.8.1:8443"


def at(shop, *addresses):
    init_certificate(shop.app, shop.folder, shop.time.clock(), lambda: addresses)


@pytest.fixture
def phone(shop):
    at(shop, "192.168.8.1")
    client = shop.app.test_client()
    return lambda path, base=PLAIN: client.get(path, base_url=base, environ_base=FROM_PHONE)


def test_the_page_opens_over_plain_http_and_says_what_works(phone):
    page = phone("/hp").text
    assert 'data-level="plain">' in page and 'data-level="secure" hidden' in page
    assert 'href="https://192.168.8.1:8443/hp"' in page and 'href="/"' not in page.split("<main")[1]
    assert "Loket belum terbuka dari sini." in page
    page = phone("/hp", SECURE).text
    assert 'data-level="secure">' in page and "Buka loket" in page


def test_the_stalls_own_computer_names_the_address_for_phones(shop):
    at(shop, "192.168.8.1")
    page = shop.app.test_client().get("/hp", base_url="http://localhost:8080").text
    assert 'data-level="here">' in page and 'href="https://192.168.8.1:8443/"' in page


def test_a_try_out_over_plain_http_is_told_what_it_risks(shop):
    shop.app = make_app(shop.folder, shop.time, lan_http=True)
    page = shop.app.test_client().get("/hp", base_url=PLAIN, environ_base=FROM_PHONE).text
    assert "Orang di Wi-Fi yang sama dapat membaca isinya." in page and "Buka loket" in page


def test_the_first_page_of_an_operator_leads_to_the_label(budi):
    assert 'href="/hp/label"' in budi.get("/").text


def test_the_root_for_android_is_the_one_that_the_page_names(phone, shop):
    answer = phone("/hp/pasar.crt")
    assert answer.mimetype == "application/x-x509-ca-cert"
    root = x509.load_der_x509_certificate(answer.data)
    own = certificate_care(shop.app).last
    assert root == own.root
    page = phone("/hp").text
    assert all(line in page for line in groups(own.fingerprint))
    assert groups(own.fingerprint)[0].replace(" ", "") == own.fingerprint.replace(":", "")[:16]


def test_the_profile_for_an_iphone_carries_the_same_root_and_may_be_removed(phone, shop):
    answer = phone("/hp/pasar.mobileconfig")
    assert answer.mimetype == "application/x-apple-aspen-config"
    profile = plistlib.loads(answer.data)
    (inner,) = profile["PayloadContent"]
    assert inner["PayloadType"] == "com.apple.security.root" and profile["PayloadRemovalDisallowed"] is False
    assert x509.load_der_x509_certificate(inner["PayloadContent"]) == certificate_care(shop.app).last.root
    assert phone("/hp/pasar.mobileconfig").data == answer.data, "the same profile replaces itself"


def test_the_label_is_for_operators_only(phone, shop):
    assert phone("/hp/label").status_code == 403
    assert 'name="frasa"' in phone("/hp/label", SECURE).text


def test_the_label_says_the_addresses_of_now(shop, budi):
    at(shop, "192.168.8.1", "10.0.0.7", "203.0.113.9")
    page = budi.get("/hp/label").text
    assert "http://192.168.8.1:8080/hp" in page and "http://10.0.0.7:8080/hp" in page and "203.0.113.9" not in page
    assert all(line in page for line in groups(certificate_care(shop.app).last.fingerprint))


def test_a_stall_without_a_network_says_so(shop, budi):
    at(shop)
    assert "belum tersambung ke Wi-Fi" in budi.get("/hp/label").text


def test_the_label_comes_out_of_the_printer(shop, printing, roll):
    at(shop, "192.168.8.1")
    assert printing.post("/hp/label").headers["Location"] == "/hp/label#cetakan"
    SocketPrinter().wait_for(lambda: roll.read_bytes().count(b"\x1dVB\x00") == 1)
    (paper,) = decode(roll.read_bytes())
    assert "http://192.168.8.1:8080/hp" in paper.lines
    assert set(groups(certificate_care(shop.app).last.fingerprint)) <= set(paper.lines)
    assert "Label untuk HP" in printing.get("/printer").text


def test_a_stall_without_https_gives_no_certificate(shop):
    shop.app = make_app(shop.folder, shop.time, https_port=0)
    stranger = Budi(shop)
    assert "tidak melayani HP petugas" in stranger.get("/hp").text
    assert stranger.get("/hp/pasar.crt").status_code == 404
    assert not (shop.folder / "tls").exists()
