"""Knows how personal parts are sealed at the stall and opened at headquarters; refuses to know what is in them.

A shift key lives in memory, is sealed once to headquarters (HPKE, RFC 9180) and seals every personal part
(ChaCha20-Poly1305, RFC 8439). A key that was opened again after a restart opens, and never seals.
"""

import hashlib
import hmac
import os
import threading
import weakref

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from layanan.problems import Refused
from sync.canonical import encode, spell
from sync.keys import SealingKey, SealingPublic
from sync.words import normal

CAPSULE_SIZE = 80
SALT_SIZE = 16
ATTACHMENT_OVERHEAD = 20
"""Bytes by which a sealed scan is longer than the scan: its counter and its tag."""
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_LAST_COUNTER = 2**32 - 1


class OpenKey:
    """A shift key that opens parts and makes MACs. It dies in a forked child: two processes never share one."""

    def __init__(self, secret: bytes, hq_id: str, device: str) -> None:
        self.id = _key_name(secret)
        self.hq_id = hq_id
        self.device = device
        self._secret: bytearray | None = bytearray(secret)
        self._cipher: ChaCha20Poly1305 | None = ChaCha20Poly1305(_derived(secret, "seal"))
        _LIVING.add(self)

    def wipe(self) -> None:
        """Forget the key; whatever is asked afterwards is Refused("shift_key_gone")."""
        if self._secret is not None:
            self._secret[:] = bytes(len(self._secret))
        self._secret = self._cipher = None

    def open(self, sealed: bytes, *, record: str, entry: str, part: str) -> bytes:
        """Return the plain part. Raises Refused("sealed_unreadable" | "shift_key_gone")."""
        if self._cipher is None:
            raise Refused("shift_key_gone")
        try:
            return self._cipher.decrypt(bytes(8) + sealed[:4], sealed[4:], self._context(record, entry, part))
        except (InvalidTag, ValueError) as error:
            raise Refused("sealed_unreadable") from error

    def mac(self, message: bytes) -> bytes:
        """Return a 32-byte MAC by which equal forms are known for a day, and no longer than the key lives."""
        return hmac.digest(_derived(self._alive(), "mac"), message, "sha256")

    def wrap(self, kek: bytes) -> bytes:
        """Return the key wrapped under a pass-phrase's key: 12-byte random nonce, ciphertext, tag."""
        nonce = os.urandom(12)
        return nonce + ChaCha20Poly1305(kek).encrypt(nonce, self._alive(), _wrap_context(self.hq_id, self.id))

    def seal_slip(self, plain: bytes, *, record: str, entry: str) -> bytes:
        """Return random nonce (12 bytes), ciphertext and tag of what headquarters tells the stall of a person.

        Slips have a key of their own, so their nonces cannot meet those of the parts the stall seals.
        """
        nonce = os.urandom(12)
        cipher = ChaCha20Poly1305(_derived(self._alive(), "slip"))
        return nonce + cipher.encrypt(nonce, plain, self._context(record, entry, "slip"))

    def open_slip(self, sealed: bytes, *, record: str, entry: str) -> bytes:
        """Return what a slip says. Raises Refused("sealed_unreadable" | "shift_key_gone")."""
        cipher = ChaCha20Poly1305(_derived(self._alive(), "slip"))
        try:
            return cipher.decrypt(sealed[:12], sealed[12:], self._context(record, entry, "slip"))
        except (InvalidTag, ValueError) as error:
            raise Refused("sealed_unreadable") from error

    def open_attachment(self, sealed: bytes | bytearray, *, record: str) -> bytes:
        """Return a scan as it was before `seal_attachment`. Raises Refused("sealed_unreadable" | "shift_key_gone")."""
        cipher = ChaCha20Poly1305(_derived(self._alive(), "attachment"))
        whole = memoryview(sealed)
        try:
            return cipher.decrypt(bytes(8) + bytes(whole[:4]), whole[4:], self._attachment_context(record))
        except (InvalidTag, ValueError) as error:
            raise Refused("sealed_unreadable") from error

    def _alive(self) -> bytes:
        if self._secret is None:
            raise Refused("shift_key_gone")
        return bytes(self._secret)

    def _context(self, record: str, entry: str, part: str) -> bytes:
        return spell(["pasar/part/1", self.hq_id, self.id, record, entry, part])

    def _attachment_context(self, record: str) -> bytes:
        return encode(["pasar/attachment/1", self.hq_id, self.id, record])


