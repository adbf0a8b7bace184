"""The paper speaks for itself: what its QR holds and who signed it."""

from __future__ import annotations

import pytest

from sync.keys import SigningKey
from sync.receipt import Receipt, qr_text, read_qr, sign_receipt, verify_receipt

KEY = SigningKey.new()
SAID = ("K7M24QX9ABCD", KEY.id, 2, "261121")
SIGNATURE = sign_receipt(KEY, *SAID)


@pytest.mark.clause("P43")
def test_a_receipt_proves_its_stall() -> None:
    assert verify_receipt(KEY.public, *SAID, SIGNATURE)
    assert not verify_receipt(SigningKey.new().public, *SAID, SIGNATURE)
    for other in (("K7M24QX9ABCE", *SAID[1:]), (*SAID[:2], 3, SAID[3]), (*SAID[:3], "261122")):
        assert not verify_receipt(KEY.public, *other, SIGNATURE)
    for nonsense in ("", "!", "x" * 86, "é" * 86, SIGNATURE[:-2]):
        assert not verify_receipt(KEY.public, *SAID, nonsense)


@pytest.mark.clause("P44")
def test_the_qr_keeps_everything_after_the_hash() -> None:
    text = qr_text("https://mpp.example/", *SAID, SIGNATURE)
    assert text.startswith("https://mpp.example/c#K7M24QX9ABCD.")
    assert read_qr(f"  {text}\n") == Receipt(*SAID, SIGNATURE)
    assert len(text) < 180


@pytest.mark.clause("P44")
@pytest.mark.parametrize(
    "text", ["", "K7M2-4QX9-ABCD", "https://mpp.example/c", "#K7M24QX9ABCD.x.1.261121.sig", "#" * 999]
)
def test_other_texts_are_not_receipts(text: str) -> None:
    assert read_qr(text) is None
