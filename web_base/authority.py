"""Authorities whose certificates can speak for stalls only. Knows X.509 and its name constraints.

Refuses to know files and the clock. A phone that trusts one of these roots has trusted nobody for any other site.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "pasar.home.arpa", "pasar.local")
NETWORKS = tuple(
    map(ipaddress.IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"))
)
# A Pi has no clock battery and may wake up in 1970: no certificate is older than this program.
PROGRAM_DATE = datetime(2026, 11, 1, tzinfo=UTC)
FIRST = datetime(2026, 10, 2, tzinfo=UTC)
"""When every root begins, whatever the clock said; it does not move with the program."""
# Apple and the public authorities refuse longer leaves; the first 30 days lie in the past for clocks that are behind.
LEAF_LIFE, BEHIND, ROOT_LIFE = timedelta(days=397), timedelta(days=30), timedelta(days=3650)
# A clock further ahead than this is not believed: a root that begins or ends with it would be of no use today.
FAR = timedelta(days=3650)
STALL, HEADQUARTERS = "Gerai Pasar Pelayanan Publik", "MPP Pasar Pelayanan Publik"


@dataclass(frozen=True)
class Authority:
    """A certificate that may sign others, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def permitted(address: str) -> bool:
    """Whether a certificate of ours may speak for this address: it belongs to this machine or to a local network."""
    return any(ipaddress.ip_address(address) in network for network in NETWORKS)


def root(key: ec.EllipticCurvePrivateKey, now: datetime, *, who: str = STALL, path_length: int = 0) -> Authority:
    """A root of ten years that nobody else vouches for. The same key gives the same name, so whoever trusts an older
    certificate of it trusts this one; the same key and time give the same bytes, so it need not be kept."""
    until = min(max(now, PROGRAM_DATE), PROGRAM_DATE + FAR) + ROOT_LIFE
    name = _name(key.public_key(), who)
    draft = _drafted(name, name, key.public_key(), FIRST, until, _serial(key.public_key(), until, path_length))
    signed = _as_authority(draft, key.public_key(), path_length).sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return Authority(signed, key)


def cross(parent: Authority, key: ec.EllipticCurvePublicKey) -> x509.Certificate:
    """Vouch for a stall's authority: it signs leaves itself, and whoever trusts `parent` trusts them."""
    above = parent.certificate
    draft = _drafted(above.subject, _name(key, STALL), key, above.not_valid_before_utc, above.not_valid_after_utc)
    return _as_authority(draft, key, 0).add_extension(_of(parent), critical=False).sign(parent.key, hashes.SHA256())


def leaf(
    parent: Authority, key: ec.EllipticCurvePublicKey, addresses: Collection[str], now: datetime
) -> x509.Certificate:
    """A certificate of 397 days for the stall's names and those `addresses` that lie inside the constraints."""
    # The common name must not look like a host name: name constraints would be applied to it.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, STALL)])
    numbers = [x509.IPAddress(ipaddress.ip_address(text)) for text in sorted(addresses) if permitted(text)]
    start = (moment(parent, now) - BEHIND).replace(microsecond=0)
    draft = _drafted(parent.certificate.subject, name, key, start, start + LEAF_LIFE)
    for extension, critical in (
        (x509.SubjectAlternativeName([*map(x509.DNSName, NAMES), *numbers]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (_of(parent), False),
    ):
        draft = draft.add_extension(extension, critical)
    return draft.sign(parent.key, hashes.SHA256())


def moment(parent: Authority, now: datetime) -> datetime:
    """The time to sign for: never before this program, never so late that a leaf would outlive its authority."""
    return max(PROGRAM_DATE, min(now, parent.certificate.not_valid_after_utc - LEAF_LIFE + BEHIND))


def vouches(above: x509.Certificate, below: x509.Certificate) -> bool:
    """Whether `above` has signed `below`."""
    try:
        below.verify_directly_issued_by(above)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def fingerprint(certificate: x509.Certificate) -> str:
    """What two people compare: the SHA-256 of a certificate in pairs of hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def groups(mark: str) -> tuple[str, ...]:
    """A fingerprint as four lines of sixteen digits, in fours: what eyes can follow from a phone to a label."""
    digits = mark.replace(":", "")
    fours = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return tuple(" ".join(fours[at : at + 4]) for at in range(0, len(fours), 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as the 65 bytes of its point."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def common_name(certificate: x509.Certificate) -> str:
    """The name a phone shows in its list."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _name(key: ec.EllipticCurvePublicKey, who: str) -> x509.Name:
    """A name of its own for each key, so that a phone which trusts two stalls tells them apart."""
    mark = sha256(point(key)).hexdigest()[:8].upper()
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{who} {mark[:4]} {mark[4:]}")])


def _drafted(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    start: datetime,
    end: datetime,
    number: int = 0,
) -> x509.CertificateBuilder:
    number = number or x509.random_serial_number()
    return x509.CertificateBuilder(issuer, subject, key, number, start, end.replace(microsecond=0))


def _serial(key: ec.EllipticCurvePublicKey, until: datetime, path_length: int) -> int:
    """Of everything that can differ between two roots of one key: two certificates never share name and number."""
    said = [until.isoformat(), str(path_length), *NAMES, *map(str, NETWORKS)]
    return int.from_bytes(sha256(point(key) + "\n".join(said).encode()).digest()[:16]) | 1


def _as_authority(
    draft: x509.CertificateBuilder, key: ec.EllipticCurvePublicKey, path_length: int
) -> x509.CertificateBuilder:
    allowed = x509.NameConstraints([*map(x509.DNSName, NAMES), *map(x509.IPAddress, NETWORKS)], None)
    for extension, critical in (
        (allowed, True),
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage("key_cert_sign"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
    ):
        draft = draft.add_extension(extension, critical)
    return draft


def _of(parent: Authority) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(parent.key.public_key())


def _usage(allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**(dict.fromkeys(_USAGES, False) | {allowed: True}))


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
