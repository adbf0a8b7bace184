"""The stall's own certificate and authority: what they name, how long they live, when they are made anew."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import missing
from web_base.addresses import lan_addresses
from web_base.authority import cross, root, vouches
from web_base.tls import OwnCertificate, keep_cross, own_authority, own_certificate

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
FILES = ["pasar-ca-key.pem", "pasar-ca.pem", "pasar-cert.pem", "pasar-key.pem"]


def read(own: OwnCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificates(own.certificate.read_bytes())[0]


def names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_it_names_this_machine_and_lives_397_days_from_a_month_ago(tmp_path: Path) -> None:
    own = own_certificate(tmp_path / "tls", ["192.168.8.1"], now=NOW)
    leaf = read(own)
    assert names(leaf).get_values_for_type(x509.DNSName) == ["localhost", "pasar.home.arpa", "pasar.local"]
    assert {str(each) for each in names(leaf).get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "192.168.8.1"}
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=397)
    assert leaf.not_valid_before_utc == NOW - timedelta(days=30)
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert vouches(own.root, leaf)


def test_the_root_can_speak_for_stalls_only_and_for_ten_years(tmp_path: Path) -> None:
    own = own_certificate(tmp_path, [], now=NOW)
    limits = own.root.extensions.get_extension_for_class(x509.NameConstraints)
    allowed = limits.value.permitted_subtrees or []
    assert limits.critical
    assert [each.value for each in allowed if isinstance(each, x509.DNSName)] == [
        "localhost", "pasar.home.arpa", "pasar.local",
    ]  # fmt: skip
    assert [each.value for each in allowed if isinstance(each, x509.IPAddress)] == [
        IPv4Network(text) for text in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
    ]
    assert own.root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert own.root.not_valid_after_utc == NOW + timedelta(days=3650)
    assert len(own.fingerprint.split(":")) == 32


def test_an_address_that_no_local_network_has_is_left_out(tmp_path: Path) -> None:
    own = own_certificate(tmp_path, ["203.0.113.7", "10.1.2.3"], now=NOW)
    assert {str(each) for each in names(read(own)).get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "10.1.2.3"}
    assert own_certificate(tmp_path, ["203.0.113.7"], now=NOW) == own


def test_every_file_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    own_certificate(tmp_path, [], now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_it_stays_the_same_until_it_has_to_change_and_keeps_its_keys(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, ["192.168.8.1"], now=NOW)
    key = first.key.read_bytes()
    assert own_certificate(tmp_path, ["192.168.8.1"], now=NOW + timedelta(days=200)) == first
    assert own_certificate(tmp_path, [], now=NOW) == first
    moved = own_certificate(tmp_path, ["10.1.2.3"], now=NOW)
    renewed = own_certificate(tmp_path, ["10.1.2.3"], now=NOW + timedelta(days=260))
    assert len({first.serial, moved.serial, renewed.serial}) == 3
    assert {moved.fingerprint, renewed.fingerprint} == {first.fingerprint}, "phones trust the root, and it stays"
    assert renewed.key.read_bytes() == key


class TestClock:
    def test_a_machine_that_wakes_up_in_1970_makes_one_that_is_good_today(self, tmp_path: Path) -> None:
        asleep = datetime(1970, 1, 1, tzinfo=UTC)
        own = own_certificate(tmp_path, [], now=asleep)
        assert read(own).not_valid_before_utc < NOW < own.not_after - timedelta(days=300)
        assert own.root.not_valid_before_utc < NOW < own.root.not_valid_after_utc - timedelta(days=3600)
        assert own_certificate(tmp_path, [], now=asleep) == own

    def test_the_clock_is_put_right_after_years_without_one(self, tmp_path: Path) -> None:
        first = own_certificate(tmp_path, [], now=datetime(1970, 1, 1, tzinfo=UTC))
        later = own_certificate(tmp_path, [], now=NOW + timedelta(days=900))
        assert later.not_after > NOW + timedelta(days=1200)
        assert later.root == first.root

    def test_a_clock_that_falls_back_to_1970_costs_no_good_certificate(self, tmp_path: Path) -> None:
        later, asleep = NOW + timedelta(days=900), datetime(1970, 1, 1, tzinfo=UTC)
        good = own_certificate(tmp_path, [], now=later)
        assert own_certificate(tmp_path, [], now=asleep) == good
        moved = own_certificate(tmp_path, ["10.1.2.3"], now=asleep)
        assert moved.serial != good.serial and read(moved).not_valid_before_utc < later < moved.not_after

    @pytest.mark.parametrize("year", [2031, 2060, 9999])
    def test_a_clock_far_ahead_and_back_again(self, tmp_path: Path, year: int) -> None:
        ahead = datetime(year, 6, 1, tzinfo=UTC)
        first = own_certificate(tmp_path, [], now=ahead)
        assert first.root.not_valid_before_utc < NOW < first.root.not_valid_after_utc
        back = own_certificate(tmp_path, [], now=NOW)
        assert back.root == first.root and back.fingerprint == first.fingerprint
        assert read(back).not_valid_before_utc < NOW < back.not_after < NOW + timedelta(days=397)

    def test_no_leaf_outlives_its_root(self, tmp_path: Path) -> None:
        own = own_certificate(tmp_path, [], now=NOW)
        last = own_certificate(tmp_path, [], now=NOW + timedelta(days=3600))
        assert last.not_after == own.root.not_valid_after_utc and last.root == own.root


class TestDamage:
    @pytest.mark.parametrize("name", ["pasar-cert.pem", "pasar-key.pem"])
    @pytest.mark.parametrize("content", [b"", b"half a fi"])
    def test_a_damaged_leaf_is_replaced_and_phones_notice_nothing(
        self, tmp_path: Path, name: str, content: bytes
    ) -> None:
        own = own_certificate(tmp_path, [], now=NOW)
        (tmp_path / name).write_bytes(content)
        again = own_certificate(tmp_path, [], now=NOW)
        assert again.root == own.root and vouches(own.root, read(again))

    def test_a_damaged_root_is_made_again_of_its_key_and_phones_that_trust_the_old_one_trust_it(
        self, tmp_path: Path
    ) -> None:
        own = own_certificate(tmp_path, [], now=NOW)
        (tmp_path / "pasar-ca.pem").write_bytes(b"half a fi")
        again = own_certificate(tmp_path, [], now=NOW + timedelta(days=300))
        assert again.root != own.root and again.root.subject == own.root.subject
        assert vouches(own.root, read(again))

    def test_a_key_that_the_disk_will_not_read_is_not_thrown_away(self, tmp_path: Path) -> None:
        own_certificate(tmp_path, [], now=NOW)
        key = tmp_path / "pasar-ca-key.pem"
        kept = key.rename(tmp_path / "kept")
        key.mkdir()
        with pytest.raises(OSError, match="pasar-ca-key"):
            own_certificate(tmp_path, [], now=NOW)
        key.rmdir()
        kept.rename(key)


class TestAbove:
    def test_a_certificate_from_above_is_served_and_the_leaf_stays_ours(self, tmp_path: Path) -> None:
        above = root(ec.generate_private_key(ec.SECP256R1()), NOW, path_length=1)
        authority = own_authority(tmp_path, now=NOW)
        vouched = cross(above, authority.key.public_key())
        assert keep_cross(tmp_path, vouched)
        own = own_certificate(tmp_path, [], now=NOW)
        leaf, shown = x509.load_pem_x509_certificates(own.certificate.read_bytes())
        assert shown == vouched and vouches(shown, leaf) and vouches(above.certificate, shown)
        renewed = own_certificate(tmp_path, [], now=NOW + timedelta(days=300))
        assert x509.load_pem_x509_certificates(renewed.certificate.read_bytes())[1] == vouched

    def test_one_that_is_about_another_authority_is_not_kept(self, tmp_path: Path) -> None:
        above = root(ec.generate_private_key(ec.SECP256R1()), NOW, path_length=1)
        own_authority(tmp_path, now=NOW)
        assert not keep_cross(tmp_path, cross(above, ec.generate_private_key(ec.SECP256R1()).public_key()))
        own = own_certificate(tmp_path, [], now=NOW)
        assert len(x509.load_pem_x509_certificates(own.certificate.read_bytes())) == 1


MAKE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from web_base.tls import own_certificate
own_certificate(Path(sys.argv[1]), sys.argv[2:], now=datetime(2026, 11, 21, tzinfo=UTC))
"""


