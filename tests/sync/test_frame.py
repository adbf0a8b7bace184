"""The envelope: whole and signed, or refused before anything in it is looked at."""

from __future__ import annotations

import hashlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import Refused
from sync.chain import start
from sync.entry import SealedRef
from sync.frame import MAX_PACKED, FrameKind, pack, unpack
from sync.keys import SigningKey
from sync.messages import Acknowledgement, Answer, Batch, Capsule, Down, Item, Result, Sender
from sync.seal import sealed_hash
from tests.sync.cast import capsule, entry, items

KEY = SigningKey.new()
FRAME = pack(b"payload", KEY, FrameKind.BATCH)


def find(key_id: str):  # type: ignore[no-untyped-def]
    return KEY.public if key_id == KEY.id else None


def signed(packed: bytes) -> bytes:
    return FRAME[:13] + KEY.sign(b"pasar/frame/1/batch\0" + packed) + packed


@pytest.mark.clause("P15")
def test_a_frame_opens_to_what_was_packed() -> None:
    opened = unpack(FRAME, find, FrameKind.BATCH)
    assert opened == (b"payload", KEY.id, hashlib.sha256(FRAME).hexdigest())
    assert FRAME[:5] == b"PSAR\x01"
    assert FRAME[5:13].hex() == KEY.id


@pytest.mark.clause("P16")
@pytest.mark.parametrize("bit", range(0, len(FRAME) * 8, 7))
def test_no_bit_can_be_changed(bit: int) -> None:
    damaged = bytearray(FRAME)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refused, match=r"sync_(bad_signature|malformed|too_new)"):
        unpack(bytes(damaged), find, FrameKind.BATCH)


@pytest.mark.clause("P16")
@given(st.binary(max_size=200))
def test_strangers_bytes_never_come_through(raw: bytes) -> None:
    for frame in (raw, FRAME[:13] + raw, FRAME + raw + b"x", FRAME[: len(raw) % len(FRAME)]):
        with pytest.raises(Refused):
            unpack(frame, find, FrameKind.BATCH)


@pytest.mark.clause("P8")
def test_a_batch_does_not_pass_for_an_acknowledgement() -> None:
    with pytest.raises(Refused, match="sync_bad_signature"):
        unpack(FRAME, find, FrameKind.ACKNOWLEDGEMENT)


@pytest.mark.clause("P17")
def test_a_bomb_is_refused_by_what_it_declares() -> None:
    bomb = signed(zstandard.ZstdCompressor().compress(bytes(9_000_000)))
    assert len(bomb) < 10_000
    with pytest.raises(Refused, match="sync_too_large"):
        unpack(bomb, find, FrameKind.BATCH)


@pytest.mark.clause("P17")
def test_a_frame_that_hides_its_size_or_says_a_wrong_one_is_refused() -> None:
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(9_000_000))
    whole = zstandard.ZstdCompressor().compress(b"payload" * 100)
    for packed in (silent, whole[:-3], whole + whole, b"not zstd", whole + b"x"):
        with pytest.raises(Refused, match="sync_malformed"):
            unpack(signed(packed), find, FrameKind.BATCH)


@pytest.mark.clause("P17")
def test_too_much_is_refused_on_both_ends() -> None:
    noise = hashlib.shake_256(b"noise").digest(MAX_PACKED + 1)
    for payload in (noise, bytes(8_000_001)):
        with pytest.raises(Refused, match="sync_too_large"):
            pack(payload, KEY, FrameKind.BATCH)
    with pytest.raises(Refused, match="sync_too_large"):
        unpack(noise, find, FrameKind.BATCH)


SENDER = Sender("hq", KEY.id, 1, "gtg")
BATCH = Batch(SENDER, b"n" * 16, tuple(items(SENDER, 2)), (capsule("ab" * 8, KEY.id),), start("hq", 1))


@pytest.mark.clause("P4", "P19")
def test_a_batch_is_read_as_it_was_written() -> None:
    again = Batch.from_payload(BATCH.to_payload())
    assert again == BATCH
    assert [one.entry.raw for one in again.items] == [one.entry.raw for one in BATCH.items]
    assert again.to_payload() == BATCH.to_payload()


@pytest.mark.clause("P20")
def test_an_acknowledgement_is_read_as_it_was_written() -> None:
    news = entry("hq", 1, 1, "status")
    answers = (Answer("aa", Result.ACCEPTED), Answer("bb", Result.REJECTED, "sealed_mismatch"))
    down = Down((news.raw,), start("hq", 1), b"proof", True)
    for durable in (None, start(KEY.id, 1)):
        ack = Acknowledgement(
            "00", answers, start(KEY.id, 1), durable, "2026-11-21T01:00:00.000Z", down, "sync_revoked"
        )
        assert Acknowledgement.from_payload(ack.to_payload()) == ack


@pytest.mark.clause("P38")
def test_a_newer_version_is_told_apart_from_damage() -> None:
    payload = BATCH.to_payload()
    assert Batch.from_payload(payload.replace(b'"version":1', b'"version":2')) == BATCH
    assert Batch.from_payload(payload.replace(b'"cursor"', b'"colour":"blue","cursor"', 1)) == BATCH
    with pytest.raises(Refused, match="sync_too_new"):
        Batch.from_payload(payload.replace(b'"min_reader":1', b'"min_reader":2'))
    for damaged in (
        payload.replace(b'"nonce"', b'"nonse"'),
        b"{}",
        b"[]",
        payload.replace(b'"cursor":[', b'"cursor":[1,'),
    ):
        with pytest.raises(Refused, match="sync_malformed"):
            Batch.from_payload(damaged)


@pytest.mark.clause("P24")
def test_a_poisoned_entry_spoils_no_other() -> None:
    raw = BATCH.to_payload().replace(b'"trusted":true', b'"trusted":"so"', 1)
    again = Batch.from_payload(raw)
    assert again.items == BATCH.items[1:]
    assert [b'"trusted":"so"' in one for one in again.unreadable] == [True]


@pytest.mark.clause("P24")
def test_a_sealed_part_must_be_the_one_its_entry_names() -> None:
    one = entry(KEY.id, 1, 1, sealed=SealedRef("ab" * 8, sealed_hash(b"part")))
    assert Item(one, b"part").problem() is None
    assert Item(one).problem() is None
    assert Item(one, b"other").problem() == "sealed_mismatch"
    assert Item(one, b"x" * 5_000).problem() == "entry_too_large"


@pytest.mark.clause("P14")
def test_a_capsule_has_eighty_bytes() -> None:
    short = Batch(SENDER, b"", (), (Capsule("ab" * 8, KEY.id, b"short"),), start("hq", 1))
    with pytest.raises(Refused, match="sync_malformed"):
        Batch.from_payload(short.to_payload())
