"""Folding a message is identity on every message, cheap on real ones, and bounded whoever wrote it."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from layanan.problems import Refused
from layanan.tracking import new_code
from sync.bits import Writer
from sync.canonical import encode
from sync.chain import start
from sync.columns import milliseconds, spelled_times
from sync.entry import Entry, entry_id, read_time, spelled_time
from sync.exchange import exchange
from sync.frame import MAX_OPEN, FrameKind, unpack
from sync.keys import SigningKey
from sync.memory import MemoryLink
from sync.messages import Acknowledgement, Batch, Item, Sender
from sync.ports import LinkDown
from sync.wire import DICTIONARY, FOLDED, folded, is_folded, unfolded
from tests.sync.cast import acknowledgement, answers, batch, capsule, entry, head_of, items
from tests.sync.world import World, clock

SENDER = Sender("ab" * 8, "cd" * 8, 1, "gtg")
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
    | st.sampled_from(["2026-11-21T01:02:03.456Z", "ab" * 32, "00" * 8, "GTG-261121-0042", "S••• A•••", 'a":"b', "\\"])
    | st.builds(new_code, st.binary(min_size=7, max_size=7)) | st.uuids().map(str)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["at", "id", "seq", "x", 'k":', "{", 'a"\\', "0", "-", "\x01\x02", "\\\\"]),
            inner,
        )
    ),
    max_leaves=40,
)


@settings(max_examples=300, deadline=None)
@given(VALUES, st.lists(st.sampled_from(["ab" * 32, "x", "GTG-261121-0042"]), unique=True))
def test_unfolding_gives_the_very_bytes(value: Any, known: list[str]) -> None:
    payload = encode(value)
    assert unfolded(folded(payload, known), known) == payload


@pytest.mark.parametrize("payload", [b'"\x01"', b'"\\\\\x02"', b"1-5", b"[-]", b"[1e-7]", b'["a', b"", b"[01]"])
def test_what_is_not_canonical_is_sent_as_it_is_or_comes_back(payload: bytes) -> None:
    assert unfolded(folded(payload)) == payload


@pytest.mark.parametrize(
    "column",
    [
        ["-0000000000", "0" * 12], ["0000000 0000", "000000000_00"], ["ABCDEFGHJKMN", "abcdefghjkmn"], ["0" * 11 + "é"],
        ["2026-02-30T00:00:00.000Z"], ["2026-11-21T24:00:00.000Z", "x"], ["0001-01-01T00:00:00.000Z"],
        ["9" * 20, "8" * 20], ["a1", "b2"], ["", ""], ["", "a"], ["YWI=", "YWJjZA=="],
        ["YWJjZB==", "YWJjZA=="], ["00" * 64, "0F" * 64],
    ],
)  # fmt: skip
def test_what_only_looks_like_a_form_is_not_changed_by_it(column: list[str]) -> None:
    payload = encode(column)
    assert unfolded(folded(payload)) == payload


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_counted_and_spelled_as_entries_spell_them(at: datetime) -> None:
    text = spelled_time(at)
    (counted,) = milliseconds([text])
    assert read_time(text) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=counted)
    assert spelled_times([counted]) == [text]


@pytest.mark.clause("P80")
@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(0, 6))
def test_unknown_fields_and_kinds_ride_along(fields: list[Any], count: int) -> None:
    sent = items(SENDER, count)
    for seq, value in enumerate(fields, count + 1):
        sent.append(
            Item(entry("ef" * 8, 3, seq, "WHAT_NO_VERSION_KNOWS", fields={"news": value}, extra={"zzz": value}))
        )
    made = batch(SENDER, sent, start("ab" * 8, 1))
    again = Batch.from_payload(folded(made.to_payload()))
    assert [item.entry.raw for item in again.items] == [item.entry.raw for item in sent]
    assert again.to_payload() == made.to_payload()


@pytest.mark.clause("P80")
def test_what_the_reader_can_compute_is_not_sent() -> None:
    sent = real_items(300)
    made = Batch(SENDER, b"n" * 16, tuple(sent), (capsule("ab" * 8, SENDER.device),), start("ab" * 8, 1))
    payload = made.to_payload()
    short = folded(payload)
    assert is_folded(short)
    assert unfolded(short) == payload
    parts = sum(len(item.sealed or b"") for item in sent)
    assert (len(short) - parts) / len(sent) < 40
    for item in sent[:20]:
        assert bytes.fromhex(item.entry.hash) not in short
        assert bytes.fromhex(item.entry.id.replace("-", "")) not in short
        assert bytes.fromhex(item.entry.sealed.sha256) not in short  # type: ignore[union-attr]


@pytest.mark.clause("P81")
def test_an_answer_names_entries_by_their_place_in_the_batch() -> None:
    sent = real_items(300)
    made = batch(SENDER, sent, start("ab" * 8, 1))
    ack = acknowledgement(head_of(SENDER, sent), answers(sent))
    short = folded(ack.to_payload(), made.known())
    assert len(short) < 400
    assert Acknowledgement.from_payload(short, made.known()) == ack
    with pytest.raises(Refused, match="sync_malformed"):
        Acknowledgement.from_payload(short)


@pytest.mark.clause("P82")
def test_an_answer_has_the_form_of_its_question(world: World) -> None:
    world.accept(2)
    seen: list[bytes] = []

    def answer(frame: bytes) -> bytes:
        seen.append(unpack(frame, lambda _: world.device.public, FrameKind.BATCH).payload)
        said = world.answer(frame)
        seen.append(unpack(said, world.keys.hq.get, FrameKind.ACKNOWLEDGEMENT).payload)
        return said

    world.link = MemoryLink(answer)
    assert world.exchange().confirmed == 2
    assert [is_folded(one) for one in seen] == [True, True]


@pytest.mark.clause("P82")
def test_a_headquarters_that_reads_only_plain_words_is_asked_in_them(world: World) -> None:
    world.accept(3)
    asked: list[bool] = []

    def old(frame: bytes) -> bytes:
        payload = unpack(frame, lambda _: world.device.public, FrameKind.BATCH).payload
        asked.append(is_folded(payload))
        if is_folded(payload):
            raise LinkDown("sync_malformed")
        return world.answer(frame)

    world.link = MemoryLink(old)
    outcome = exchange(world.outbox, world.book, world.link, world.keys, now=clock)
    assert (outcome.problem, outcome.confirmed, asked) == (None, 3, [True, False])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_refused_as_malformed(raw: bytes, packed: bool) -> None:
    assert refusal(hostile(raw, b"") if packed else FOLDED + raw) in (None, "sync_malformed", "sync_too_new")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_message_is_refused_or_is_another_message(place: int, change: int) -> None:
    dense = zstandard.ZstdDecompressor(dict_data=dictionary()).decompress(*packed_part(GOOD))
    damaged = bytearray(dense)
    damaged[place % len(dense)] ^= change
    assert refusal(hostile(bytes(damaged), noise_of(GOOD))) in (None, "sync_malformed")


@pytest.mark.clause("P83")
@pytest.mark.parametrize("repeats", [100, 400_000])
def test_few_bytes_cannot_ask_for_much(repeats: int) -> None:
    out = Writer()
    out.number(1)
    out.dense += b"\1"
    out.number(1)
    out.texts([","])
    out.numbers([0])
    out.text("")
    out.number(1)
    out.number(1)
    out.numbers([0])
    out.number(repeats)
    out.numbers([0] * repeats)
    out.dense.append(1)
    out.text("x" * 1_000_000)
    with pytest.raises(Refused, match="sync_malformed"):
        unfolded(hostile(bytes(out.dense), b""))


@pytest.mark.clause("P80")
def test_another_dictionary_is_for_a_newer_reader() -> None:
    with pytest.raises(Refused, match="sync_too_new"):
        unfolded(FOLDED + bytes((DICTIONARY + 1,)) + GOOD[2:])


def test_the_dictionary_of_a_number_never_changes() -> None:
    raw = files("sync").joinpath("wire-1.zdict").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == "e0e9d1c9b1964e6192ddee4726b943b18128582320deba1905b4a4dc42525bd1"


def refusal(raw: bytes) -> str | None:
    """The code with which a message is refused, or None when it is one."""
    try:
        assert len(unfolded(raw)) <= MAX_OPEN
    except Refused as refused:
        return refused.code
    return None


def real_items(count: int) -> list[Item]:
    """Acceptances as a stall writes them, ids computed from their places."""
    made = []
    for item in items(SENDER, count):
        one = item.entry
        named = {name: getattr(one, name) for name in Entry.__dataclass_fields__ if name not in ("raw", "hash")}
        fields = {
            **one.fields,
            "code": new_code(random.Random(one.seq).randbytes(7)),
            "series": f"GTG-261121-{one.seq:04d}",
        }
        fields.pop("receipt_sig")
        made.append(
            Item(Entry(**{**named, "id": entry_id(one.author, one.epoch, one.seq), "fields": fields}), item.sealed)
        )
    return made


def dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(files("sync").joinpath("wire-1.zdict").read_bytes())


def hostile(dense: bytes, noise: bytes) -> bytes:
    """A folded message that says exactly this."""
    packed = zstandard.ZstdCompressor(dict_data=dictionary()).compress(dense)
    head = Writer()
    head.number(DICTIONARY)
    head.number(len(packed))
    return FOLDED + bytes(head.dense) + packed + noise


def packed_part(message: bytes) -> tuple[bytes]:
    size, at = 0, 2
    while True:
        size |= (message[at] & 127) << 7 * (at - 2)
        at += 1
        if message[at - 1] < 128:
            return (message[at : at + size],)


def noise_of(message: bytes) -> bytes:
    (packed,) = packed_part(message)
    return message[message.index(packed) + len(packed) :]


@pytest.fixture
def world() -> World:
    return World(device=SigningKey.new())


GOOD = folded(Batch(SENDER, b"n" * 16, tuple(real_items(12)), (), start("ab" * 8, 1)).to_payload())
