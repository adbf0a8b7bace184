"""The vectors of the lane of attachments, beside those of PROTOCOL.md: the seal, both messages, both frames."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.attachment_messages import Asked, Chunk, Offer, Report, State, Told
from sync.frame import FrameKind, unpack
from sync.messages import Capsule, Sender
from sync.seal import ShiftKey, sealed_hash
from tests.sync.test_vectors import DEVICE, OFFICE, SEALING
from tests.sync.test_vectors import VECTORS as SYNC

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "attachments.json").read_text("utf-8"))


def offered() -> Offer:
    given, chunk = VECTORS["sealed"], VECTORS["offer"]["chunk"]
    sealed = bytes.fromhex(given["sealed"])
    return Offer(
        sender=Sender("hq", DEVICE.id, 1, "gtg"),
        asked=(Asked(given["sha256"], VECTORS["offer"]["entry"]),),
        capsules=(Capsule(SYNC["sealed"]["key"], DEVICE.id, bytes.fromhex(SYNC["sealed"]["capsule"])),),
        chunk=Chunk(given["sha256"], chunk[0], sealed[chunk[0] : chunk[1]]),
        trust=(OFFICE.id,),
        nonce=bytes(16),
    )


def reported() -> Report:
    told = Told(VECTORS["sealed"]["sha256"], State.PARTIAL, ((0, 10), (20, 30)))
    refused = Told("00" * 32, State.REFUSED, problem="attachment_type")
    return Report(VECTORS["offer"]["frame_sha256"], (told, refused), "2026-11-21T01:00:00.000Z")


@pytest.mark.clause("P110")
def test_sealed() -> None:
    given = VECTORS["sealed"]
    key = ShiftKey(bytes.fromhex(SYNC["sealed"]["secret"]), "hq", SEALING.public, DEVICE.id)
    sealed = bytes(key.seal_attachment(bytes.fromhex(given["plain"]), record=given["record"]))
    assert (sealed.hex(), sealed_hash(sealed)) == (given["sealed"], given["sha256"])


@pytest.mark.clause("P114", "P115")
def test_messages_and_frames() -> None:
    asked, answered = FrameKind.ATTACHMENT, FrameKind.ATTACHMENT_REPORT
    for name, message, key, kind in [("offer", offered(), DEVICE, asked), ("report", reported(), OFFICE, answered)]:
        payload = message.to_payload()
        assert payload.hex() == VECTORS[name]["payload"]
        assert type(message).from_payload(payload) == message
        opened = unpack(bytes.fromhex(VECTORS[name]["frame"]), lambda _, key=key: key.public, kind)  # type: ignore[misc]
        assert (opened.payload, opened.sha256) == (payload, VECTORS[name]["frame_sha256"])
    question = replace(offered(), chunk=None)
    assert question.to_payload().hex() == VECTORS["question"]["payload"]
