"""The operator's pair: wrapped under the pass-phrase, gone with a reset and a fork, and HPKE as it is published."""

import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from layanan.problems import Refused
from offline_db.base import checkpoint, file_path
from offline_db.operators import add_operator, check_passphrase, reset_operator
from offline_db.phone_key import PhoneKeys, check_permit, kit, seal_info

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
PARCEL = "3b241101-e2bb-4255-8caf-4136c566a962"
# RFC 9180, A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base setup, sequence number 0.
EPHEMERAL = "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb"
RECEIVER = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"
INFO, PLAIN, COUNT = b"Ode on a Grecian Urn", b"Beauty is truth, truth beauty", b"Count-0"
ENC = (
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
    "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
)
CIPHERTEXT = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"


def private(number: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(number, 16), ec.SECP256R1())


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    told = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, told + b"\1", "sha256")[:length]


def by_the_book(plain: bytes, to: ec.EllipticCurvePublicKey, ephemeral: ec.EllipticCurvePrivateKey, **more: bytes):
    """Seal in base mode, written from the RFC with nothing but HMAC, ECDH and AES-GCM."""
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x01"
    enc = point(ephemeral.public_key())
    shared = extract(kem, b"", b"eae_prk", ephemeral.exchange(ec.ECDH(), to))
    shared = expand(kem, shared, b"shared_secret", enc + point(to), 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", more["info"])
    secret = extract(suite, shared, b"secret", b"")
    key, nonce = (expand(suite, secret, name, context, size) for name, size in ((b"key", 16), (b"base_nonce", 12)))
    return enc, AESGCM(key).encrypt(nonce, plain, more["aad"])


def test_the_published_vector_and_what_the_stall_opens_are_one_scheme():
    to, ephemeral = private(RECEIVER), private(EPHEMERAL)
    enc, sealed = by_the_book(PLAIN, to.public_key(), ephemeral, info=INFO, aad=COUNT)
    assert (enc.hex(), sealed.hex()) == (ENC, CIPHERTEXT)
    info = seal_info("0123456789abcdef", PARCEL)
    enc, sealed = by_the_book(PLAIN, to.public_key(), ephemeral, info=info, aad=b"")
    assert SUITE.decrypt(enc + sealed, to, info=info) == PLAIN


def unlocked(counter, phrase, day="hari 1"):
    keys = PhoneKeys()
    keys.unlock("Ani", check_passphrase("Ani", phrase), day)
    return keys


@pytest.fixture
def phrase(counter):
    return add_operator("Ani")


def sealed_for(key_id: str, public: bytes, parcel: str = PARCEL, plain: bytes = b"isi") -> bytes:
    to = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    return SUITE.encrypt(plain, to, info=seal_info(key_id, parcel))


def test_the_pair_is_made_once_and_only_the_pass_phrase_opens_it(counter, phrase):
    first = unlocked(counter, phrase).of("Ani")
    taken = kit("Ani")
    sealed = sealed_for(taken.key_id, taken.public)
    again = unlocked(counter, phrase).of("Ani")
    assert kit("Ani") == taken
    assert first.open(sealed, PARCEL) == again.open(sealed, PARCEL) == b"isi"
    number = first._private.private_numbers().private_value.to_bytes(32, "big")
    checkpoint()
    assert number not in file_path().read_bytes()


def test_a_parcel_is_bound_to_its_name_and_its_key(counter, phrase):
    key, taken = unlocked(counter, phrase).of("Ani"), kit("Ani")
    sealed = sealed_for(taken.key_id, taken.public)
    other = sealed_for("0" * 16, taken.public)
    for wrong, name in ((sealed, PARCEL[::-1]), (other, PARCEL), (sealed[:-1], PARCEL), (b"", PARCEL)):
        with pytest.raises(Refused, match="parcel_unreadable"):
            key.open(wrong, name)


def test_the_day_and_a_reset_take_it_out_of_memory_and_off_the_disk(counter, phrase):
    keys, taken = unlocked(counter, phrase), kit("Ani")
    key = keys.of("Ani")
    keys.unlock("Ani", check_passphrase("Ani", phrase), "hari 2")
    with pytest.raises(Refused, match="parcel_key_gone"):
        key.open(b"x", PARCEL)
    keys.forget()
    assert keys.of("Ani") is None
    assert check_permit(taken.key_id, taken.permit) == "Ani"
    fresh = reset_operator("Ani")
    with pytest.raises(Refused, match="parcel_key_gone"):
        check_permit(taken.key_id, taken.permit)
    unlocked(counter, fresh)
    assert kit("Ani").key_id != taken.key_id


def test_the_pass_fits_its_key_alone(counter, phrase):
    unlocked(counter, phrase)
    taken = kit("Ani")
    for permit in ("", taken.permit[:-1], taken.permit[::-1], hashlib.sha256(b"").hexdigest()):
        with pytest.raises(Refused, match="parcel_not_ours"):
            check_permit(taken.key_id, permit)


def test_a_forked_child_opens_nothing(counter, phrase):
    key, taken = unlocked(counter, phrase).of("Ani"), kit("Ani")
    sealed = sealed_for(taken.key_id, taken.public)
    child = os.fork()
    if child == 0:
        try:
            key.open(sealed, PARCEL)
        except Refused:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert key.open(sealed, PARCEL) == b"isi"
