"""Knows how a stall and headquarters come to know each other by a one-time code; refuses to know who carries it.

The secret half of the code never travels: both sides prove by HMAC that they hold it, and two people compare
a fingerprint of the three public keys.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from layanan.problems import Refused
from sync.canonical import encode
from sync.entry import number, text
from sync.keys import VerifyKey, grouped, verify_key

MOST_EPOCHS = 1_000_000
"""A stall that enrols every hour for a century stays below."""

_SAME = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_LETTERS = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@dataclass(frozen=True)
class Grant:
    """What headquarters gives a stall's device: whose it is, under which epoch, and what its receipts say.

    `label` is unique for each (device, epoch) and begins every series number; `week` is 5 or 6 working days.
    """

    hq: str
    incarnation: int
    sign_public: bytes
    seal_public: bytes
    stall: str
    stall_name: str
    place: str
    label: str
    device: str
    epoch: int
    zone: str
    status_url: str
    week: int
    complaint: str
    official_domain: str
    phone: str
    privacy_contact: str

    def to_fields(self) -> dict[str, Any]:
        """Return the grant as plain values (keys in base64)."""
        return {name: b64encode(value).decode() if isinstance(value, bytes) else value for name, value in _named(self)}

    @classmethod
    def from_fields(cls, given: Mapping[str, Any]) -> "Grant":
        """Return the grant of plain values; unknown ones are left out. Raises Refused("sync_malformed")."""
        try:
            return cls(**{one.name: _READERS[one.type](given[one.name]) for one in fields(cls)})
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("sync_malformed") from error


def new_code(random_bytes: bytes) -> str:
    """Return a code `ABCD-EFGH-JKMN-PQRS` of ten random bytes: four characters of name, twelve of secret."""
    if len(random_bytes) != 10:
        raise ValueError("ten random bytes make a code")
    return grouped(random_bytes, 16)


def read_code(code: str) -> tuple[str, str]:
    """Return (name, secret) of a code as a person typed it. Raises Refused("enrolment_code_wrong")."""
    letters = "".join(one for one in code.upper() if one.isalnum()).translate(_SAME)
    if len(letters) != 16 or not _LETTERS.issuperset(letters):
        raise Refused("enrolment_code_wrong")
    return letters[:4], letters[4:]


def request(code: str, device_public: VerifyKey, nonce: bytes, epoch: int = 0) -> dict[str, Any]:
    """Return what the stall sends: the code's name, its public key and the proof that it holds the secret.

    `epoch`, what it was granted before, stands beside the proof: a headquarters that knows nothing of it still
    checks the rest, and all a forger gains is a higher number.
    """
    name, _ = read_code(code)
    body = {"version": 1, "id": name, "public": b64encode(bytes(device_public)).decode(), "nonce": nonce.hex()}
    return {**body, "proof": _proof(code, "request", body), **({"epoch": epoch} if epoch else {})}


def epoch_before(body: Mapping[str, Any]) -> int:
    """Return the epoch a device says it had; 0 when it says nothing that can be meant."""
    said = body.get("epoch", 0)
    return said if type(said) is int and 0 <= said <= MOST_EPOCHS else 0


def verify_request(code: str, body: Mapping[str, Any]) -> VerifyKey:
    """Return the device's key when its request proves the code. Raises Refused("enrolment_code_wrong")."""
    named = {name: body.get(name) for name in ("version", "id", "public", "nonce")}
    public = named["public"]
    if not _matches(body.get("proof"), _proof(code, "request", named)) or not isinstance(public, str):
        raise Refused("enrolment_code_wrong")
    try:
        return verify_key(b64decode(public, validate=True))
    except ValueError as error:
        raise Refused("enrolment_code_wrong") from error


def answer(code: str, asked: Mapping[str, Any], grant: Grant) -> dict[str, Any]:
    """Return what headquarters answers: the grant, bound to this very request by the code's secret."""
    given = grant.to_fields()
    return {"grant": given, "proof": _proof(code, "answer", [asked["public"], asked["nonce"], given])}


def read_answer(code: str, asked: Mapping[str, Any], body: Mapping[str, Any]) -> Grant:
    """Return the grant of a genuine answer to `asked`. Raises Refused("enrolment_forged" | "sync_malformed")."""
    given = body.get("grant")
    if not _matches(body.get("proof"), _proof(code, "answer", [asked["public"], asked["nonce"], given])):
        raise Refused("enrolment_forged")
    if not isinstance(given, dict):
        raise Refused("sync_malformed")
    return Grant.from_fields(given)


def _proof(code: str, step: str, said: Any) -> str:
    return hmac.digest(read_code(code)[1].encode(), encode([f"pasar/enrol/{step}/1", said]), "sha256").hex()


def _matches(given: object, right: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), right.encode())


def _named(grant: Grant) -> list[tuple[str, Any]]:
    return list(asdict(grant).items())


def _bytes(value: Any) -> bytes:
    return b64decode(text(value), validate=True)


_READERS: Mapping[Any, Any] = {bytes: _bytes, int: number, str: text}
