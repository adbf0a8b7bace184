"""Keeps what a person had typed when the counter locked, inside the lock page, unreadable to whoever looks at it.

Knows the key in the data folder; refuses to know what the fields mean. Nothing of it is written to disk.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

OWN_FIELDS = frozenset({
    "csrf_token", "petugas", "pin", "pin_baru", "pin_ulang", "frasa", "tanggal_benar", "lanjut", "tersimpan", "jeda",
})  # fmt: skip


class KeptForms:
    """Folds a form into one opaque text and back; the text only opens for the address it was made for."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pasar kept form v1").derive(secret)
        self._box = Fernet(urlsafe_b64encode(key))

    def fold(self, path: str, fields: MultiDict[str, str]) -> str:
        """The fields (the lock page's own ones left out) as one text for a hidden field."""
        pairs = [[name, value] for name, value in fields.items(multi=True) if name not in OWN_FIELDS]
        return self._box.encrypt(json.dumps([path, pairs]).encode()).decode()

    def unfold(self, path: str, text: str) -> MultiDict[str, str] | None:
        """The fields again; None when the text is not ours or belongs to another address."""
        try:
            made_for, pairs = json.loads(self._box.decrypt(text.encode("utf-8", "replace")))
        except (InvalidToken, ValueError):
            return None
        return ImmutableMultiDict([(name, value) for name, value in pairs]) if made_for == path else None
