"""The next question is made while headquarters works on this one, and asked only if it is the one to ask then."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from sync.ahead import WORTH, Ahead
from sync.exchange import next_batch
from sync.frame import FrameKind, unpack
from sync.memory import MemoryLink, MemoryOutbox
from sync.messages import Batch, Item
from sync.ports import LinkDown
from tests.sync.world import World

MANY = 6 * WORTH


class Watched(MemoryOutbox):
    """Tells when it was looked at, so that a link can wait for it."""

    looked = threading.Event()

    def pending(self, max_rows: int, max_bytes: int) -> list[Item]:
        self.looked.set()
        return super().pending(max_rows, max_bytes)


@pytest.fixture
def world() -> World:
    made = World()
    watched = Watched(made.outbox.sender)
    made.outbox = watched
    return made


def asked(world: World) -> list[Batch]:
    return [
        Batch.from_payload(unpack(frame, lambda _: world.device.public, FrameKind.BATCH).payload)
        for frame in world.frames
    ]


@pytest.mark.clause("P49")
def test_the_next_question_is_made_while_headquarters_works(world: World) -> None:
    world.accept(MANY)
    seen: list[bool] = []

    def slow(frame: bytes) -> bytes:
        Watched.looked.clear()
        seen.append(Watched.looked.wait(10))
        return world.answer(frame)

    world.link = MemoryLink(slow)
    assert world.sync().confirmed == MANY
    assert seen[0]
    assert world.ledgers_equal()
    sent = [item.entry.hash for batch in asked(world) for item in batch.items]
    assert len(sent) == len(set(sent)) == MANY


@pytest.mark.clause("P19", "P49")
def test_what_was_made_ahead_is_asked_once_and_only_if_nothing_changed(world: World) -> None:
    world.accept(WORTH)
    first = next_batch(world.outbox, world.book, WORTH)
    ahead = Ahead()

    def make(batch: Batch) -> None:
        ahead.beside(world.link, first, lambda: batch).exchange(frame)

    world.exchange()
    (frame,) = world.frames
    world.accept(WORTH)
    following = next_batch(world.outbox, world.book, WORTH)
    make(following)
    same = replace(following, nonce=b"another nonce 16")
    assert ahead.instead_of(same) is following
    assert ahead.instead_of(same) is same
    for other in (
        replace(following, cursor=replace(following.cursor, seq=9)),
        replace(following, items=following.items[1:]),
    ):
        make(following)
        assert ahead.instead_of(other) is other


@pytest.mark.clause("P49")
def test_news_that_come_with_an_answer_are_counted_in_the_next_question(world: World) -> None:
    world.accept(MANY)
    world.decide(5)
    assert world.sync().problem is None
    first, second, *_ = asked(world)
    assert (first.cursor.seq, second.cursor.seq) == (0, 5)
    assert world.ledgers_equal()


@pytest.mark.clause("P49")
def test_a_save_in_the_middle_goes_with_a_later_batch(world: World) -> None:
    world.accept(MANY)

    def busy(frame: bytes) -> bytes:
        if len(world.frames) < 2:
            world.accept(7)
        return world.answer(frame)

    world.link = MemoryLink(busy)
    assert world.sync().confirmed == MANY + 14
    assert world.ledgers_equal()


@pytest.mark.clause("P49")
@pytest.mark.parametrize("failure", [LinkDown("link_server"), ZeroDivisionError()])
def test_what_goes_wrong_in_the_link_is_told_where_it_was_asked(world: World, failure: Exception) -> None:
    world.accept(MANY)

    def broken(frame: bytes) -> bytes:
        raise failure

    world.link = MemoryLink(broken)
    if isinstance(failure, LinkDown):
        assert world.sync().problem == "link_server"
    else:
        with pytest.raises(ZeroDivisionError):
            world.sync()
    world.link = MemoryLink(world.answer)
    assert world.sync().confirmed == MANY
    assert world.ledgers_equal()


def test_a_few_entries_need_no_thread(world: World) -> None:
    world.accept(WORTH - 1)
    few = next_batch(world.outbox, world.book, WORTH)
    assert Ahead().beside(world.link, few, lambda: few) is world.link
