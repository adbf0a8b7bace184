"""Knows the two kinds of key pairs (Ed25519 signs, X25519 seals) and their names; refuses to know who keeps them."""

import hashlib

import cryptography.hazmat.backends.openssl.backend  # noqa: F401  the first key would load it, in the middle of a sync
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from layanan.problems import Refused

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def key_id(public: bytes) -> str:
    """Return the name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


class VerifyKey:
    """An Ed25519 public key. Raises ValueError when made from anything but 32 bytes."""

    def __init__(self, public: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(public)
        self._bytes = bytes(public)
        self.id = key_id(self._bytes)

    def __bytes__(self) -> bytes:
        return self._bytes

    def verified(self, signature: bytes, message: bytes) -> bool:
        """Say whether this key's owner signed exactly this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """An Ed25519 key pair; `bytes(key)` is the 32-byte secret. Never shown by `repr`."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = VerifyKey(self._key.public_key().public_bytes_raw())
        self.id = self.public.id

    @classmethod
    def new(cls) -> "SigningKey":
        """Return a new random key pair."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def __bytes__(self) -> bytes:
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature; the caller puts a label in front that no other use shares."""
        return self._key.sign(message)


class SealingPublic:
    """An X25519 public key to seal to. Raises ValueError when made from anything but 32 bytes."""

    def __init__(self, public: bytes) -> None:
        self.key = X25519PublicKey.from_public_bytes(public)
        self._bytes = bytes(public)
        self.id = key_id(self._bytes)

    def __bytes__(self) -> bytes:
        return self._bytes


class SealingKey:
    """An X25519 key pair that opens what was sealed to it; `bytes(key)` is the 32-byte secret."""

    def __init__(self, secret: bytes) -> None:
        self.key = X25519PrivateKey.from_private_bytes(secret)
        self.public = SealingPublic(self.key.public_key().public_bytes_raw())
        self.id = self.public.id

    @classmethod
    def new(cls) -> "SealingKey":
        """Return a new random key pair."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def __bytes__(self) -> bytes:
        return self.key.private_bytes_raw()


def verify_key(public: bytes) -> VerifyKey:
    """Return the key of bytes that came from elsewhere. Raises Refused("sync_malformed")."""
    try:
        return VerifyKey(public)
    except ValueError as error:
        raise Refused("sync_malformed") from error


def grouped(raw: bytes, letters: int) -> str:
    """Return the first `letters` Crockford characters (5 bits each) of `raw` in groups of four."""
    bits = int.from_bytes(raw, "big") >> (len(raw) * 8 - letters * 5)
    text = "".join(_CROCKFORD[bits >> (5 * place) & 31] for place in reversed(range(letters)))
    return "-".join(text[at : at + 4] for at in range(0, letters, 4))


def fingerprint(*publics: bytes | VerifyKey | SealingPublic) -> str:
    """Return 80 bits that two people compare aloud, `ABCD-EFGH-JKMN-PQRS`; the order of the keys does not matter."""
    joined = b"".join(sorted(bytes(public) for public in publics))
    return grouped(hashlib.sha256(b"pasar/fingerprint/1" + joined).digest(), 16)
