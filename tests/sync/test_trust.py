"""Headquarters' keys follow one another; a stall that was away catches up, and a stolen key gains nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

import pytest

from layanan.permohonan import Kind
from sync.chain import Position, start
from sync.entry import Entry
from sync.exchange import StallKeys
from sync.frame import FrameKind, pack, signer, unpack
from sync.keys import SealingKey, SigningKey, VerifyKey
from sync.memory import MemoryBook, MemoryLink
from sync.memory_book import places_of
from sync.messages import Acknowledgement, Batch
from sync.proof import prove
from sync.receive import HqKeys, receive
from sync.recovery import Recovery, Returned
from sync.trust import Trust, Use, vouched
from tests.sync.cast import entry
from tests.sync.world import HQ, World, clock

FIRST, SECOND, THIRD, STRANGER = (SigningKey.new() for _ in range(4))
PINNED = Trust(HQ, (FIRST.public,), SealingKey.new().public)


def told(seq: int, use: Use, key: bytes | str, by: SigningKey, hq: str = HQ) -> Entry:
    return entry(HQ, 1, seq, Kind.KEY, record=None, fields=dict(vouched(hq, use, key, by)))


def followed(seq: int, key: SigningKey, by: SigningKey) -> Entry:
    return told(seq, Use.SIGN, bytes(key.public), by)


@pytest.mark.clause("P90")
def test_each_key_names_the_next_and_all_are_believed_until_one_is_retired() -> None:
    trust = PINNED.following([followed(1, SECOND, FIRST), followed(2, THIRD, SECOND)])
    assert list(trust.accepted()) == [THIRD.id, SECOND.id, FIRST.id]
    later = trust.following([told(3, Use.RETIRE, FIRST.id, THIRD)])
    assert list(later.accepted()) == [THIRD.id, SECOND.id]
    assert later.newest.id == THIRD.id


@pytest.mark.clause("P90")
def test_a_sealing_key_counts_from_its_place_on() -> None:
    box = SealingKey.new().public
    assert bytes(PINNED.following([told(1, Use.SEAL, bytes(box), FIRST)]).sealing or b"") == bytes(box)


@pytest.mark.clause("P90")
@pytest.mark.parametrize(
    "forged",
    [
        followed(2, STRANGER, STRANGER),
        followed(2, STRANGER, FIRST),
        told(2, Use.SEAL, bytes(SealingKey.new().public), FIRST),
        told(2, Use.RETIRE, SECOND.id, FIRST),
        told(2, Use.RETIRE, SECOND.id, SECOND),
        told(2, Use.SIGN, bytes(STRANGER.public), SECOND, hq="other"),
        told(2, Use.SIGN, b"short", SECOND),
        entry(HQ, 1, 2, Kind.KEY, record=None, fields={"use": "sign", "by": SECOND.id, "voucher": "?"}),
        entry(HQ, 1, 2, Kind.KEY, record=None, fields=vouched(HQ, Use.SIGN, bytes(STRANGER.public), SECOND) | {
            "key": b64encode(bytes(THIRD.public)).decode()
        }),
        entry(HQ, 1, 2, Kind.NOTICE, record=None, fields=dict(vouched(HQ, Use.SIGN, bytes(THIRD.public), SECOND))),
    ],
)  # fmt: skip
def test_nobody_else_names_a_successor_and_an_older_key_retires_nothing(forged: Entry) -> None:
    trust = PINNED.following([followed(1, SECOND, FIRST)])
    assert trust.following([forged]) == trust


class Believed(Mapping[str, VerifyKey]):
    """What a stall believes at each look, read from its book as a stall's file does."""

    def __init__(self, book: MemoryBook, pinned: Trust) -> None:
        self.book, self.pinned = book, pinned

    def now(self) -> dict[str, VerifyKey]:
        return self.pinned.following(self.book.entries).accepted()

    def __getitem__(self, key: str) -> VerifyKey:
        return self.now()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now())

    def __len__(self) -> int:
        return len(self.now())


