"""Headquarters is restored from any older copy, machines are cloned and restored, syncs cross each other: nothing that
a living machine holds is lost on either side, nothing is doubled, and both sides end with the same logs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from layanan.permohonan import Kind
from layanan.problems import Refused
from sync.chain import start
from sync.exchange import Outcome, StallKeys, exchange
from sync.keys import SigningKey
from sync.memory import MemoryBook, MemoryInbox, MemoryOutbox
from sync.messages import Result, Sender
from sync.ports import KnownDevice, LinkDown
from sync.receive import HqKeys, receive
from sync.regain import MOST_RETURNED
from sync.until_quiet import sync_until_quiet
from tests.sync.cast import entry, items
from tests.sync.world import HQ, clock

STALL = "gtg"
NO_IDENTITY = ("sync_fork", "sync_unknown_device")


@dataclass
class Machine:
    """One box at the stall: what it wrote and what it has read."""

    key: SigningKey
    outbox: MemoryOutbox
    book: MemoryBook

    def copied(self) -> Machine:
        outbox, book = copy(self.outbox), copy(self.book)
        outbox.rows = [copy(row) for row in self.outbox.rows]
        outbox.heads, outbox.unsendable = dict(self.outbox.heads), dict(self.outbox.unsendable)
        outbox.foreign = set(self.outbox.foreign)
        book.entries, book.proofs = list(self.book.entries), dict(self.book.proofs)
        return Machine(self.key, outbox, book)

    def ids_read(self) -> set[str]:
        return {one.id for one in self.book.entries}


def copied(inbox: MemoryInbox) -> MemoryInbox:
    twin = copy(inbox)
    twin.devices, twin.entries, twin.answers = dict(inbox.devices), dict(inbox.entries), dict(inbox.answers)
    twin.quarantine, twin.capsules, twin.stubs = list(inbox.quarantine), dict(inbox.capsules), dict(inbox.stubs)
    twin.logs = {stall: list(log) for stall, log in inbox.logs.items()}
    return twin


class Link:
    """To headquarters as it is now; `crossing` is another sync that runs while the first answer is on its way."""

    def __init__(self, recovery: Recovery, fault: str = "none", crossing: Machine | None = None) -> None:
        self.recovery, self.fault, self.crossing = recovery, fault, crossing

    def exchange(self, frame: bytes) -> bytes:
        if self.fault == "lose request":
            raise LinkDown("link_timeout")
        self.recovery.frames.append(frame)
        answer = self.recovery.delivered(frame)
        crossing, self.crossing = self.crossing, None
        if crossing:
            self.recovery.exchange(crossing, Link(self.recovery))
        if self.fault == "lose answer":
            raise LinkDown("link_timeout")
        return answer


class Recovery(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.office = HqKeys(HQ, SigningKey.new())
        self.inbox = MemoryInbox(HQ)
        self.copies = [copied(self.inbox)]
        self.machines: list[Machine] = []
        self.kept: list[Machine] = []
        self.frames: list[bytes] = []
        self.new_machine()

    def enrol(self, machine: Machine) -> None:
        """What one more one-time code does: the next epoch of the stall."""
        granted = [one.epoch for one in self.inbox.devices.values()]
        epoch = max(granted + [machine.outbox.sender.epoch] * bool(machine.outbox.rows), default=0) + 1
        self.inbox.enrol(KnownDevice(machine.key.id, STALL, epoch, machine.key.public, False))
        machine.outbox.sender = Sender(HQ, machine.key.id, epoch, STALL)

    def new_machine(self) -> None:
        key = SigningKey.new()
        machine = Machine(key, MemoryOutbox(Sender(HQ, key.id, 1, STALL)), MemoryBook(start(HQ, 1)))
        self.enrol(machine)
        self.machines.append(machine)

    def picked(self, at: int) -> Machine:
        return self.machines[at % len(self.machines)]

    def delivered(self, frame: bytes) -> bytes:
        try:
            return receive(frame, self.inbox, self.office, now=clock)
        except Refused as refused:
            raise LinkDown(refused.code) from refused

    def keys(self, machine: Machine) -> StallKeys:
        return StallKeys(machine.key, {self.office.sign.id: self.office.sign.public})

    def exchange(self, machine: Machine, link: Link) -> Outcome:
        return exchange(machine.outbox, machine.book, link, self.keys(machine), now=clock)

    def sync(self, machine: Machine, link: Link) -> Outcome:
        return sync_until_quiet(machine.outbox, machine.book, link, self.keys(machine), now=clock)

    @rule(at=st.integers(0, 9), count=st.integers(1, 3))
    def accept(self, at: int, count: int) -> None:
        who = self.picked(at).outbox
        mine = (who.sender.device, who.sender.epoch)
        written = [row for row in who.rows if (row.item.entry.author, row.item.entry.epoch) == mine]
        for item in items(who.sender, count, len(written) + 1):
            who.add(item)

    @rule(count=st.integers(1, 3))
    def decide(self, count: int) -> None:
        log = self.inbox.logs[STALL]
        for _ in range(count):
            log.append(entry(HQ, self.inbox.incarnation, len(log) + 1, Kind.STATUS))

    @rule(at=st.integers(0, 9), fault=st.sampled_from(["none", "lose request", "lose answer"]), whole=st.booleans())
    def a_machine_syncs(self, at: int, fault: str, whole: bool) -> None:
        (self.sync if whole else self.exchange)(self.picked(at), Link(self, fault))

    @rule(at=st.integers(0, 9), other=st.integers(0, 9))
    def two_syncs_at_once(self, at: int, other: int) -> None:
        """Of two machines, or of one and the same."""
        self.exchange(self.picked(at), Link(self, crossing=self.picked(other)))

    @rule(at=st.integers(0, 500))
    def an_old_frame_arrives_late(self, at: int) -> None:
        if self.frames:
            with suppress(LinkDown):
                self.delivered(self.frames[at % len(self.frames)])

    @rule()
    def headquarters_is_copied(self) -> None:
        self.copies.append(copied(self.inbox))

    @rule(at=st.integers(0, 20), announced=st.booleans())
    def headquarters_is_restored(self, at: int, announced: bool) -> None:
        """By its own command, which counts the incarnation on, or by a tool that knows nothing of it."""
        self.inbox = copied(self.copies[at % len(self.copies)])
        self.inbox.incarnation += announced
        self.inbox.logs.setdefault(STALL, [])

    @rule(at=st.integers(0, 9))
    def a_card_is_cloned(self, at: int) -> None:
        if len(self.machines) < 4:
            self.machines.append(self.picked(at).copied())

    @rule(at=st.integers(0, 9))
    def a_card_is_copied(self, at: int) -> None:
        self.kept.append(self.picked(at).copied())

    @rule(at=st.integers(0, 9), which=st.integers(0, 9))
    def a_machine_is_restored(self, at: int, which: int) -> None:
        if self.kept:
            self.machines[at % len(self.machines)] = self.kept[which % len(self.kept)].copied()

    @rule(at=st.integers(0, 9))
    def a_machine_is_enrolled_again(self, at: int) -> None:
        self.enrol(self.picked(at))

    @rule()
    def another_machine_comes(self) -> None:
        if len(self.machines) < 4:
            self.new_machine()

    @invariant()
    def headquarters_log_is_whole(self) -> None:
        log = self.inbox.logs[STALL]
        assert [one.seq for one in log] == list(range(1, len(log) + 1))
        assert [one.epoch for one in log] == sorted(one.epoch for one in log)
        assert len({one.id for one in log}) == len(log)

    def teardown(self) -> None:
        read = set().union(*(machine.ids_read() for machine in self.machines))
        decided = {one.id for one in self.inbox.logs[STALL]}
        self.settle()
        ids = {one.id for one in self.inbox.logs[STALL]}
        assert read | decided <= ids
        for machine in self.machines:
            assert [one.raw for one in machine.book.entries] == [one.raw for one in self.inbox.logs[STALL]]
            for row in machine.outbox.rows:
                sha = row.item.entry.hash
                assert sha in self.inbox.entries
                assert self.inbox.answers[sha].result is not Result.REJECTED
                assert row.answer is not None

    def settle(self) -> None:
        """Everybody syncs; who is told to enrol again does so; until nobody has anything to say."""
        quiet = 0
        for _ in range(20):
            outcomes = [self.settled(machine) for machine in self.machines]
            done = all((o.problem, o.has_more, o.sent, o.pulled) == (None, False, 0, 0) for o in outcomes)
            quiet = quiet + 1 if done else 0
            if quiet == 2:
                return
        raise AssertionError(outcomes)

    def settled(self, machine: Machine) -> Outcome:
        outcome = self.sync(machine, Link(self))
        if outcome.problem in NO_IDENTITY:
            self.enrol(machine)
        return outcome


@pytest.mark.faults
@pytest.mark.clause("P30", "P52", "P53", "P54")
@pytest.mark.parametrize("at_once", [MOST_RETURNED, 1])
def test_nothing_that_a_living_machine_holds_is_lost(
    at_once: int,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """In full 100,000 steps, a few hundred else; what is given back goes at once, or one stretch after the other."""
    monkeypatch.setattr("sync.regain.MOST_RETURNED", at_once)
    examples, steps = (1000, 50) if request.config.getoption("--full") else (10, 30)
    record_property("points", examples * steps)
    rules = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(Recovery, settings=rules)
