"""The stall's own certificate: what it names, how long it lives, when it is made anew."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from web_base.addresses import lan_addresses
from web_base.tls import own_certificate

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def test_it_names_this_machine_and_lives_397_days_from_a_month_ago(tmp_path: Path) -> None:
    own = own_certificate(tmp_path / "tls", ["192.168.8.1"], now=NOW)
    read = x509.load_pem_x509_certificate(own.certificate.read_bytes())
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "pasar.home.arpa"]
    assert {str(each) for each in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "192.168.8.1"}
    assert read.not_valid_after_utc - read.not_valid_before_utc == timedelta(days=397)
    assert read.not_valid_before_utc == NOW - timedelta(days=30)
    key = read.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    assert not read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert len(own.fingerprint.split(":")) == 32


def test_the_key_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    own = own_certificate(tmp_path, [], now=NOW)
    if sys.platform != "win32":
        assert stat.S_IMODE(own.key.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pasar-cert.pem", "pasar-key.pem"]


def test_it_stays_the_same_until_it_has_to_change_and_keeps_its_key(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, ["192.168.8.1"], now=NOW)
    key = first.key.read_bytes()
    assert own_certificate(tmp_path, ["192.168.8.1"], now=NOW + timedelta(days=200)) == first
    assert own_certificate(tmp_path, [], now=NOW) == first
    moved = own_certificate(tmp_path, ["10.1.2.3"], now=NOW)
    renewed = own_certificate(tmp_path, ["10.1.2.3"], now=NOW + timedelta(days=260))
    assert len({first.fingerprint, moved.fingerprint, renewed.fingerprint}) == 3
    assert renewed.key.read_bytes() == key


def test_a_machine_that_wakes_up_in_1970_makes_one_that_is_good_today(tmp_path: Path) -> None:
    asleep = datetime(1970, 1, 1, tzinfo=UTC)
    own = own_certificate(tmp_path, [], now=asleep)
    assert own.not_after > NOW + timedelta(days=300)
    assert own_certificate(tmp_path, [], now=asleep) == own


def test_damaged_files_are_replaced(tmp_path: Path) -> None:
    own = own_certificate(tmp_path, [], now=NOW)
    own.certificate.write_bytes(b"half a fi")
    again = own_certificate(tmp_path, [], now=NOW)
    again.key.write_bytes(b"")
    assert len({own.fingerprint, again.fingerprint, own_certificate(tmp_path, [], now=NOW).fingerprint}) == 3


def test_this_machines_addresses_are_real_ones() -> None:
    for text in lan_addresses():
        assert not text.startswith("127.") and len(text.split(".")) == 4
