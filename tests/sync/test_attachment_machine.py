"""Any order of adding, sending, cutting, repeating and restoring: nothing is lost or wrong, a cut costs one chunk."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import sync.attachments
from sync.attachment_messages import MOST_CHUNK, Offer, State
from sync.attachments import ChunkPace, Lane, send_attachments
from sync.frame import FrameKind, unpack
from sync.memory import MemoryLink
from sync.ports import LinkDown
from tests.sync.cast import MORNING
from tests.sync.cast_attachments import Pair, picture

SIZES = st.sampled_from([100, 8_192, 60_000, 150_000, 300_000])
CHUNKS = st.sampled_from([8_192, 10_007, 65_536, MOST_CHUNK])


class Lanes(RuleBasedStateMachine):
    """A stall and its headquarters; `lost` bytes are those of chunks that a cut or a restore made in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.plain: dict[str, bytes] = {}
        self.frames: list[bytes] = []
        self.sent = self.lost = 0
        self.backup = deepcopy(self.pair.inbox.arrived)

    @rule(size=SIZES, seed=st.integers(0, 5))
    def add(self, size: int, seed: int) -> None:
        if len(self.plain) < 6:
            plain = picture(size, seed)
            self.plain[self.pair.add(plain, record=f"r-{seed}")] = plain

    @rule(chunk=CHUNKS)
    def sends(self, chunk: int) -> None:
        assert self.run(self.pair.receive, chunk).problem is None

    @rule(chunk=CHUNKS, passed=st.integers(0, 5), heard=st.booleans())
    def is_cut(self, chunk: int, passed: int, heard: bool) -> None:
        """The link dies at an exchange: headquarters has heard it or not, the stall has no answer."""
        left = [passed]

        def cut(frame: bytes) -> bytes:
            left[0] -= 1
            if left[0] >= 0:
                return self.pair.receive(frame)
            if heard:
                self.pair.receive(frame)
            else:
                self.lost += chunk_of(self.pair, frame)
            raise LinkDown("link_server")

        self.run(cut, chunk)

    @rule(chunk=CHUNKS, turns=st.integers(0, 3))
    def steps_aside(self, chunk: int, turns: int) -> None:
        left = [turns]

        def waits() -> bool:
            left[0] -= 1
            return left[0] < 0

        assert self.run(self.pair.receive, chunk, waits).problem is None

    @precondition(lambda self: self.frames)
    @rule(choice=st.randoms(use_true_random=False))
    def an_old_frame_comes_again(self, choice: random.Random) -> None:
        self.pair.receive(choice.choice(self.frames[-20:]))

    @rule()
    def headquarters_is_copied(self) -> None:
        self.backup = deepcopy(self.pair.inbox.arrived)

    @rule()
    def headquarters_is_restored(self) -> None:
        """What it lost is asked for again, an hour later at the latest."""
        self.pair.inbox.arrived = deepcopy(self.backup)
        for kept in self.pair.outbox.kept.values():
            kept.asked_at = None
        self.lost = self.sent

    @invariant()
    def nothing_wrong_is_called_complete(self) -> None:
        for (_, sha), one in self.pair.inbox.arrived.items():
            assert one.state in (State.PARTIAL, State.COMPLETE)
            assert one.state is State.PARTIAL or self.pair.whole(sha)
        assert self.pair.inbox.alarms == []

    @invariant()
    def no_byte_goes_twice_but_those_a_cut_made_vain(self) -> None:
        held = sum(len(body) for one in self.pair.inbox.arrived.values() for body in one.chunks.values())
        assert self.sent <= held + self.lost

    def teardown(self) -> None:
        assert self.run(self.pair.receive, MOST_CHUNK).problem is None
        assert all(self.pair.whole(sha) for sha in self.plain)

    def run(self, answer: Callable[[bytes], bytes], chunk: int, waits: Callable[[], bool] = lambda: False) -> Lane:
        def noted(frame: bytes) -> bytes:
            self.frames.append(frame)
            self.sent += chunk_of(self.pair, frame)
            return answer(frame)

        return send_attachments(
            self.pair.outbox, MemoryLink(noted), self.pair.keys, now=lambda: MORNING, pace=ChunkPace(chunk),
            yields=waits, ticks=lambda: 0.0,
        )  # fmt: skip


def chunk_of(pair: Pair, frame: bytes) -> int:
    """How many bytes of an attachment a frame carries."""
    chunk = Offer.from_payload(unpack(frame, lambda _: pair.device.public, FrameKind.ATTACHMENT).payload).chunk
    return len(chunk.body) if chunk else 0


@pytest.mark.clause("P114")
class TestLanes(Lanes.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_the_check_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stall that does not ask which stretches are there sends bytes twice, and the count says so."""
    lanes = Lanes()
    lanes.add(300_000, 0)
    lanes.is_cut(65_536, 2, heard=True)
    lanes.no_byte_goes_twice_but_those_a_cut_made_vain()
    monkeypatch.setattr(sync.attachments, "gaps", lambda held, within: [within])
    lanes.is_cut(65_536, 2, heard=True)
    with pytest.raises(AssertionError):
        lanes.no_byte_goes_twice_but_those_a_cut_made_vain()