def killed(folder: Path, name: str, number: int, *addresses: str) -> bool:
    """Make the certificate in a process that is killed at this call to a file of the folder; whether it was."""
    program = shutil.which("strace") or missing("strace", "It comes with: apt-get install -y strace.")
    paths = [folder, *(folder / file for file in FILES), *(folder / f"{file}.partial" for file in FILES)]
    only = [word for path in paths for word in ("-P", str(path))]
    asked = ("-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={number}", "-e", "signal=none")
    command = [program, "-f", "-qq", "-o", os.devnull, *only, *asked, sys.executable, "-c", MAKE, str(folder)]
    return subprocess.run([*command, *addresses], cwd=ROOT, timeout=120).returncode != 0


@pytest.mark.parametrize(("name", "least"), [("write", 4), ("fsync", 8), ("rename", 4)])
def test_a_kill_at_any_point_leaves_what_the_next_start_goes_on_with(tmp_path: Path, name: str, least: int) -> None:
    """Every such call of a first start; then every one of a renewal, which must keep root and keys."""
    number = 1
    while killed(tmp_path / f"new{number}", name, number):
        own = own_certificate(tmp_path / f"new{number}", [], now=NOW)
        assert vouches(own.root, read(own))
        number += 1
    assert number > least, "so many calls a first start has at least"
    first = own_certificate(tmp_path / "old", [], now=NOW)
    number = 1
    while killed(tmp_path / "old", name, number, f"10.0.0.{number}"):
        again = own_certificate(tmp_path / "old", [], now=NOW)
        assert again.root == first.root and vouches(first.root, read(again))
        number += 1
    assert number > 1


def test_this_machines_addresses_are_real_ones() -> None:
    for text in lan_addresses():
        assert not text.startswith("127.") and len(text.split(".")) == 4
