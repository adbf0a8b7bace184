"""Knows the key pair of each operator to which phones seal; refuses to know what is sealed, and sessions.

The private half is stored only wrapped under the operator's pass-phrase, and opened into memory at sign-in.
"""

import hashlib
import hmac
import os
import threading
import weakref
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import ForeignKey, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan.problems import Refused
from offline_db.base import Base, reading, writing
from offline_db.models import run, table
from sync.canonical import encode

_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_CURVE = ec.SECP256R1()
_NONCE = 12


class PhoneKeyRow(Base):
    """An operator's pair; `secret` makes the text by which a phone may deliver without being signed in."""

    __tablename__ = "phone_key"
    key: Mapped[str] = mapped_column(primary_key=True)
    operator: Mapped[str] = mapped_column(ForeignKey("operator.name", ondelete="CASCADE"), unique=True)
    public: Mapped[bytes]
    wrapped: Mapped[bytes]
    secret: Mapped[bytes]


@dataclass(frozen=True)
class Kit:
    """What a phone takes along: to whom it seals, and by what it may deliver."""

    operator: str
    key_id: str
    public: bytes
    permit: str

    @property
    def public_text(self) -> str:
        """The public half as base64url: an uncompressed point of 65 bytes."""
        return _spelled(self.public)


class PhoneKey:
    """An operator's opened key. It dies in a forked child, like every key."""

    def __init__(self, key_id: str, operator: str, private: ec.EllipticCurvePrivateKey) -> None:
        self.id, self.operator = key_id, operator
        self._private: ec.EllipticCurvePrivateKey | None = private
        _LIVING.add(self)

    def open(self, sealed: bytes, parcel: str) -> bytes:
        """Return what a phone sealed as this parcel. Raises Refused("parcel_unreadable" | "parcel_key_gone")."""
        if self._private is None:
            raise Refused("parcel_key_gone")
        try:
            return _SUITE.decrypt(sealed, self._private, info=seal_info(self.id, parcel))
        except (InvalidTag, ValueError) as error:
            raise Refused("parcel_unreadable") from error

    def wipe(self) -> None:
        """Forget the private half."""
        self._private = None


class PhoneKeys:
    """The opened keys of one process, for the day they were opened on. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day, self._open = "", dict[str, PhoneKey]()

    def unlock(self, operator: str, kek: bytes, day: str) -> None:
        """The pass-phrase was given: open the operator's key, made now if there is none. Raises Refused disk_*.

        `day` names the day (its shift key); what was opened on another one is forgotten.
        """
        with self._lock:
            if self._day != day:
                self._forget()
                self._day = day
            self._open[operator] = _opened(operator, kek) or _made(operator, kek)

    def of(self, operator: str) -> PhoneKey | None:
        """The operator's key, if the pass-phrase was given here today."""
        return self._open.get(operator)

    def forget(self) -> None:
        """The day is closed: what phones deliver from here on waits, sealed."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        for key in self._open.values():
            key.wipe()
        self._open = {}


def seal_info(key_id: str, parcel: str) -> bytes:
    """What binds a sealed parcel to its key and its own name (`info` of RFC 9180)."""
    return f"pasar parcel 1 {key_id} {parcel}".encode()


def kit(operator: str) -> Kit:
    """Return what the operator's phone needs. Raises Refused("parcel_key_gone") before the first sign-in."""
    with reading() as session:
        row = session.scalar(select(PhoneKeyRow).where(PhoneKeyRow.operator == operator))
    if row is None:
        raise Refused("parcel_key_gone")
    return Kit(operator, row.key, row.public, _permit(row))


def check_permit(key_id: str, permit: str) -> str:
    """Return whose key it is. Raises Refused("parcel_key_gone" | "parcel_not_ours")."""
    with reading() as session:
        row = session.get(PhoneKeyRow, key_id)
    if row is None:
        raise Refused("parcel_key_gone")
    if not hmac.compare_digest(_permit(row).encode(), permit.encode("utf-8", "replace")):
        raise Refused("parcel_not_ours")
    return row.operator


def forget_key(session: Session, operator: str) -> None:
    """The pass-phrase was reset: nobody opens what was sealed to the old key."""
    run(session, delete(table(PhoneKeyRow)).where(PhoneKeyRow.operator == operator))


def _opened(operator: str, kek: bytes) -> PhoneKey | None:
    with reading() as session:
        row = session.scalar(select(PhoneKeyRow).where(PhoneKeyRow.operator == operator))
    if row is None:
        return None
    sealed, context = row.wrapped, _wrap_context(operator, row.key)
    try:
        number = ChaCha20Poly1305(_wrapping(kek)).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except InvalidTag:
        return None
    return PhoneKey(row.key, operator, ec.derive_private_key(int.from_bytes(number, "big"), _CURVE))


def _made(operator: str, kek: bytes) -> PhoneKey:
    private = ec.generate_private_key(_CURVE)
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key_id, nonce = hashlib.sha256(public).hexdigest()[:16], os.urandom(_NONCE)
    number = private.private_numbers().private_value.to_bytes(32, "big")
    wrapped = nonce + ChaCha20Poly1305(_wrapping(kek)).encrypt(nonce, number, _wrap_context(operator, key_id))
    row = {"key": key_id, "operator": operator, "public": public, "wrapped": wrapped, "secret": os.urandom(32)}
    with writing() as session:
        forget_key(session, operator)
        run(session, insert(table(PhoneKeyRow)), row)
    return PhoneKey(key_id, operator, private)


def _permit(row: PhoneKeyRow) -> str:
    made = hmac.digest(row.secret, f"pasar/permit/1 {row.key}".encode(), "sha256")
    return _spelled(made)


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _wrapping(kek: bytes) -> bytes:
    return hmac.digest(kek, b"pasar/phone-key/1", "sha256")


def _wrap_context(operator: str, key_id: str) -> bytes:
    return encode(["pasar/phone-key/1", operator, key_id])


_LIVING: "weakref.WeakSet[PhoneKey]" = weakref.WeakSet()


def _wipe_all() -> None:
    for key in list(_LIVING):
        key.wipe()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_wipe_all)
