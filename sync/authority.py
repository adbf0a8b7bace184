"""Knows the two entries by which a stall's certificate authority is vouched for; refuses to know X.509.

AUTHORITY is of a stall's log and names a public key; VOUCHED is of headquarters' log and answers with a certificate.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

POINT, LARGEST = 65, 4096
"""An uncompressed point of P-256; no certificate of an authority needs more."""


def asking(point: bytes) -> dict[str, str]:
    """Return the fields of an AUTHORITY entry."""
    return {"key": b64encode(point).decode()}


def asked(fields: Mapping[str, Any]) -> bytes | None:
    """Return the point an AUTHORITY entry names; None where there is none of the right shape."""
    point = _bytes(fields.get("key"))
    return point if len(point) == POINT and point[0] == 4 else None


def vouching(point: bytes, certificate: bytes) -> dict[str, str]:
    """Return the fields of a VOUCHED entry."""
    return {**asking(point), "certificate": b64encode(certificate).decode()}


def vouched(fields: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    """Return the point and the certificate (DER) of a VOUCHED entry; None where it says nothing sound."""
    point, certificate = asked(fields), _bytes(fields.get("certificate"))
    return (point, certificate) if point and 0 < len(certificate) <= LARGEST else None


def _bytes(text: Any) -> bytes:
    try:
        return b64decode(str(text), validate=True)
    except ValueError:
        return b""
