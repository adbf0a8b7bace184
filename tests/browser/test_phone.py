"""A phone that trusts the stall's authority has the whole app; for any other name the authority counts for nothing."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Error

from tests.browser.phone import NAME, secure_door, trusting_phone, with_worker
from web_base.authority import HEADQUARTERS, cross, leaf, root
from web_base.serve import Listener, listen
from web_base.tls import keep_cross, own_authority


def test_the_app_is_whole_on_a_phone_that_trusts_the_stall(playwright, chromium, door, tmp_path):
    with trusting_phone(playwright, chromium, tmp_path, door.own.root) as phone:
        page = phone.new_page()
        page.goto(door.url + "/masuk")
        assert page.evaluate("isSecureContext")
        assert with_worker(page) == f"{door.url}/sw.js"
        wire = phone.new_cdp_session(page)
        assert wire.send("Page.getInstallabilityErrors")["installabilityErrors"] == []


def test_the_same_phone_opened_again_starts_the_app_without_the_stall(playwright, chromium, stage, tmp_path):
    with (
        secure_door(stage.shop.app, stage.shop.folder) as door,
        trusting_phone(playwright, chromium, tmp_path, door.own.root) as phone,
    ):
        page = phone.new_page()
        page.goto(door.url + "/masuk")
        with_worker(page)
    with trusting_phone(playwright, chromium, tmp_path, None) as phone:
        page = phone.new_page()
        page.goto(door.url + "/permohonan")
        assert page.locator("h1").inner_text() == "Gerai tidak terjangkau"


def test_a_phone_that_trusts_nobody_is_warned(playwright, chromium, door, tmp_path):
    warned = pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID")
    with trusting_phone(playwright, chromium, tmp_path, None) as phone, warned:
        phone.new_page().goto(door.url + "/c")


def test_a_phone_that_trusts_headquarters_alone_trusts_the_stall_it_has_vouched_for(
    playwright, chromium, stage, tmp_path
):
    above = root(ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC), who=HEADQUARTERS, path_length=1)
    own = own_authority(tmp_path / "stall" / "tls", now=datetime.now(UTC))
    keep_cross(tmp_path / "stall" / "tls", cross(above, own.key.public_key()))
    with (
        secure_door(stage.shop.app, tmp_path / "stall") as door,
        trusting_phone(playwright, chromium, tmp_path / "home", above.certificate) as phone,
    ):
        page = phone.new_page()
        page.goto(door.url + "/masuk")
        assert with_worker(page) == f"{door.url}/sw.js"


def foreign(folder, name):
    """A leaf for `name`, signed by the stall's authority against its own constraints; what a thief of its key can."""
    authority, key = own_authority(folder / "tls", now=datetime.now(UTC)), ec.generate_private_key(ec.SECP256R1())
    like = leaf(authority, key.public_key(), ["127.0.0.1"], datetime.now(UTC))
    made = x509.CertificateBuilder(
        like.issuer, like.subject, key.public_key(), x509.random_serial_number(),
        like.not_valid_before_utc, like.not_valid_after_utc,
    )  # fmt: skip
    for extension in like.extensions:
        own = isinstance(extension.value, x509.SubjectAlternativeName)
        value = x509.SubjectAlternativeName([x509.DNSName(name)]) if own else extension.value
        made = made.add_extension(value, extension.critical)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "foreign.pem").write_bytes(made.sign(authority.key, hashes.SHA256()).public_bytes(pem))
    (folder / "foreign.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "foreign.pem", folder / "foreign.key"


@pytest.mark.parametrize(("name", "error"), [("www.example.com", "ERR_CERT_INVALID"), (NAME, "")])
def test_the_authority_counts_for_nobody_elses_name(playwright, chromium, door, stage, tmp_path, name, error):
    serving = listen(stage.shop.app, [Listener("127.0.0.1", 0, *foreign(stage.shop.folder, name))], threads=2)
    try:
        with trusting_phone(playwright, chromium, tmp_path, door.own.root, maps=f"{NAME},{name}") as phone:
            page, address = phone.new_page(), f"https://{name}:{serving.ports[0]}/c"
            if error:
                with pytest.raises(Error, match=error):
                    page.goto(address)
            else:
                assert page.goto(address).status == 200
    finally:
        serving.stop()
