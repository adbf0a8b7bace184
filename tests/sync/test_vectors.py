"""The vectors of PROTOCOL.md: somebody else's implementation that reproduces them speaks with ours.

Signatures, seals and hashes are reproduced; what is random or compressed (capsule, frame) is opened.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layanan.published import version_of
from sync.canonical import decode, encode
from sync.chain import GENESIS, Position, link
from sync.enrol import request
from sync.entry import Entry
from sync.frame import FrameKind, unpack
from sync.keys import SealingKey, SigningKey, fingerprint
from sync.messages import Acknowledgement, Batch
from sync.proof import prove
from sync.receipt import qr_text, read_qr, sign_receipt
from sync.seal import ShiftKey, open_capsule, passphrase_key
from sync.trust import Trust, Use, vouched
from sync.wire import dense_part, folded, unfolded
from tests.sync.cast import entry

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "sync.json").read_text("utf-8"))
DEVICE = SigningKey(bytes.fromhex(VECTORS["keys"]["device_secret"]))
OFFICE = SigningKey(bytes.fromhex(VECTORS["keys"]["office_secret"]))
SEALING = SealingKey(bytes.fromhex(VECTORS["keys"]["sealing_secret"]))


@pytest.mark.clause("P8", "P47")
def test_keys() -> None:
    given = VECTORS["keys"]
    assert (bytes(DEVICE.public).hex(), DEVICE.id) == (given["device_public"], given["device_id"])
    assert (OFFICE.id, SEALING.id) == (given["office_id"], given["sealing_id"])
    assert fingerprint(DEVICE.public, OFFICE.public, SEALING.public) == given["fingerprint"]


@pytest.mark.clause("P1")
@pytest.mark.parametrize("given", VECTORS["canonical"])
def test_canonical(given: dict[str, Any]) -> None:
    assert encode(given["value"]).hex() == given["hex"]
    assert decode(bytes.fromhex(given["hex"])) == given["value"]


@pytest.mark.clause("P4", "P5", "P6", "P35")
def test_entry_chain_and_place() -> None:
    given = VECTORS["entry"]
    entry = Entry.decode(given["raw"].encode())
    assert (entry.hash, GENESIS) == (given["sha256"], given["genesis"])
    assert link(GENESIS, entry.hash) == given["chain"]
    place = Position.from_fields(given["place"])
    assert prove(OFFICE, "gtg", place).hex() == given["proof"]


@pytest.mark.clause("P9", "P10", "P12")
def test_sealed_part() -> None:
    given = VECTORS["sealed"]
    key = ShiftKey(bytes.fromhex(given["secret"]), "hq", SEALING.public, DEVICE.id)
    where = {"record": given["record"], "entry": given["entry"], "part": given["part"]}
    assert key.id == given["key"]
    assert key.seal(given["plain"].encode(), **where).hex() == given["sealed"]
    assert key.mac(b"form").hex() == given["mac_of_form"]
    opened = open_capsule(bytes.fromhex(given["capsule"]), SEALING, "hq", DEVICE.id, key.id)
    assert opened.open(bytes.fromhex(given["sealed"]), **where) == given["plain"].encode()


@pytest.mark.clause("P13")
def test_pass_phrase() -> None:
    given = VECTORS["passphrase"]
    verifier, kek = passphrase_key(given["phrase"], bytes.fromhex(given["salt"]))
    assert (verifier.hex(), kek.hex()) == (given["verifier"], given["kek"])


@pytest.mark.clause("P43", "P44")
def test_receipt() -> None:
    given = VECTORS["receipt"]
    said = (given["code"], DEVICE.id, given["epoch"], given["date"])
    assert sign_receipt(DEVICE, *said) == given["signature"]
    assert qr_text("https://mpp.example", *said, given["signature"]) == given["qr"]
    assert read_qr(given["qr"]) == (*said, given["signature"])


@pytest.mark.clause("P45")
def test_enrolment() -> None:
    given = VECTORS["enrolment"]
    assert request(given["code"], DEVICE.public, bytes.fromhex(given["nonce"])) == given["request"]


@pytest.mark.clause("P15", "P19", "P20")
def test_frames() -> None:
    given = VECTORS["frames"]
    batch = unpack(bytes.fromhex(given["batch"]), lambda _: DEVICE.public, FrameKind.BATCH)
    answer = unpack(bytes.fromhex(given["acknowledgement"]), lambda _: OFFICE.public, FrameKind.ACKNOWLEDGEMENT)
    assert (batch.payload.decode(), answer.payload.decode()) == (given["batch_payload"], given["ack_payload"])
    assert Batch.from_payload(batch.payload).items[0].entry.raw == VECTORS["entry"]["raw"].encode()
    assert Acknowledgement.from_payload(answer.payload).batch == batch.sha256


@pytest.mark.clause("P80")
def test_folded_message() -> None:
    """What was folded once is read for ever, and folds to the same columns; only zstd may pack them otherwise."""
    given = VECTORS["folded"]
    message = given["message"].encode()
    assert unfolded(bytes.fromhex(given["folded"])) == message
    assert dense_part(message).hex() == given["dense"]
    assert unfolded(folded(message)) == message


@pytest.mark.clause("P90")
def test_keys_that_follow_one_another() -> None:
    given = VECTORS["succession"]
    following = SigningKey(bytes.fromhex(given["next_secret"]))
    assert vouched("hq", Use.SIGN, bytes(following.public), OFFICE) == given["sign"]
    assert vouched("hq", Use.RETIRE, OFFICE.id, following) == given["retire"]
    assert vouched("hq", Use.SEAL, bytes(SEALING.public), following) == given["seal"]
    told = [entry("hq", 1, seq, "key", record=None, fields=given[use]) for seq, use in ((1, "sign"), (2, "seal"))]
    trust = Trust("hq", (OFFICE.public,)).following([*told, entry("hq", 1, 3, "key", fields=given["retire"])])
    assert list(trust.accepted()) == [given["next_id"]]
    assert bytes(trust.sealing or b"") == bytes(SEALING.public)


@pytest.mark.clause("P94")
def test_version_of_a_catalogue() -> None:
    given = VECTORS["catalogue"]
    assert version_of(given["tables"]) == given["version"]
