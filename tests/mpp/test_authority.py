"""Headquarters vouches for its stalls' certificate authorities, and for nothing that is not a stall."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from layanan.permohonan import Kind
from mpp.cli import main
from mpp.db.authority import own_root
from mpp.db.backup import backup, restore, wrapped_keys_of
from mpp.db.database import open_database
from mpp.db.models import Alarm
from mpp.db.schema import upgrade
from mpp.keys import unwrapped, wrapped
from sync import authority
from tests.mpp.cast import NOW, Headquarters, StallAtWork
from tests.mpp.site import Site
from web_base.authority import NAMES, NETWORKS, fingerprint, groups, point, vouches


def new_point() -> bytes:
    return point(ec.generate_private_key(ec.SECP256R1()).public_key())


def told(stall: StallAtWork) -> list[tuple[bytes, bytes] | None]:
    return [authority.vouched(entry.fields) for entry in stall.news() if entry.kind == Kind.VOUCHED]


def ask(stall: StallAtWork, key: bytes) -> None:
    stall.write(Kind.AUTHORITY, {"key": b64encode(key).decode()})
    stall.send()


def constraints(certificate: x509.Certificate) -> tuple[bool, set[str], set[IPv4Network]]:
    found = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = found.value.permitted_subtrees or []
    names = {each.value for each in permitted if isinstance(each, x509.DNSName)}
    return found.critical, names, {each.value for each in permitted if isinstance(each, x509.IPAddress)}


def path_length(certificate: x509.Certificate) -> int | None:
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length


@pytest.mark.clause("P119", "P120")
def test_a_stall_that_asks_is_vouched_for_once_and_for_stalls_only(office: Headquarters, stall: StallAtWork) -> None:
    key = new_point()
    ask(stall, key)
    ((named, raw),) = told(stall)  # type: ignore[misc]
    certificate = x509.load_der_x509_certificate(raw)
    with office.database.reading() as session:
        root = own_root(session, office.keys).certificate
    assert named == key and point(certificate.public_key()) == key  # type: ignore[arg-type]
    assert vouches(root, certificate) and vouches(root, root)
    assert (path_length(root), path_length(certificate)) == (1, 0)
    for each in (root, certificate):
        assert constraints(each) == (True, set(NAMES), set(NETWORKS))
    ask(stall, key)
    assert told(stall) == []
    other = new_point()
    ask(stall, other)
    assert [said and said[0] for said in told(stall)] == [other]


@pytest.mark.clause("P121")
@pytest.mark.parametrize("key", [b"", b"\x04" + bytes(64), b"\x02" + bytes(32), b"\x04" + b"\xff" * 64, b"x" * 65])
def test_a_key_that_is_none_is_not_vouched_for_and_a_person_is_told(
    office: Headquarters, stall: StallAtWork, key: bytes
) -> None:
    ask(stall, key)
    assert told(stall) == []
    with office.database.reading() as session:
        assert session.scalars(select(Alarm.kind)).all() == ["authority_refused"]


@pytest.mark.clause("P122")
def test_the_root_is_the_same_at_every_look_and_for_nobody_else(office: Headquarters) -> None:
    with office.database.reading() as session:
        first, again = own_root(session, office.keys), own_root(session, office.keys)
        rotated = own_root(session, office.keys.rotated(sealing=True))
        stranger = own_root(session, type(office.keys).new())
    assert first.certificate == again.certificate == rotated.certificate
    assert stranger.certificate.subject != first.certificate.subject
    life = first.certificate.not_valid_after_utc - NOW
    assert timedelta(days=3640) < life < timedelta(days=3660)


@pytest.mark.clause("P122")
def test_a_backup_brings_the_root_back(office: Headquarters, stall: StallAtWork, tmp_path: Path) -> None:
    file, phrase = tmp_path / "mpp.cadangan", "sapu hujan lima pasar"
    with office.database.reading() as session:
        before = own_root(session, office.keys).certificate
    backup(office.database, wrapped(office.keys, phrase), file, NOW)
    (tmp_path / "new").mkdir()
    database = open_database("", tmp_path / "new")
    upgrade(database)
    restore(database, file)
    with database.reading() as session:
        assert own_root(session, unwrapped(wrapped_keys_of(file), phrase)).certificate == before
    database.close()


def test_the_command_shows_the_root_and_writes_it(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "mpp.crt"
    with site.office.database.reading() as session:
        expected = own_root(session, site.office.keys).certificate
    done = CliRunner().invoke(main, ["root", "--to", str(file)], env={"MPP_DATA": str(tmp_path)})
    assert done.exit_code == 0, done.output
    assert x509.load_der_x509_certificate(file.read_bytes()) == expected
    assert all(line in done.output for line in groups(fingerprint(expected)))
    nowhere = CliRunner().invoke(main, ["root", "--to", str(tmp_path / "no" / "f")], env={"MPP_DATA": str(tmp_path)})
    assert nowhere.exit_code == 1 and "Traceback" not in nowhere.output
