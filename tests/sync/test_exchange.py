"""One exchange does it all: what is pending goes up, answers and news come down, and nothing else moves anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from layanan.problems import Refused
from sync.chain import start
from sync.entry import SealedRef
from sync.exchange import exchange
from sync.frame import FrameKind, pack, unpack
from sync.keys import SigningKey
from sync.memory import MemoryInbox, MemoryLink
from sync.messages import Acknowledgement, Batch, Item, Sender
from sync.ports import KnownDevice, LinkDown
from sync.seal import sealed_hash
from tests.sync.cast import MORNING, capsule, entry
from tests.sync.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.clause("P19")
def test_one_exchange_pushes_and_pulls(world: World) -> None:
    world.accept(3)
    world.decide(2)
    outcome = world.exchange()
    assert (outcome.sent, outcome.confirmed, outcome.pulled) == (3, 3, 2)
    assert (outcome.problem, outcome.has_more, outcome.clock_ahead) == (None, False, 0.0)
    assert world.ledgers_equal()


@pytest.mark.clause("P36", "P39")
def test_a_long_absence_is_caught_up_in_batches(world: World) -> None:
    world.accept(250)
    world.decide(230)
    first = world.exchange()
    assert (first.sent, first.pulled, first.has_more) == (100, 100, True)
    rest = world.sync()
    assert (rest.confirmed, rest.pulled, rest.problem, rest.has_more) == (150, 130, None, False)
    assert world.ledgers_equal()
    assert len(world.frames) == 3


@pytest.mark.clause("P19")
def test_nothing_to_do_is_one_small_exchange(world: World) -> None:
    assert world.sync() == replace(world.exchange(), sent=0)
    assert len(world.frames[0]) < 500


@pytest.mark.clause("P21")
def test_a_link_that_is_down_moves_nothing(world: World) -> None:
    world.accept(2)
    world.link = MemoryLink(None)
    outcome = world.sync()
    assert (outcome.problem, outcome.sent, outcome.confirmed, outcome.has_more) == ("link_no_address", 0, 0, True)
    counts = world.outbox.counts()
    assert (counts.stored, counts.sent, counts.confirmed) == (2, 0, 0)


def forged(world: World, change: Callable[[Acknowledgement], Acknowledgement], key: SigningKey | None = None) -> None:
    """Put a link in between that signs another acknowledgement."""

    def answer(frame: bytes) -> bytes:
        opened = unpack(world.answer(frame), world.keys.hq.get, FrameKind.ACKNOWLEDGEMENT)
        ack = change(Acknowledgement.from_payload(opened.payload, known(world, frame)))
        return pack(ack.to_payload(), key or world.office.sign, FrameKind.ACKNOWLEDGEMENT)

    world.link = MemoryLink(answer)


def known(world: World, frame: bytes) -> tuple[str, ...]:
    """What headquarters' answer to this frame need not spell out."""
    return Batch.from_payload(unpack(frame, lambda _: world.device.public, FrameKind.BATCH).payload).known()


@pytest.mark.clause("P20", "P21")
def test_only_headquarters_signed_answer_to_this_very_frame_counts(world: World) -> None:
    made = world.accept(1)
    earlier = World(device=world.device, office=world.office)
    stale = earlier.answer(pack(_empty(earlier), world.device, FrameKind.BATCH))
    for answer in (b"", b"{}", b"<html>OK</html>", stale, stale[:-1], pack(b"{}", world.device, FrameKind.BATCH)):
        world.link = MemoryLink(lambda frame, answer=answer: answer)  # type: ignore[misc]
        assert world.exchange().problem in ("sync_malformed", "sync_bad_signature", "sync_hq_key")
    forged(world, lambda ack: ack, SigningKey.new())
    assert world.exchange().problem == "sync_hq_key"
    forged(world, lambda ack: replace(ack, batch="00" * 32))
    assert world.exchange().problem == "sync_bad_signature"
    assert world.outbox.pending(9, 10_000) == made


def _empty(world: World) -> bytes:
    return Batch(world.outbox.identity(), b"n" * 16, (), (), world.book.cursor()).to_payload()


@pytest.mark.clause("P35")
def test_news_without_a_proof_are_not_taken(world: World) -> None:
    world.accept(1)
    world.decide(1)
    for proof in (b"", b"x" * 64):
        forged(world, lambda ack, proof=proof: replace(ack, down=replace(ack.down, proof=proof)))  # type: ignore[misc]
        outcome = world.exchange()
        assert (outcome.problem, outcome.pulled) == ("sync_bad_signature", 0)
    assert world.book.cursor() == start("hq", 1)
    assert world.outbox.counts().confirmed == 1


@pytest.mark.clause("P34", "P52")
def test_a_headquarters_that_lost_its_log_gets_it_back_word_for_word(world: World) -> None:
    world.decide(3)
    world.sync()
    here, log = world.book.cursor(), list(world.inbox.logs["gtg"])
    world.inbox.logs["gtg"] = log[:1]
    assert (world.sync().problem, world.book.cursor()) == (None, here)
    assert (world.inbox.logs["gtg"], world.inbox.incarnation) == (log, 2)


@pytest.mark.clause("P30")
def test_a_headquarters_restored_from_a_backup_gets_everything_again(world: World) -> None:
    world.accept(4)
    world.sync()
    for item in list(world.inbox.entries.values())[2:]:
        del world.inbox.entries[item.entry.hash], world.inbox.answers[item.entry.hash]
    assert not world.ledgers_equal()
    assert world.sync().confirmed == 2
    assert world.ledgers_equal()


