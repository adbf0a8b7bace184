"""A courier's file is believed whole or not at all, whatever happened to its bytes; its name holds nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import PROBLEMS, Refused
from sync.bundle import MAX_FRAMES, Cover, Direction, Framed, pack_bundle, read_bundle, read_name
from sync.canonical import spell
from sync.chain import start
from sync.courier_desk import receive_bundle
from sync.frame import FrameKind, pack
from sync.keys import SigningKey
from sync.messages import Sender
from tests.sync.cast import batch, items
from tests.sync.world import HQ, World, clock

WORLD = World()
WHO = WORLD.outbox.identity()
COVER = Cover(Direction.TO_HQ, 7, WHO, start(WHO.device, 1))


def frames(count: int = 3, sender: Sender = WHO) -> list[Framed]:
    made = items(sender, count)
    payloads = [batch(sender, [item], start(HQ, 1)).to_payload() for item in made]
    return [Framed(FrameKind.BATCH, pack(payload, WORLD.device, FrameKind.BATCH)) for payload in payloads]


WHOLE = pack_bundle(COVER, frames(), WORLD.device)


class NoDesk:
    """Nothing may reach it."""

    def keep(self, *given: object) -> None:
        raise AssertionError("a refused file left something behind")


def refused(raw: bytes) -> str:
    with pytest.raises(Refused) as caught:
        receive_bundle(raw, WORLD.inbox, NoDesk(), WORLD.office, now=clock)  # type: ignore[arg-type]
    assert WORLD.inbox.entries == {}
    return caught.value.code


@pytest.mark.clause("P60")
def test_it_reads_back_as_it_was_made() -> None:
    bundle = read_bundle(WHOLE, lambda _: WORLD.device.public)
    assert (bundle.cover, bundle.signer, len(bundle.frames)) == (COVER, WORLD.device.id, 3)
    assert WHOLE.startswith(b"PSBU\x01") and WHOLE.endswith(bundle.frames[-1].raw)


@pytest.mark.clause("P61")
@given(st.integers(0, len(WHOLE) * 8 - 1))
def test_one_flipped_bit_anywhere_refuses_all_of_it(bit: int) -> None:
    raw = bytearray(WHOLE)
    raw[bit // 8] ^= 1 << bit % 8
    assert refused(bytes(raw)) in ("courier_damaged", "courier_unknown", "courier_foreign", "sync_too_new")


@pytest.mark.clause("P61")
@given(st.integers(0, len(WHOLE) - 1), st.booleans())
def test_cut_anywhere_or_zeroed_from_there(place: int, zeroed: bool) -> None:
    tail = bytes(len(WHOLE) - place) if zeroed else b""
    raw = WHOLE[:place] + tail
    if raw != WHOLE:
        assert refused(raw) in ("courier_damaged", "courier_unknown", "courier_foreign", "sync_too_new")


@pytest.mark.clause("P61")
@given(st.binary(max_size=300), st.sampled_from([b"", b"PSBU", b"PSBU\x01", WHOLE[:9], WHOLE[:200]]))
def test_bytes_of_strangers(rest: bytes, begin: bytes) -> None:
    assert refused(begin + rest) in PROBLEMS


@pytest.mark.clause("P61")
def test_a_bomb_in_a_frame_and_a_frame_that_is_no_batch_refuse_all_of_it() -> None:
    zeros = pack(bytes(7_999_999), WORLD.device, FrameKind.BATCH)
    news = Framed(FrameKind.NEWS, pack(b"{}", WORLD.device, FrameKind.NEWS))
    for last in (Framed(FrameKind.BATCH, zeros), news, Framed(FrameKind.BATCH, b"PSAR\x01" + bytes(200))):
        assert refused(pack_bundle(COVER, [*frames(), last], WORLD.device)) in ("sync_malformed", "sync_bad_signature")


@pytest.mark.clause("P61")
def test_a_list_of_too_many_or_of_none() -> None:
    listed = [["batch", 0, "00" * 32]] * (MAX_FRAMES + 1)
    payload = spell({**COVER.to_fields(), "version": 1, "min_reader": 1, "frames": listed})
    first = pack(payload, WORLD.device, FrameKind.BUNDLE)
    assert refused(b"PSBU\x01" + len(first).to_bytes(4, "big") + first) == "courier_damaged"
    assert refused(pack_bundle(COVER, [], WORLD.device)) == "courier_foreign"
    with pytest.raises(Refused, match="sync_too_large"):
        pack_bundle(COVER, [Framed(FrameKind.BATCH, b"")] * (MAX_FRAMES + 1), WORLD.device)


@pytest.mark.clause("P62")
def test_of_somebody_else() -> None:
    stranger = SigningKey.new()
    assert refused(pack_bundle(COVER, frames(), stranger)) == "courier_foreign"
    others = [
        replace(COVER, direction=Direction.FROM_HQ),
        *(replace(COVER, sender=replace(WHO, **change)) for change in (
            {"hq": "other"}, {"stall": "other"}, {"device": stranger.id}, {"epoch": 2},
        )),
    ]  # fmt: skip
    for cover in others:
        assert refused(pack_bundle(cover, frames(), WORLD.device)) == "courier_foreign"
    mixed = [*frames(), *frames(1, replace(WHO, stall="other"))]
    assert refused(pack_bundle(COVER, mixed, WORLD.device)) == "courier_foreign"


@pytest.mark.clause("P66")
def test_the_name_holds_stall_direction_and_number() -> None:
    assert COVER.name == "gtg.ke-mpp.0007.pasar"
    assert read_name("GTG.KE-MPP.0007.PASAR") == ("gtg", Direction.TO_HQ, 7)
    good = COVER.name
    for name in ("gtg.ke-mpp.7.pasar", f"../{good}", f"{good}.exe", f".{good}", f"{good}\n"):
        assert read_name(name) is None
