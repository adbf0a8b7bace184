"""Whatever the link does, both ledgers end equal: nothing lost, nothing twice. One seed, any order of events."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from layanan.problems import Refused
from sync.memory import MemoryLink
from sync.messages import Answer, Result
from sync.ports import LinkDown
from tests.sync.world import World

FAULTS = [
    "none",
    "lose request",
    "lose answer",
    "twice",
    "cut",
    "corrupt request",
    "corrupt answer",
    "old answer",
    "portal",
]


class BadLink:
    """A link that does to each frame what the test drew; it keeps every frame and may deliver it again, later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fault, self.at = "none", 0
        self.frames: list[bytes] = []
        self.answers: list[bytes] = []

    def exchange(self, frame: bytes) -> bytes:
        self.frames.append(frame)
        if self.fault == "lose request":
            raise LinkDown("link_timeout")
        if self.fault == "portal":
            return b"<html>login</html>"
        answer = self.delivered(self.damaged(frame) if self.fault == "corrupt request" else frame)
        if self.fault == "twice":
            answer = self.delivered(frame)
        self.answers.append(answer)
        return self.returned(answer)

    def delivered(self, frame: bytes) -> bytes:
        try:
            return self.world.answer(frame)
        except Refused as refused:
            raise LinkDown("link_refused") from refused

    def returned(self, answer: bytes) -> bytes:
        if self.fault == "lose answer":
            raise LinkDown("link_timeout")
        if self.fault == "old answer":
            return self.answers[self.at % len(self.answers)]
        return self.damaged(answer) if self.fault in ("cut", "corrupt answer") else answer

    def damaged(self, frame: bytes) -> bytes:
        place = self.at % len(frame)
        if self.fault == "cut":
            return frame[:place]
        return frame[:place] + bytes([frame[place] ^ (1 + self.at % 255)]) + frame[place + 1 :]


class Ledgers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.bad = BadLink(self.world)
        self.world.link = self.bad
        self.accepted: list[bytes] = []

    @rule(count=st.integers(1, 4))
    def accept(self, count: int) -> None:
        self.accepted += [item.entry.raw for item in self.world.accept(count)]

    @rule(count=st.integers(1, 3))
    def decide(self, count: int) -> None:
        self.world.decide(count)

    @rule(fault=st.sampled_from(FAULTS), at=st.integers(0, 5_000), whole=st.booleans())
    def sync(self, fault: str, at: int, whole: bool) -> None:
        self.bad.fault, self.bad.at = fault, at
        if whole:
            self.world.sync()
        else:
            self.world.exchange()

    @rule(at=st.integers(0, 50))
    def an_old_frame_arrives_late(self, at: int) -> None:
        if self.bad.frames:
            self.bad.delivered(self.bad.frames[at % len(self.bad.frames)])

    @rule(keep=st.integers(0, 6))
    def headquarters_is_restored(self, keep: int) -> None:
        """From a backup that holds the first entries only; its own log is on another disk."""
        inbox = self.world.inbox
        for sha in list(inbox.entries)[keep:]:
            del inbox.entries[sha], inbox.answers[sha]

    @invariant()
    def what_is_confirmed_was_taken_or_comes_again(self) -> None:
        rows = self.world.outbox.rows
        assert [row.item.entry.raw for row in rows] == self.accepted
        there = [item.entry.raw for item in self.world.inbox.entries.values()]
        assert len(there) == len(set(there))
        assert set(there) <= set(self.accepted)

    def teardown(self) -> None:
        self.world.link = MemoryLink(self.world.answer)
        assert self.world.sync().problem is None
        quiet = self.world.sync()
        assert (quiet.problem, quiet.has_more, quiet.sent) == (None, False, 0)
        assert self.world.ledgers_equal()
        assert self.world.outbox.counts().confirmed == len(self.accepted)


@pytest.mark.clause("P31", "P49")
class TestLedgers(Ledgers.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_the_check_can_fail() -> None:
    """A stall that trusts a bare 200 loses entries, and the comparison says so."""
    world = World()
    made = world.accept(2)
    for row in world.outbox.rows:
        row.answer = Answer(row.item.entry.hash, Result.ACCEPTED)
    world.sync()
    assert made
    assert not world.ledgers_equal()
