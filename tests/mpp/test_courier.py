"""What headquarters remembers of couriers' files, on both databases: answers for the way back, numbers, gaps."""

from __future__ import annotations

import pytest

from layanan.problems import Refused
from layanan.status import Status
from mpp.db.courier import SqlCourierDesk, stall_named
from mpp.db.decision import Decision, decide
from mpp.db.permohonan import find
from mpp.db.stall import revoke
from sync.bundle import Cover, Direction, Framed, pack_bundle, read_bundle
from sync.chain import Position, linked, start
from sync.courier_desk import Gap, Received, answering, receive_bundle
from sync.frame import FrameKind, pack, unpack
from sync.messages import Acknowledgement, Item
from sync.news import read_news
from sync.receive import HqKeys
from tests.mpp.cast import NOW, RATNA, Headquarters, StallAtWork


class Courier:
    """Brings files of a stall at work, and opens those that headquarters gives back."""

    def __init__(self, office: Headquarters, stall: StallAtWork) -> None:
        self.office, self.stall = office, stall
        self.desk = SqlCourierDesk(office.database)
        self.keys = HqKeys(office.keys.hq, office.keys.signing)

    def file(self, number: int, *parts: list[Item]) -> bytes:
        written = [item.entry.hash for item in self.stall.written]
        place = start(self.stall.grant.device, self.stall.grant.epoch)
        head = Position(place.author, place.epoch, len(written), linked(place.chain, written))
        packed = [pack(self.stall.batch(part).to_payload(), self.stall.key, FrameKind.BATCH) for part in parts]
        cover = Cover(Direction.TO_HQ, number, self.stall.sender(), head)
        return pack_bundle(cover, [Framed(FrameKind.BATCH, raw) for raw in packed], self.stall.key)

    def bring(self, raw: bytes) -> Received:
        return receive_bundle(raw, self.office.inbox, self.desk, self.keys, now=self.office.clock)

    def back(self) -> tuple[Cover, list[Acknowledgement], list[bytes]]:
        stall = self.stall.grant.stall
        cover = self.desk.cover(stall, self.desk.begin(stall))
        public = self.office.keys.signing.public
        bundle = read_bundle(answering(cover, self.office.inbox, self.desk, self.keys), lambda _: public)
        acks, news = [], []
        for kind, raw in bundle.frames:
            payload = unpack(raw, lambda _: public, kind).payload
            if kind == FrameKind.NEWS:
                news += read_news(payload, stall, public).entries
            else:
                acks.append(Acknowledgement.from_payload(payload))
        return bundle.cover, acks, news


@pytest.fixture
def courier(office: Headquarters, stall: StallAtWork) -> Courier:
    return Courier(office, stall)


@pytest.mark.clause("P68")
def test_answers_wait_until_a_newer_file_and_carry_no_news(courier: Courier) -> None:
    records = [courier.stall.accept() for _ in range(3)]
    one, two = courier.stall.written[:2], courier.stall.written[2:]
    first = courier.file(1, one, two)
    for _ in range(2):
        assert courier.bring(first) == Received("gtg", 1, 4, 0, None)
    cover, acks, _ = courier.back()
    assert ([len(ack.answers) for ack in acks], acks[-1].head.seq, cover.number) == ([2, 2], 4, 1)
    assert all(ack.down.entries == () for ack in acks)
    courier.bring(courier.file(2, []))
    cover, acks, _ = courier.back()
    assert ([len(ack.answers) for ack in acks], cover.number) == ([0], 2)
    courier.bring(first)
    assert len(courier.back()[1]) == 3
    assert len(records) == 3


@pytest.mark.clause("P65")
def test_a_gap_is_told_with_the_files_that_never_came(courier: Courier) -> None:
    courier.stall.accept()
    lost = courier.file(1, courier.stall.written[:1])
    courier.bring(courier.file(3, courier.stall.written[1:]))
    assert courier.desk.gaps("gtg") == [Gap(1, 2, (1, 2))]
    courier.bring(lost)
    assert courier.desk.gaps("gtg") == []


@pytest.mark.clause("P65")
def test_a_number_out_of_this_world_costs_nothing(courier: Courier) -> None:
    courier.stall.accept()
    courier.bring(courier.file(2**53 - 1, []))
    (gap,) = courier.desk.gaps("gtg")
    assert (gap.first, gap.last, len(gap.numbers)) == (1, 2, 50)


@pytest.mark.clause("P27", "P68")
def test_a_revoked_stall_is_told_so_and_learns_nothing(courier: Courier) -> None:
    record = courier.stall.accept()
    courier.bring(courier.file(1, courier.stall.written))
    with courier.office.database.writing() as session:
        seen = find(session, record).content_sha256
        decide(session, courier.office.keys, RATNA, record, seen, Decision(Status.VERIFIKASI), NOW)
    assert len(courier.back()[2]) == 1
    with courier.office.database.writing() as session:
        revoke(session, "gtg", NOW)
    assert courier.bring(courier.file(2, courier.stall.written)).problem == "sync_revoked"
    _, acks, news = courier.back()
    assert ([ack.problem for ack in acks], news) == (["sync_revoked"], [])


def test_a_stall_is_found_by_name_or_id(courier: Courier) -> None:
    with courier.office.database.reading() as session:
        assert stall_named(session, "gtg").id == "gtg"
        with pytest.raises(Refused, match="stall_unknown"):
            stall_named(session, "nobody")
    assert [courier.desk.begin("gtg") for _ in range(3)] == [1, 2, 3]
