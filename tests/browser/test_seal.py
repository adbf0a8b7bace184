"""What a phone seals is HPKE: the published vector comes out, and Python opens what Chromium has sealed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.web_base.small_app import answering, make

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
# RFC 9180, A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base setup, sequence number 0.
EPHEMERAL = "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb"
RECEIVER = (
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
    "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"
)
INFO, PLAIN = "Ode on a Grecian Urn", "Beauty is truth, truth beauty"
ENC = (
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
    "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
)
CIPHERTEXT = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"

BY_THE_VECTOR = """async ({ receiver, info, plain, jwk }) => {
  const curve = { name: "ECDH", namedCurve: "P-256" }, { x, y } = jwk;
  const pair = {
    privateKey: await crypto.subtle.importKey("jwk", jwk, curve, true, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, curve, true, []),
  };
  const key = Uint8Array.from(atob(receiver), (each) => each.charCodeAt(0));
  const aad = pasar.bytes("Count-0");
  return btoa(String.fromCharCode(...(await pasar.seal(key, info, pasar.bytes(plain), aad, pair))));
}"""
FRESH = """async ({ receiver, info, size }) => {
  const key = Uint8Array.from(atob(receiver), (each) => each.charCodeAt(0));
  const plain = new Uint8Array(size).fill(7);
  const twice = [await pasar.seal(key, info, plain), await pasar.seal(key, info, plain)];
  return twice.map((each) => btoa(Array.from(each, (one) => String.fromCharCode(one)).join("")));
}"""


@pytest.fixture
def sealing(page: Any) -> Iterator[Any]:
    with answering(make()) as url:
        page.goto(url + "/c")
        page.add_script_tag(url=url + "/static/js/seal.js")
        yield page


def web(number: int) -> str:
    return b64encode(number.to_bytes(32), b"-_").decode().rstrip("=")


def test_the_published_vector_comes_out(sealing: Any) -> None:
    numbers = ec.derive_private_key(int(EPHEMERAL, 16), ec.SECP256R1()).private_numbers()
    point = numbers.public_numbers
    jwk = {"kty": "EC", "crv": "P-256", "d": web(numbers.private_value), "x": web(point.x), "y": web(point.y)}
    receiver = b64encode(bytes.fromhex(RECEIVER)).decode()
    sealed = sealing.evaluate(BY_THE_VECTOR, {"receiver": receiver, "info": INFO, "plain": PLAIN, "jwk": jwk})
    assert b64decode(sealed).hex() == ENC + CIPHERTEXT


def test_python_opens_what_chromium_sealed(sealing: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    asked = {"receiver": b64encode(public).decode(), "info": "pasar parcel 1 kunci paket", "size": 150_000}
    first, second = (b64decode(each) for each in sealing.evaluate(FRESH, asked))
    assert first != second and len(first) == 65 + 150_000 + 16
    for sealed in (first, second):
        assert SUITE.decrypt(sealed, key, info=asked["info"].encode()) == b"\7" * 150_000
