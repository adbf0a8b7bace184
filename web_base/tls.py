"""The stall's own certificate and authority, made out of the box and kept in one folder. Knows files.

Refuses to know who trusts them: an operator's phone trusts the authority once, and every later certificate of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from store.private_file import write_private
from web_base.authority import (
    BEHIND,
    NAMES,
    PROGRAM_DATE,
    Authority,
    fingerprint,
    leaf,
    moment,
    permitted,
    root,
    vouches,
)

RENEW_BEFORE = timedelta(days=120)
ROOT, ROOT_KEY, CROSS = "pasar-ca.pem", "pasar-ca-key.pem", "pasar-cross.pem"
CERTIFICATE, KEY = "pasar-cert.pem", "pasar-key.pem"
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class OwnCertificate:
    """What a listener needs (`certificate` with its chain, and `key`, PEM files) and what phones are given: the root.

    `fingerprint` is the root's; `serial` is the leaf's, and changes with every renewal; `not_after` too.
    """

    certificate: Path
    key: Path
    root: x509.Certificate
    fingerprint: str
    serial: int
    not_after: datetime


def own_certificate(folder: Path, addresses: Collection[str], *, now: datetime) -> OwnCertificate:
    """The certificate in `folder`, made or renewed when it is missing, damaged, ending within 120 days, not of this
    authority, or lacks one of `addresses` that a local network can have. Keys are kept through renewals; every file
    is readable by the owner only, and a kill at any point leaves what the next call goes on with."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = own_authority(folder, now=now)
    wanted = {"127.0.0.1", *filter(permitted, addresses)}
    key = _key(folder / KEY)
    path = folder / CERTIFICATE
    found = _read(path)
    if found is not None and not (found.public_key() == key.public_key() and vouches(authority.certificate, found)):
        found = None
    now = _awake(now, found)
    if found is None or not _still_good(found, authority, wanted, now):
        found = leaf(authority, key.public_key(), wanted, now)
    chain = b"".join(each.public_bytes(_PEM) for each in (found, *_vouched(folder, authority)))
    if not path.exists() or path.read_bytes() != chain:
        write_private(path, chain)
    mark = fingerprint(authority.certificate)
    until = found.not_valid_after_utc
    return OwnCertificate(path, folder / KEY, authority.certificate, mark, found.serial_number, until)


def own_authority(folder: Path, *, now: datetime) -> Authority:
    """The root in `folder`, made when it is missing. No clock ever replaces it: phones have it."""
    folder.mkdir(parents=True, exist_ok=True)
    key = _key(folder / ROOT_KEY)
    found = _read(folder / ROOT)
    if found is not None and found.public_key() == key.public_key() and vouches(found, found):
        return Authority(found, key)
    made = root(key, now)
    write_private(folder / ROOT, made.certificate.public_bytes(_PEM))
    return made


def keep_cross(folder: Path, certificate: x509.Certificate) -> bool:
    """Serve from now on that somebody above vouches for this stall's authority; False when it is about another's."""
    key = _key(folder / ROOT_KEY)
    if certificate.public_key() != key.public_key():
        return False
    if _read(folder / CROSS) != certificate:
        write_private(folder / CROSS, certificate.public_bytes(_PEM))
    return True


def _vouched(folder: Path, authority: Authority) -> list[x509.Certificate]:
    found = _read(folder / CROSS)
    here = authority.certificate
    same = found and found.public_key() == here.public_key() and found.subject == here.subject
    return [found] if found and same else []


def _awake(now: datetime, last: x509.Certificate | None) -> datetime:
    """A clock from before this program is wrong for certain; the last certificate knows a better time."""
    return last.not_valid_before_utc + BEHIND if last and now < PROGRAM_DATE else now


def _still_good(certificate: x509.Certificate, authority: Authority, addresses: set[str], now: datetime) -> bool:
    at = moment(authority, now)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc - RENEW_BEFORE:
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    numbers = {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    return addresses <= numbers and set(NAMES) <= set(names.get_values_for_type(x509.DNSName))


def _read(path: Path) -> x509.Certificate | None:
    with contextlib.suppress(OSError, ValueError):
        return x509.load_pem_x509_certificate(path.read_bytes())
    return None


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key in the file; a new one where there is no file or no key in it. A disk that will not say raises OSError:
    the key that phones trust is never thrown away for one bad read."""
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    made = ec.generate_private_key(ec.SECP256R1())
    write_private(path, made.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return made
