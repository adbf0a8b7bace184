"""The lane of attachments: sealed, asked for, sent in chunks, taken up again after a cut, refused when hostile."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.attachments import MOST_BYTES, media_type
from layanan.problems import Refused
from sync.attachment_messages import LEAST_CHUNK, MOST_CHUNK, Chunk, Offer, Report, State, Told
from sync.attachment_ports import AttachmentInbox, AttachmentOutbox
from sync.attachment_receive import receive_attachment
from sync.attachments import OVERHEAD, ChunkPace, Lane, send_attachments
from sync.canonical import encode
from sync.chain import start
from sync.entry import Entry
from sync.exchange import exchange
from sync.extents import gaps, merged, total
from sync.frame import FrameKind, pack, unpack
from sync.keys import SigningKey
from sync.memory import MemoryBook, MemoryInbox, MemoryLink, MemoryOutbox
from sync.messages import Sender
from sync.ports import LinkDown
from sync.receive import HqKeys, receive
from sync.seal import ShiftKey
from tests.sync.behaviour_attachments import AttachmentInboxBehaviour, AttachmentOutboxBehaviour
from tests.sync.cast import MORNING
from tests.sync.cast_attachments import JPEG, Pair, offer, picture


@pytest.fixture
def pair() -> Pair:
    return Pair()


class TestMemoryAttachments(AttachmentOutboxBehaviour):
    @pytest.fixture
    def port(self, pair: Pair) -> AttachmentOutbox:
        self.pair = pair
        return pair.outbox

    def attach(self, port: AttachmentOutbox, plain: bytes) -> str:
        return self.pair.add(plain, sent=False)

    def answer(self, port: AttachmentOutbox) -> None:
        self.pair.outbox.answered |= {one.waiting.entry for one in self.pair.outbox.kept.values()}


class TestMemoryAttachmentInbox(AttachmentInboxBehaviour):
    @pytest.fixture
    def inbox(self, pair: Pair) -> AttachmentInbox:
        self.pair = pair
        return pair.inbox

    @pytest.fixture
    def shift(self, pair: Pair) -> ShiftKey:
        return pair.shift

    @pytest.fixture
    def sender(self, pair: Pair) -> Sender:
        return pair.sender

    @pytest.fixture
    def record(self) -> str:
        return "r-1"

    def entry(self, made: Entry) -> None:
        self.pair.inbox.entries[self.pair.stall, made.hash] = made

    def alarms(self) -> list[str]:
        return self.pair.inbox.alarms


class FlakyLink:
    """Goes dead before or after the exchanges that are named, by their number from one; counts the bytes."""

    def __init__(self, pair: Pair, *, lost: tuple[int, ...] = (), unanswered: tuple[int, ...] = ()) -> None:
        self.pair, self.lost, self.unanswered = pair, lost, unanswered
        self.frames: list[bytes] = []
        self.code, self.timeout = "link_timeout", 0.0

    def exchange(self, frame: bytes) -> bytes:
        self.frames.append(frame)
        if len(self.frames) in self.lost:
            raise LinkDown(self.code)
        answer = self.pair.receive(frame)
        if len(self.frames) in self.unanswered:
            raise LinkDown(self.code)
        return answer

    def chunks(self) -> list[tuple[int, int]]:
        """Start and length of every chunk that was sent."""
        offers = [Offer.from_payload(unpack(f, self.key, FrameKind.ATTACHMENT).payload) for f in self.frames]
        return [(one.chunk.start, len(one.chunk.body)) for one in offers if one.chunk]

    def key(self, _: str) -> Any:
        return self.pair.device.public


def run(pair: Pair, link: Any, **more: Any) -> Lane:
    return send_attachments(pair.outbox, link, pair.keys, now=lambda: MORNING, **{"ticks": lambda: 0.0, **more})


@pytest.mark.clause("P112")
def test_nothing_waits_nothing_is_asked(pair: Pair) -> None:
    pair.add(picture(900), sent=False)
    assert run(pair, MemoryLink(None)) == Lane()


@pytest.mark.clause("P112", "P114")
def test_one_at_a_time_oldest_first_until_all_is_there(pair: Pair) -> None:
    shas = [pair.add(picture(size, size), record=f"r-{size}") for size in (150_000, 900, 40_000)]
    link = FlakyLink(pair)
    lane = run(pair, link)
    assert lane.completed == 3 and lane.problem is None and not lane.stopped
    assert all(pair.whole(sha) for sha in shas)
    starts = [start for start, _ in link.chunks()]
    assert starts.index(0, 1) == len([s for s in starts if s]) - len([s for s in starts[starts.index(0, 1) :] if s]) + 1
    assert sum(length for _, length in link.chunks()) == pair.inbox.stored_bytes == 150_020 + 920 + 40_020
    again = FlakyLink(pair)
    assert run(pair, again) == Lane() and again.frames == []


@pytest.mark.clause("P114")
@pytest.mark.parametrize("kind", ["lost", "unanswered"])
def test_after_a_cut_at_most_one_chunk_is_sent_again(pair: Pair, kind: str) -> None:
    sha = pair.add(picture(300_000))
    cut: dict[str, Any] = {kind: (4,)}
    link = FlakyLink(pair, **cut)
    link.code = "link_server"
    assert run(pair, link).problem == "link_server"
    before = link.chunks()
    after = FlakyLink(pair)
    assert run(pair, after).problem is None
    assert pair.whole(sha)
    sent_twice = sum(length for _, length in before + after.chunks()) - 300_020
    assert sent_twice == (before[-1][1] if kind == "lost" else 0)


@pytest.mark.clause("P114")
def test_too_much_at_once_is_halved_down_to_8_kb_and_goes_on(pair: Pair) -> None:
    sha = pair.add(picture(200_000))
    link = FlakyLink(pair, lost=(2, 4))
    assert run(pair, link).problem is None
    assert pair.whole(sha)
    assert [length for _, length in link.chunks()][:3] == [32_768, 16_384, 8_192]
    pair.add(picture(200_000, 1))
    dead = FlakyLink(pair, lost=tuple(range(2, 100, 2)))
    assert run(pair, dead).problem == "link_timeout"
    assert [length for _, length in dead.chunks()] == [32_768, 16_384, 8_192]


@pytest.mark.clause("P114")
def test_chunks_follow_the_goodput(pair: Pair) -> None:
    pace = ChunkPace()
    for size, seconds, chunk in [(32_768, 0.1, 65_536), (65_536, 0.1, 131_072), (131_072, 0, MOST_CHUNK)]:
        pace.took(size, seconds)
        assert pace.chunk == chunk
    pace.took(100_000, 20)
    assert pace.chunk == 20_000
    pace.took(20_000, 60)
    assert pace.chunk == LEAST_CHUNK and not pace.halve()
    assert (ChunkPace.known(0.0).chunk, ChunkPace.known(0.001).chunk) == (32_768, LEAST_CHUNK)


def test_it_yields_to_text_between_two_chunks_and_goes_on_there(pair: Pair) -> None:
    sha = pair.add(picture(200_000))
    turns = iter([False, False, True])
    link = FlakyLink(pair)
    assert run(pair, link, yields=lambda: next(turns)).stopped
    first = sum(length for _, length in link.chunks())
    later = FlakyLink(pair)
    assert not run(pair, later).stopped
    assert pair.whole(sha) and first + sum(length for _, length in later.chunks()) == 200_020


@pytest.mark.parametrize("budget", [0, 5_000, 12_000, 60_000, 400_000])
def test_no_more_is_spent_than_the_budget(pair: Pair, budget: int) -> None:
    sha = pair.add(picture(200_000))
    link = FlakyLink(pair)
    lane = run(pair, link, budget=budget)
    assert sum(map(len, link.frames)) <= lane.spent <= budget
    assert lane.stopped == (budget < 200_000 + OVERHEAD) != pair.whole(sha)


@pytest.mark.clause("P116")
def test_a_scan_that_was_damaged_here_is_not_sent_and_holds_up_nobody(pair: Pair) -> None:
    sha, good = pair.add(picture(50_000)), pair.add(picture(900, 1))
    kept = pair.outbox.kept[sha]
    kept.sealed = kept.sealed[:-1] + b"?"
    link = FlakyLink(pair)
    assert run(pair, link).completed == 1
    assert pair.whole(good) and not pair.whole(sha)
    assert len(link.chunks()) == 1 and (kept.state, kept.problem) == (State.REFUSED, "attachment_damaged")


def test_a_headquarters_that_never_gets_on_ends_the_turn(pair: Pair) -> None:
    pair.add(picture(50_000))
    frames: list[bytes] = []

    def deaf(frame: bytes) -> bytes:
        """Says each time that it has nothing."""
        frames.append(frame)
        asked = unpack(frame, lambda _: pair.device.public, FrameKind.ATTACHMENT)
        told = tuple(Told(one.sha256, State.PARTIAL) for one in Offer.from_payload(asked.payload).asked)
        report = Report(asked.sha256, told, "2026-11-21T01:00:00.000Z")
        return pack(report.to_payload(), pair.office, FrameKind.ATTACHMENT_REPORT)

    lane = run(pair, MemoryLink(deaf))
    assert (lane.chunks, lane.completed, lane.problem, len(frames)) == (1, 0, None, 2)


@pytest.mark.clause("P115")
class TestNothingUnsignedCounts:
    def test_an_answer_to_another_frame(self, pair: Pair) -> None:
        pair.add(picture(900))
        first = FlakyLink(pair)
        run(pair, first)
        other = Pair()
        other.office, other.keys = pair.office, replace(pair.keys, device=other.device)
        sha = other.add(picture(900))
        assert run(other, MemoryLink(lambda _: pair.receive(first.frames[0]))).problem == "sync_malformed"
        assert not other.whole(sha)

    def test_another_signature_and_other_bytes(self, pair: Pair) -> None:
        pair.add(picture(900))
        pair.office = SigningKey.new()
        assert run(pair, MemoryLink(pair.receive)).problem == "sync_bad_signature"
        assert run(pair, MemoryLink(lambda _: b"<html>")).problem == "sync_malformed"

    def test_a_batch_frame_and_an_older_headquarters(self, pair: Pair) -> None:
        pair.add(picture(900))
        text = MemoryInbox("hq")
        text.enrol(pair.known)
        keys = HqKeys("hq", pair.office)

        def older(frame: bytes) -> bytes:
            try:
                return receive(frame, text, keys, now=lambda: MORNING)
            except Refused as refused:
                raise LinkDown(refused.code) from None

        assert run(pair, MemoryLink(older)).problem == "attachment_not_yet"
        outcome = exchange(MemoryOutbox(pair.sender), MemoryBook(start("hq", 1)), MemoryLink(older), pair.keys,
                           now=lambda: MORNING)  # fmt: skip
        assert outcome.problem is None
        frame = pack(b"x", pair.device, FrameKind.BATCH)
        with pytest.raises(Refused, match="sync_bad_signature"):
            pair.receive(frame)


@pytest.mark.clause("P115")
class TestHostile:
    def frame(self, pair: Pair, **more: Any) -> bytes:
        made = next(iter(pair.inbox.entries.values()))
        return pack(replace(offer(pair.sender, made), **more).to_payload(), pair.device, FrameKind.ATTACHMENT)

    @pytest.mark.parametrize(
        "who", [{"hq": "x"}, {"device": "00" * 8}, {"stall": "bwi"}, {"epoch": 2}], ids=lambda who: next(iter(who))
    )
    def test_strangers(self, pair: Pair, who: dict[str, Any]) -> None:
        pair.add(picture(900))
        with pytest.raises(Refused, match=r"sync_wrong_hq|sync_unknown_device"):
            pair.receive(self.frame(pair, sender=replace(pair.sender, **who)))
        with pytest.raises(Refused, match="sync_unknown_device"):
            receive_attachment(pack(b"", SigningKey.new(), FrameKind.ATTACHMENT), pair.inbox, HqKeys("hq", pair.office),
                               now=lambda: MORNING)  # fmt: skip
        assert pair.inbox.arrived == {}

    def test_a_revoked_device_is_told_so_and_stores_nothing(self, pair: Pair) -> None:
        pair.add(picture(900))
        pair.inbox.devices = {pair.device.id: replace(pair.known, revoked=True)}
        assert run(pair, MemoryLink(pair.receive)).problem == "sync_revoked"
        assert pair.inbox.arrived == {}

    def test_larger_than_a_chunk_may_be(self, pair: Pair) -> None:
        sha = pair.add(picture(400_000))
        with pytest.raises(Refused, match="sync_too_large"):
            pair.receive(self.frame(pair, chunk=Chunk(sha, 0, bytes(MOST_CHUNK + 1))))

    @pytest.mark.parametrize(
        "change",
        [
            {"asked": [["00" * 32, "00" * 32]] * 21}, {"asked": [["AB" * 32, "00" * 32]]}, {"asked": [["ab", "cd"]]},
            {"chunk": ["00" * 32, 0]}, {"chunk": [1, 2]}, {"chunk": ["00" * 32, -1]}, {"sender": ["hq"]},
            {"asked": None}, {"capsules": [["k", "d", "AAAA"]]}, {"nonce": 1}, {"min_reader": "1"},
        ],
        ids=str,
    )  # fmt: skip
    @pytest.mark.parametrize("body", [b"", b"x" * 10])
    def test_heads_that_are_none(self, pair: Pair, change: dict[str, Any], body: bytes) -> None:
        pair.add(picture(900))
        payload = offer(pair.sender, next(iter(pair.inbox.entries.values()))).to_payload()
        head = encode({**json.loads(payload[4:]), **change})
        with pytest.raises(Refused, match="sync_malformed"):
            Offer.from_payload(len(head).to_bytes(4, "big") + head + body)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, raw: bytes) -> None:
        for reader in (Offer.from_payload, Report.from_payload):
            with pytest.raises(Refused, match=r"sync_malformed|sync_too_new"):
                reader(raw)

    @pytest.mark.parametrize("held", [[[5, 5]], [[5, 4]], [[0, 5], [5, 9]], [[5, 9], [0, 2]], [[0, 2**40]], [[0]]])
    def test_stretches_that_cannot_be(self, held: Any) -> None:
        head = encode({"version": 1, "min_reader": 1, "frame": "x", "told": [["00" * 32, "partial", held, None]],
                       "server_time": "2026-11-21T01:00:00.000Z", "problem": None})  # fmt: skip
        with pytest.raises(Refused, match="sync_malformed"):
            Report.from_payload(len(head).to_bytes(4, "big") + head)

    def test_a_version_that_this_one_cannot_read(self, pair: Pair) -> None:
        pair.add(picture(900))
        payload = offer(pair.sender, next(iter(pair.inbox.entries.values()))).to_payload()
        for change, fine in [({"min_reader": 2}, False), ({"version": 2, "weather": "rain"}, True)]:
            head = encode({**json.loads(payload[4:]), **change})
            raw = len(head).to_bytes(4, "big") + head
            if fine:
                assert Offer.from_payload(raw) == Offer.from_payload(payload)
            else:
                with pytest.raises(Refused, match="sync_too_new"):
                    Offer.from_payload(raw)


@pytest.mark.clause("P110")
class TestSeal:
    def test_it_opens_for_its_record_only_and_not_as_a_part(self, pair: Pair) -> None:
        plain = picture(10_000)
        sealed = bytes(pair.shift.seal_attachment(plain, record="r-1"))
        opened = pair.inbox.keys[pair.shift.id]
        assert opened.open_attachment(sealed, record="r-1") == plain
        for record, raw in [("r-2", sealed), ("r-1", sealed[:-1]), ("r-1", b""), ("r-1", sealed[:4] + sealed[5:])]:
            with pytest.raises(Refused, match="sealed_unreadable"):
                opened.open_attachment(raw, record=record)
        with pytest.raises(Refused, match="sealed_unreadable"):
            opened.open(sealed, record="r-1", entry="e-1", part="personal")

    def test_no_number_is_used_twice_and_a_wiped_key_seals_nothing(self, pair: Pair) -> None:
        key = pair.shift
        numbers = [bytes(key.seal_attachment(JPEG, record="r"))[:4] for _ in range(3)]
        numbers += [key.seal(b"x", record="r", entry="e", part="p")[:4]]
        assert len(set(numbers)) == 4 == int.from_bytes(max(numbers), "big")
        key.wipe()
        with pytest.raises(Refused, match="shift_key_gone"):
            key.seal_attachment(JPEG, record="r")


@pytest.mark.clause("P111")
def test_the_four_kinds_by_their_first_bytes() -> None:
    kinds = [(b"\xff\xd8\xff\xdb", "jpeg"), (b"\x89PNG\r\n\x1a\n\0", "png"), (b"RIFF\0\0\0\0WEBPVP8 ", "webp")]
    assert [media_type(raw) for raw, _ in kinds] == [f"image/{name}" for _, name in kinds]
    assert media_type(b"%PDF-1.7") == "application/pdf"
    for raw in (b"", b"<svg>", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"\xff\xd8", b"PK\3\4"):
        with pytest.raises(Refused, match="attachment_type"):
            media_type(raw)
    assert media_type(JPEG.ljust(MOST_BYTES)) == "image/jpeg"
    with pytest.raises(Refused, match="attachment_too_large"):
        media_type(JPEG.ljust(MOST_BYTES + 1))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40))), st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_stretches_are_sets_of_places(extents: list[tuple[int, int]], within: tuple[int, int]) -> None:
    def places(some: Any) -> set[int]:
        return {place for start, stop in some for place in range(start, stop)}

    joined = merged(extents)
    assert places(joined) == places(extents) and total(extents) == len(places(extents))
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    missing = gaps(extents, within)
    assert places(missing) == places([within]) - places(extents) and merged(missing) == missing