class Changing(World):
    """A world whose headquarters changes its keys; `signers` are those of the answers."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.link = MemoryLink(self.answer)
        self.signers: list[str] = []
        pinned = Trust(HQ, (self.office.sign.public,))
        self.keys = StallKeys(self.device, Believed(self.book, pinned))

    def answer(self, frame: bytes) -> bytes:
        said = receive(frame, self.inbox, self.office, now=clock)
        self.signers.append(signer(said))
        return said

    def rotate(self) -> SigningKey:
        former, key = self.office.sign, SigningKey.new()
        self.office = HqKeys(HQ, key, (former, *self.office.former))
        self.publish(vouched(HQ, Use.SIGN, bytes(key.public), former))
        return former

    def publish(self, fields: Mapping[str, str]) -> None:
        log = self.inbox.logs[self.stall]
        log.append(entry(HQ, self.inbox.incarnation, len(log) + 1, Kind.KEY, record=None, fields=dict(fields)))

    def retire(self, key: SigningKey) -> None:
        self.publish(vouched(HQ, Use.RETIRE, key.id, self.office.sign))


@pytest.fixture
def world() -> Changing:
    return Changing()


@pytest.mark.clause("P91")
def test_a_stall_that_was_away_for_two_changes_catches_up_through_the_chain(world: Changing) -> None:
    world.accept(3)
    world.sync()
    first = world.rotate()
    world.decide(250)
    world.retire(first)
    world.retire(world.rotate())
    world.decide(3)
    world.accept(2)
    del world.signers[:]
    assert world.sync().problem is None
    assert world.ledgers_equal()
    assert list(world.keys.hq) == [world.office.sign.id]
    assert world.signers[-1] == world.office.sign.id
    del world.signers[:]
    world.accept(1)
    assert world.sync().problem is None
    assert set(world.signers) == {world.office.sign.id}


@pytest.mark.clause("P91")
def test_until_it_has_read_the_change_it_is_answered_with_the_key_it_knows_and_afterwards_with_either(
    world: Changing,
) -> None:
    first = world.rotate()
    world.accept(1)
    assert world.exchange().problem is None
    assert world.signers[-1] == first.id
    late = HqKeys(HQ, first)
    world.office, present = late, world.office
    world.accept(1)
    assert world.exchange().problem is None
    world.office = present
    world.retire(first)
    assert world.sync().problem is None
    world.office = late
    world.accept(1)
    assert world.exchange().problem == "sync_hq_key"
    assert world.outbox.counts().stored - world.outbox.counts().confirmed == 1
    world.office = present
    assert world.sync().problem is None
    assert world.ledgers_equal()


@pytest.mark.clause("P92")
@pytest.mark.parametrize("keys_too", [False, True])
def test_a_headquarters_restored_to_before_the_change_takes_its_log_back_with_the_proof_of_a_key_it_has_lost(
    world: Changing, keys_too: bool
) -> None:
    world.decide(2)
    world.sync()
    older, keys = list(world.inbox.logs[world.stall]), world.office
    world.rotate()
    world.decide(3)
    world.sync()
    world.decide(1)
    world.sync()
    world.inbox.logs[world.stall] = older
    if keys_too:
        world.office = keys
    world.accept(1)
    assert world.sync().problem is None
    assert world.ledgers_equal()


@pytest.mark.clause("P92")
def test_a_retired_key_proves_what_came_before_and_nothing_after(world: Changing) -> None:
    first, second = world.office.sign, SigningKey.new()
    log = [entry(HQ, 1, n, Kind.STATUS) for n in (1, 2)]
    log += [followed(3, second, first), told(4, Use.RETIRE, first.id, second), entry(HQ, 1, 5, Kind.STATUS)]
    places = places_of(start(HQ, 1), log)
    world.office = HqKeys(HQ, second, (first,))

    def given(end: int, key: SigningKey) -> Position | None:
        """What is common after the stall has given its log back up to `end`, proven by `key`."""
        returned = Returned(places[0], tuple(one.raw for one in log[:end]), prove(key, world.stall, places[end]))
        who = world.outbox.identity()
        batch = Batch(who, bytes(16), (), (), places[end], recovery=Recovery(returned=returned))
        answer = world.answer(pack(batch.to_payload(), world.device, FrameKind.BATCH))
        opened = unpack(answer, lambda _: second.public, FrameKind.ACKNOWLEDGEMENT)
        return Acknowledgement.from_payload(opened.payload).common

    assert [given(3, SigningKey.new()), given(4, first), given(5, first)] == [None, None, None]
    assert given(3, first) == places[3]
    world.inbox.logs[world.stall] = []
    assert given(5, second) == places[5]
