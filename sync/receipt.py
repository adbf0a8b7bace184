"""Knows the signature on a receipt and the text of its QR code; refuses to know the request behind it.

The signature proves that a stall issued the paper, even when its machine died before the next sync.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from sync.canonical import encode
from sync.keys import SigningKey, VerifyKey

_RECEIPT = re.compile(
    r"#(?P<code>[0-9A-HJKMNP-TV-Z]{12})\.(?P<device>[0-9a-f]{16})\.(?P<epoch>[0-9]{1,9})\.(?P<date>[0-9]{6})"
    r"\.(?P<signature>[A-Za-z0-9_-]{86})\s*$"
)


class Receipt(NamedTuple):
    """What a receipt's QR says: `date` is the stall's local date as six digits (`261121`)."""

    code: str
    device: str
    epoch: int
    date: str
    signature: str


def sign_receipt(key: SigningKey, code: str, device: str, epoch: int, date: str) -> str:
    """Return the signature (base64url, 86 characters) for the paper and the entry."""
    return urlsafe_b64encode(key.sign(_signed(code, device, epoch, date))).decode().rstrip("=")


def verify_receipt(public: VerifyKey, code: str, device: str, epoch: int, date: str, signature: str) -> bool:
    """Say whether the owner of `public` issued exactly this receipt; wrong shapes are False, never an error."""
    try:
        raw = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError:
        return False
    return public.verified(raw, _signed(code, device, epoch, date))


def qr_text(base_url: str, code: str, device: str, epoch: int, date: str, signature: str) -> str:
    """Return what the QR holds; everything after `#` stays in the phone and reaches no log."""
    return f"{base_url.rstrip('/')}/c#{code}.{device}.{epoch}.{date}.{signature}"


def read_qr(text: str) -> Receipt | None:
    """Return the receipt of a scanned text, or None when it is not one of ours (a code alone, for instance)."""
    found = _RECEIPT.search(text.strip())
    if found is None:
        return None
    part = found.groupdict()
    return Receipt(part["code"], part["device"], int(part["epoch"]), part["date"], part["signature"])


def _signed(code: str, device: str, epoch: int, date: str) -> bytes:
    return encode(["pasar/receipt/1", code, device, epoch, date])
