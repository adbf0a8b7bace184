"""The stall's own certificate, made out of the box. Knows X.509; refuses to know who trusts it.

It lets a phone open the counter behind the browser's warning; nobody else vouches for it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "pasar.home.arpa")
# Apple and the public authorities refuse longer ones; the first 30 days lie in the past for clocks that are behind.
LIFE, BEHIND, RENEW_BEFORE = timedelta(days=397), timedelta(days=30), timedelta(days=120)
# A Pi has no clock battery and may wake up in 1970: no certificate is older than this program.
PROGRAM_DATE = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OwnCertificate:
    """Two PEM files and what two people compare: the SHA-256 of the certificate in pairs of hex digits."""

    certificate: Path
    key: Path
    fingerprint: str
    not_after: datetime


def own_certificate(folder: Path, addresses: Collection[str], *, now: datetime) -> OwnCertificate:
    """The certificate in `folder`, made or renewed when it is missing, damaged, ending within 120 days, or lacks
    one of `addresses`. The key is kept through renewals; its file is readable by the owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    cert_path, key_path = folder / "pasar-cert.pem", folder / "pasar-key.pem"
    wanted = {"127.0.0.1", *addresses}
    found = _read(cert_path)
    key = _read_key(key_path)
    if found is None or key is None or found.public_key() != key.public_key() or not _still_good(found, wanted, now):
        key = key or ec.generate_private_key(ec.SECP256R1())
        found = _sign(key, wanted, max(now, PROGRAM_DATE))
        _write(key_path, key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        _write(cert_path, found.public_bytes(_PEM))
    mark = found.fingerprint(hashes.SHA256()).hex(":").upper()
    return OwnCertificate(cert_path, key_path, mark, found.not_valid_after_utc)


_PEM = serialization.Encoding.PEM


def _sign(key: ec.EllipticCurvePrivateKey, addresses: set[str], now: datetime) -> x509.Certificate:
    # The common name must not look like a host name: name constraints would be applied to it.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gerai Pasar Pelayanan Publik")])
    numbers = [x509.IPAddress(ipaddress.ip_address(text)) for text in sorted(addresses)]
    names = x509.SubjectAlternativeName([*map(x509.DNSName, NAMES), *numbers])
    start = (now - BEHIND).replace(microsecond=0)
    draft = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start + LIFE)
    usage = dict.fromkeys(_USAGES, False) | {"digital_signature": True}
    for extension, critical in (
        (names, False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.KeyUsage(**usage), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ):
        draft = draft.add_extension(extension, critical)
    return draft.sign(key, hashes.SHA256())


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _still_good(certificate: x509.Certificate, addresses: set[str], now: datetime) -> bool:
    if not certificate.not_valid_before_utc <= max(now, PROGRAM_DATE) <= certificate.not_valid_after_utc - RENEW_BEFORE:
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return addresses <= {str(each) for each in names.get_values_for_type(x509.IPAddress)}


def _read(path: Path) -> x509.Certificate | None:
    with contextlib.suppress(OSError, ValueError):
        return x509.load_pem_x509_certificate(path.read_bytes())
    return None


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        return key if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return None


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
