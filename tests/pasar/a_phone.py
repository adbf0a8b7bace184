"""A phone as the stall meets it: it seals with the kit's public key and delivers; refuses to know any browser."""

import base64
import json
import uuid
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
TYPED = {"layanan": "DKC-07", "pemohon_name": "Siti Aminah", "pemohon_nik": "3510091708959901"}


@dataclass
class Sealed:
    """One parcel on its way."""

    body: bytes
    headers: dict[str, str]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def path(self) -> str:
        return f"/hp/kiriman/{self.id}"


def seal(kit, head, body=b""):
    """What a phone with this kit makes of a head and a body."""
    name, told = str(uuid.uuid4()), json.dumps(head).encode()
    point = base64.urlsafe_b64decode(kit["public"] + "=")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    info = f"pasar parcel 1 {kit['key_id']} {name}".encode()
    sealed = SUITE.encrypt(len(told).to_bytes(4, "big") + told + body, public, info=info)
    headers = {"X-Pasar-Key": kit["key_id"], "X-Pasar-Pass": kit["pass"], "Content-Type": "application/octet-stream"}
    return Sealed(sealed, headers, name)


def draft_head(record_id=None, base=None, **fields):
    return {"kind": "draft", "record_id": record_id or str(uuid.uuid4()), "base": base, "made": 1795305600000,
            "fields": {**TYPED, **fields}}  # fmt: skip


def photo_head(record_id, paper=0):
    return {"kind": "photo", "record_id": record_id, "paper": paper, "made": 1795305600000}


def deliver(client, sealed, **changed):
    return client.post(sealed.path, data=sealed.body, headers={**sealed.headers, **changed})
