"""Knows headquarters' secret keys, where they lie and how the recovery phrase wraps them; refuses to know their use.

Two files in the data folder, both readable by the owner only: `keys.json` in the clear for the running server, and
`keys.wrapped.json`, the same under the recovery phrase, which every backup takes along.
"""

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from layanan.problems import Refused
from sync.keys import SealingKey, SigningKey
from sync.seal import SALT_SIZE, passphrase_key

_PLAIN = "keys.json"
_WRAPPED = "keys.wrapped.json"
_CONTEXT = b"mpp/keys/1"
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ROOT_BYTES = 48
"""A third more than the order has, so that the remainder favours no key."""


@dataclass(frozen=True)
class KeyRing:
    """All secrets of one headquarters.

    `sealing` is newest first; old ones still open what was sealed to them. `former` are signing keys of before, newest
    first: stalls that have not read of the change are answered with theirs. `retired` names those no stall that has
    read so believes. `announced`: every stall's log says all of this.
    """

    hq: str
    signing: SigningKey
    sealing: tuple[SealingKey, ...]
    search: bytes
    cookie: bytes
    former: tuple[SigningKey, ...] = ()
    retired: tuple[str, ...] = ()
    announced: bool = True

    @classmethod
    def new(cls) -> "KeyRing":
        """Return new random keys for a new headquarters."""
        search, cookie = secrets.token_bytes(32), secrets.token_bytes(32)
        return cls(secrets.token_hex(8), SigningKey.new(), (SealingKey.new(),), search, cookie)

    def rotated(self, *, signing: bool = True, sealing: bool = False) -> "KeyRing":
        """Return this ring with new random keys in front, not announced yet."""
        ring = replace(self, announced=False)
        if signing:
            ring = replace(ring, signing=SigningKey.new(), former=(self.signing, *self.former))
        return replace(ring, sealing=(SealingKey.new(), *self.sealing)) if sealing else ring

    def retiring(self, key_id: str) -> "KeyRing":
        """Return this ring with a former key retired, not announced yet. Raises Refused("hq_key_unknown")."""
        if key_id not in {key.id for key in self.former}:
            raise Refused("hq_key_unknown")
        return replace(self, retired=tuple(dict.fromkeys((*self.retired, key_id))), announced=False)

    def follows(self, older: "KeyRing") -> bool:
        """Say whether this is a later ring of the same keys."""
        held = {key.id for key in self.former} | {key.id for key in self.sealing[1:]}
        return older.signing.id in held or older.sealing[0].id in held

    def told(self) -> "KeyRing":
        """Return this ring, once every stall's log says all of it."""
        return replace(self, announced=True)

    def person_key(self, nik: str) -> str:
        """Return what stands for a NIK in the database: HMAC-SHA-256 under a secret that is not in it."""
        return hmac.digest(self.search, b"mpp/person/1" + nik.encode(), "sha256").hex()

    def root_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key of the root that vouches for stalls' authorities: drawn from a secret that no rotation
        changes, so that every backup there is holds it."""
        seed = HKDF(SHA256(), _ROOT_BYTES, None, b"mpp/authority/1").derive(self.search)
        return ec.derive_private_key(1 + int.from_bytes(seed) % (_P256_ORDER - 1), ec.SECP256R1())

    def to_json(self) -> bytes:
        """Return the secrets as text for a file."""
        return json.dumps(
            {
                "hq": self.hq,
                "signing": bytes(self.signing).hex(),
                "sealing": [bytes(key).hex() for key in self.sealing],
                "search": self.search.hex(),
                "cookie": self.cookie.hex(),
                "former": [bytes(key).hex() for key in self.former],
                "retired": list(self.retired),
                "announced": self.announced,
            }
        ).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> "KeyRing":
        """Return the keys of `to_json`."""
        given: Mapping[str, Any] = json.loads(raw)
        return cls(
            given["hq"],
            SigningKey(bytes.fromhex(given["signing"])),
            tuple(SealingKey(bytes.fromhex(key)) for key in given["sealing"]),
            bytes.fromhex(given["search"]),
            bytes.fromhex(given["cookie"]),
            tuple(SigningKey(bytes.fromhex(key)) for key in given.get("former", ())),
            tuple(given.get("retired", ())),
            given.get("announced", True),
        )


def wrapped(ring: KeyRing, phrase: str) -> bytes:
    """Return the keys under the recovery phrase (Argon2id, then ChaCha20-Poly1305), as text for a file."""
    salt, nonce = os.urandom(SALT_SIZE), os.urandom(12)
    box = ChaCha20Poly1305(passphrase_key(phrase, salt)[1]).encrypt(nonce, ring.to_json(), _CONTEXT)
    return json.dumps({"hq": ring.hq, "salt": salt.hex(), "nonce": nonce.hex(), "box": box.hex()}).encode()


def unwrapped(raw: bytes, phrase: str) -> KeyRing:
    """Return the keys of `wrapped`. Raises Refused("phrase_wrong" | "backup_damaged")."""
    try:
        given = {name: bytes.fromhex(value) for name, value in json.loads(raw).items()}
        cipher = ChaCha20Poly1305(passphrase_key(phrase, given["salt"])[1])
        return KeyRing.from_json(cipher.decrypt(given["nonce"], given["box"], _CONTEXT))
    except InvalidTag:
        raise Refused("phrase_wrong") from None
    except (ValueError, KeyError, AttributeError):
        raise Refused("backup_damaged") from None


def save_keys(folder: Path, ring: KeyRing, wrapped_ring: bytes) -> None:
    """Write both files; each is the old or the new one whole, whatever happens, and on the disk when this returns."""
    _write_private(folder / _WRAPPED, wrapped_ring)
    _write_private(folder / _PLAIN, ring.to_json())


def load_keys(folder: Path) -> KeyRing:
    """Return the keys of a data folder. Raises Refused("hq_not_initialised")."""
    try:
        return KeyRing.from_json((folder / _PLAIN).read_bytes())
    except FileNotFoundError:
        raise Refused("hq_not_initialised") from None


def stamp(folder: Path) -> tuple[int, int]:
    """Return what changes whenever the keys of a data folder are written. Raises Refused("hq_not_initialised")."""
    try:
        here = (folder / _PLAIN).stat()
    except FileNotFoundError:
        raise Refused("hq_not_initialised") from None
    return here.st_mtime_ns, here.st_ino


def load_wrapped(folder: Path) -> bytes:
    """Return the keys as the recovery phrase wraps them. Raises Refused("hq_not_initialised")."""
    try:
        return (folder / _WRAPPED).read_bytes()
    except FileNotFoundError:
        raise Refused("hq_not_initialised") from None


def has_keys(folder: Path) -> bool:
    """Say whether the folder belongs to a headquarters already."""
    return (folder / _PLAIN).exists()


def _write_private(path: Path, raw: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    if os.name != "nt":
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