@pytest.mark.clause("P29")
def test_two_machines_with_one_identity_see_it_and_lose_nothing(world: World) -> None:
    clone = World(device=world.device, office=world.office, inbox=world.inbox)
    world.accept(2)
    clone.accept(3)
    assert world.sync().problem is None
    assert clone.sync().problem == "sync_fork"
    assert clone.outbox.counts().confirmed == 0
    assert len(world.inbox.entries) == 5


@pytest.mark.clause("P7", "P29")
def test_after_enrolling_again_the_old_outbox_travels_under_the_new_sender(world: World) -> None:
    clone = World(device=world.device, office=world.office, inbox=world.inbox)
    world.accept(2)
    clone.accept(3)
    world.sync()
    clone.sync()
    fresh = SigningKey.new()
    clone.inbox.enrol(KnownDevice(fresh.id, "gtg", 2, fresh.public, False))
    clone.outbox.sender = Sender("hq", fresh.id, 2, "gtg")
    clone.keys = replace(clone.keys, device=fresh)
    outcome = clone.sync()
    assert (outcome.problem, outcome.confirmed, outcome.has_more) == (None, 3, False)


@pytest.mark.clause("P27")
def test_a_revoked_stall_learns_that_and_nothing_else(world: World) -> None:
    world.accept(1)
    world.decide(1)
    world.inbox.enrol(replace(world.inbox.devices[world.device.id], revoked=True))
    outcome = world.sync()
    assert (outcome.problem, outcome.confirmed, outcome.pulled) == ("sync_revoked", 0, 0)
    assert world.outbox.counts().confirmed == 0
    frame = world.frames[-1]
    answer = unpack(world.answer(frame), world.keys.hq.get, FrameKind.ACKNOWLEDGEMENT)
    ack = Acknowledgement.from_payload(answer.payload, known(world, frame))
    assert (ack.down.entries, ack.down.proof) == ((), b"")


@pytest.mark.clause("P40")
def test_what_a_busy_server_asks_for_is_passed_on(world: World) -> None:
    def busy(frame: bytes) -> bytes:
        raise LinkDown("link_server", 120.0)

    world.link = MemoryLink(busy)
    outcome = world.sync()
    assert (outcome.problem, outcome.retry_after, len(world.frames)) == ("link_server", 120.0, 0)


@pytest.mark.clause("P22")
def test_an_answer_that_answers_nothing_is_not_asked_for_ever(world: World) -> None:
    world.accept(1)
    forged(world, lambda ack: replace(ack, answers=()))
    outcome = world.sync()
    assert (outcome.confirmed, outcome.has_more, len(world.frames)) == (0, True, 2)


@pytest.mark.clause("P14")
def test_the_capsules_of_the_entries_go_along_each_time(world: World) -> None:
    for key in ("ab" * 8, "cd" * 8):
        world.outbox.keys[key] = capsule(key, world.device.id)
    for seq in (1, 2):
        part = b"part %d" % seq
        made = entry(world.device.id, 1, seq, sealed=SealedRef("ab" * 8, sealed_hash(part)))
        world.outbox.add(Item(made, part))
        world.sync()
        opened = unpack(world.frames[-1], lambda _: world.device.public, FrameKind.BATCH)
        assert [one.key for one in Batch.from_payload(opened.payload).capsules] == ["ab" * 8]


@pytest.mark.clause("P42")
@pytest.mark.parametrize("years", [-56, 10])
def test_a_wrong_clock_is_measured_and_changes_nothing_else(world: World, years: int) -> None:
    world.accept(2)
    wrong = MORNING + timedelta(days=365 * years)
    outcome = exchange(world.outbox, world.book, world.link, world.keys, now=lambda: wrong)
    assert (outcome.confirmed, outcome.clock_ahead) == (2, timedelta(days=365 * years).total_seconds())
    assert world.ledgers_equal()


def sent_by(world: World, **changed: object) -> bytes:
    sender = replace(world.outbox.identity(), **changed)  # type: ignore[arg-type]
    return pack(Batch(sender, b"", (), (), world.book.cursor()).to_payload(), world.device, FrameKind.BATCH)


@pytest.mark.clause("P50")
def test_headquarters_takes_only_what_is_meant_for_it(world: World) -> None:
    refusals = [
        (sent_by(world, hq="elsewhere"), "sync_wrong_hq"),
        (sent_by(world, stall="rgj"), "sync_unknown_device"),
        (sent_by(world, device="0011223344556677"), "sync_unknown_device"),
        (sent_by(world, epoch=2), "sync_unknown_device"),
        (pack(b"{}", SigningKey.new(), FrameKind.BATCH), "sync_unknown_device"),
        (pack(b"{}", world.device, FrameKind.ACKNOWLEDGEMENT), "sync_bad_signature"),
        (b"GET / HTTP/1.1", "sync_malformed"),
    ]
    for frame, code in refusals:
        with pytest.raises(Refused, match=code):
            world.answer(frame)
    assert world.inbox.entries == {}


class FullInbox(MemoryInbox):
    """Headquarters whose disk is full."""

    def store(self, device: KnownDevice, batch: Batch) -> NoReturn:
        raise Refused("disk_full")


@pytest.mark.clause("P31")
def test_no_acknowledgement_without_a_transaction() -> None:
    world = World(inbox=FullInbox("hq"))
    world.accept(1)
    with pytest.raises(Refused, match="disk_full"):
        world.answer(sent_by(world))