class ShiftKey(OpenKey):
    """The key of one process of one shift: made here, never read back, so its nonces are never used twice."""

    def __init__(self, secret: bytes, hq_id: str, hq_public: SealingPublic, device: str) -> None:
        super().__init__(secret, hq_id, device)
        self.capsule = _SUITE.encrypt(secret, hq_public.key, info=_capsule_info(hq_id, device, self.id))
        self._lock = threading.Lock()
        self._counter = 0

    @classmethod
    def new(cls, hq_id: str, hq_public: SealingPublic, device: str) -> "ShiftKey":
        """Return a new random key whose `capsule` (80 bytes) only headquarters can open."""
        return cls(os.urandom(32), hq_id, hq_public, device)

    @staticmethod
    def unwrap(wrapped: bytes, kek: bytes, *, hq_id: str, device: str, key_id: str) -> OpenKey:
        """Return a wrapped key for opening only. Raises Refused("sealed_unreadable")."""
        try:
            secret = ChaCha20Poly1305(kek).decrypt(wrapped[:12], wrapped[12:], _wrap_context(hq_id, key_id))
        except (InvalidTag, ValueError) as error:
            raise Refused("sealed_unreadable") from error
        return OpenKey(secret, hq_id, device)

    def seal(self, plain: bytes, *, record: str, entry: str, part: str) -> bytes:
        """Return counter (4 bytes), ciphertext and tag, bound to its record, entry and part.

        The counter advances before anything is sealed and never goes back; a part that is sealed and thrown
        away costs a number. Raises Refused("shift_key_gone") after a fork, a wipe or 2**32 parts.
        """
        cipher = self._cipher
        if cipher is None:
            raise Refused("shift_key_gone")
        nonce = self._next_nonce()
        return nonce + cipher.encrypt(bytes(8) + nonce, plain, self._context(record, entry, part))

    def seal_attachment(self, plain: bytes, *, record: str) -> bytearray:
        """Return counter (4 bytes), ciphertext and tag of a scan, bound to its record, under a key of its own.

        Numbers come out of the one counter of `seal`; there is one copy in memory beside `plain`. Raises as `seal`.
        """
        cipher = ChaCha20Poly1305(_derived(self._alive(), "attachment"))
        nonce = self._next_nonce()
        sealed = bytearray(ATTACHMENT_OVERHEAD + len(plain))
        sealed[:4] = nonce
        cipher.encrypt_into(bytes(8) + nonce, plain, self._attachment_context(record), memoryview(sealed)[4:])
        return sealed

    def _next_nonce(self) -> bytes:
        with self._lock:
            self._counter += 1
            counter = self._counter
        if counter > _LAST_COUNTER:
            raise Refused("shift_key_gone")
        return counter.to_bytes(4, "big")


def open_capsule(capsule: bytes, private: SealingKey, hq_id: str, device: str, key_id: str) -> OpenKey:
    """Return the shift key of a capsule, at headquarters. Raises Refused("sealed_unreadable")."""
    try:
        secret = _SUITE.decrypt(capsule, private.key, info=_capsule_info(hq_id, device, key_id))
    except (InvalidTag, ValueError) as error:
        raise Refused("sealed_unreadable") from error
    if len(secret) != 32 or _key_name(secret) != key_id:
        raise Refused("sealed_unreadable")
    return OpenKey(secret, hq_id, device)


def passphrase_key(phrase: str, salt: bytes) -> tuple[bytes, bytes]:
    """Return (verifier, wrapping key), 32 bytes each, of a pass-phrase; the first tells nothing of the second.

    Argon2id (RFC 9106) with 64 MiB, two passes, one lane: a guess costs an attacker's machine as much as ours,
    and a Raspberry Pi 3 still answers in about a second. `salt` has 16 random bytes, one per person.
    """
    derive = Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=64 * 1024)
    root = derive.derive(normal(phrase).encode())
    return _derived(root, "verifier"), _derived(root, "wrap")


def sealed_hash(sealed: bytes | bytearray) -> str:
    """Return the hash by which an entry names its sealed part: SHA-256 of the ciphertext, hex."""
    return hashlib.sha256(sealed).hexdigest()


def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, f"pasar/{purpose}/1".encode(), "sha256")


def _key_name(secret: bytes) -> str:
    return _derived(secret, "name").hex()[:16]


def _capsule_info(hq_id: str, device: str, key_id: str) -> bytes:
    return encode(["pasar/capsule/1", hq_id, device, key_id])


def _wrap_context(hq_id: str, key_id: str) -> bytes:
    return encode(["pasar/wrap/1", hq_id, key_id])


_LIVING: "weakref.WeakSet[OpenKey]" = weakref.WeakSet()


def _wipe_all() -> None:
    for key in list(_LIVING):
        key.wipe()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_wipe_all)
