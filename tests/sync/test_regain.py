"""Headquarters lost some of its log: only what it signed itself comes back, and a version that is too new says so."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from layanan.permohonan import Kind
from layanan.problems import PROBLEMS, Refused
from sync.canonical import encode
from sync.chain import start
from sync.enrol import epoch_before, request, verify_request
from sync.exchange import acknowledged
from sync.frame import FrameKind, pack
from sync.keys import SigningKey
from sync.messages import Acknowledgement, Batch
from sync.recovery import Recovery, Returned
from sync.regain import MOST_RETURNED, Merged, merged, rungs
from tests.sync.cast import entry, news, stretch
from tests.sync.test_enrol import CODE
from tests.sync.world import World


@pytest.fixture
def world() -> World:
    """A stall that has read five statuses in two stretches; headquarters is back at the second."""
    made = World()
    made.decide(2)
    made.sync()
    made.decide(3)
    made.sync()
    made.inbox.logs["gtg"] = made.inbox.logs["gtg"][:2]
    return made


def ask(world: World, said: Recovery) -> Acknowledgement:
    batch = Batch(world.outbox.identity(), b"n" * 16, (), (), world.book.cursor(), recovery=said)
    frame = pack(batch.to_payload(), world.device, FrameKind.BATCH)
    return acknowledged(world.answer(frame), frame, world.keys)


@pytest.mark.clause("P52")
def test_only_what_headquarters_signed_comes_back(world: World) -> None:
    begin = start("hq", 1)
    true = world.book.above(begin, 1_000_000)
    invented = tuple(one.raw for one in news(begin, 5))
    for false in (
        replace(true, proof=b"x" * 64),
        replace(true, entries=true.entries[:4]),
        replace(true, entries=true.entries[1:]),
        replace(true, entries=(*true.entries[:4], invented[4])),
        Returned(begin, invented, true.proof),
    ):
        assert ask(world, Recovery(returned=false)).common is None
        assert len(world.inbox.logs["gtg"]) == 2
    assert ask(world, Recovery(returned=true)).common == world.book.cursor()
    assert tuple(one.raw for one in world.inbox.logs["gtg"]) == true.entries


@pytest.mark.clause("P52")
def test_a_revoked_machine_gives_nothing_back(world: World) -> None:
    world.inbox.enrol(replace(world.inbox.devices[world.device.id], revoked=True))
    assert ask(world, Recovery(returned=world.book.above(start("hq", 1), 1_000_000))).common is None
    assert len(world.inbox.logs["gtg"]) == 2


@pytest.mark.clause("P34")
def test_a_headquarters_that_takes_nothing_is_named_and_nothing_moves(world: World) -> None:
    here = world.book.cursor()
    world.book.proofs[here] = b"x" * 64
    assert (world.sync().problem, world.book.cursor()) == ("sync_gap", here)


@pytest.mark.clause("P53")
@pytest.mark.parametrize("at_once", [MOST_RETURNED, 1])
def test_a_second_machine_that_read_the_other_branch_gives_way(
    world: World, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headquarters decided anew in the dark; a new machine of the stall read that before the old one was heard."""
    monkeypatch.setattr("sync.regain.MOST_RETURNED", at_once)
    world.decide(2)
    young = World(office=world.office, inbox=world.inbox)
    assert young.sync().pulled == 4
    assert world.sync().problem is None
    assert young.sync().problem is None
    log = [one.raw for one in world.inbox.logs["gtg"]]
    assert [one.raw for one in world.book.entries] == log == [one.raw for one in young.book.entries]
    assert len({one.id for one in world.inbox.logs["gtg"]}) == len(log) == 7


@pytest.mark.clause("P53")
def test_merging_keeps_bytes_ids_and_order() -> None:
    base = start("hq", 1)
    given, own = news(base, 3), news(base, 2)
    place = stretch(base, given[:1]).position
    assert merged(base, given[:1], given, 1) == Merged(place, None, 1)
    new = merged(base, given, own, 4)
    assert new.entries is not None
    assert (new.entries[:3], new.incarnation) == (given, 4)
    assert [(one.id, one.epoch, one.seq, one.at) for one in new.entries[3:]] == [
        (one.id, 4, n, one.at) for n, one in enumerate(own, 4)
    ]


def test_the_steps_of_a_ladder_double() -> None:
    assert [rungs(n) for n in (0, 1, 2, 9)] == [[0], [1, 0], [2, 1, 0], [9, 8, 6, 2, 0]]


@pytest.mark.clause("P38")
def test_a_message_for_newer_readers_is_refused_in_a_clear_sentence(world: World) -> None:
    batch = Batch(world.outbox.identity(), b"n" * 16, (), (), world.book.cursor())
    newer = encode(json.loads(batch.to_payload()) | {"min_reader": 2})
    with pytest.raises(Refused, match="sync_too_new"):
        world.answer(pack(newer, world.device, FrameKind.BATCH))
    assert "Perbarui programnya." in Refused("sync_too_new").sentence()
    assert "tetap aman" in PROBLEMS["sync_too_new"].hint


@pytest.mark.clause("P38")
def test_what_a_newer_version_says_besides_is_passed_over(world: World) -> None:
    batch = Batch(world.outbox.identity(), b"n" * 16, (), (), start("hq", 1))
    recovery = {"asked": ["00" * 32], "weather": 1}
    newer = encode(json.loads(batch.to_payload()) | {"version": 2, "more": [1], "recovery": recovery})
    assert Batch.from_payload(newer).recovery == Recovery(asked=("00" * 32,))
    frame = pack(newer, world.device, FrameKind.BATCH)
    assert acknowledged(world.answer(frame), frame, world.keys).problem is None


@pytest.mark.clause("P4", "P37")
def test_an_unknown_kind_given_back_keeps_every_field(world: World) -> None:
    newer = entry("hq", 1, 3, "weather", record=None, extra={"rain": {"mm": 3}})
    world.inbox.publish("gtg", newer)
    young = World(office=world.office, inbox=world.inbox)
    young.sync()
    world.inbox.logs["gtg"] = []
    assert young.sync().problem is None
    assert world.inbox.logs["gtg"][2].raw == newer.raw
    assert Kind.REPLAY not in {one.kind for one in world.inbox.logs["gtg"]}


@pytest.mark.clause("P58")
def test_a_request_names_the_epoch_before_and_proves_the_same() -> None:
    key = SigningKey.new()
    body = request(CODE, key.public, b"n" * 16, 7)
    assert bytes(verify_request(CODE, body)) == bytes(key.public)
    assert [epoch_before(body), epoch_before({}), epoch_before({"epoch": 10**9}), epoch_before({"epoch": "7"})] == [
        7, 0, 0, 0,
    ]  # fmt: skip
