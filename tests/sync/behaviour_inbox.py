"""What every inbox of headquarters does: subclass, give `inbox` and the four methods, and all of this is held true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layanan.permohonan import Kind
from sync.chain import Position, link, start
from sync.entry import Entry, SealedRef
from sync.follow import followed
from sync.messages import Answer, Item, Result, Sender
from sync.ports import Inbox, KnownDevice
from sync.recovery import Recovery, Stub
from tests.sync.cast import batch, entry, head_of, items, news, stretch

ALL = 1_000_000


class InboxBehaviour:
    """Subclasses override the fixture `inbox` (headquarters without stalls) and the methods below."""

    @pytest.fixture
    def inbox(self) -> Inbox:
        raise NotImplementedError

    def office(self, inbox: Inbox) -> tuple[str, int]:
        """The headquarters' id and incarnation."""
        raise NotImplementedError

    def enrolled(self, inbox: Inbox, stall: str) -> KnownDevice:
        """Enrol a new device at a stall, which is added when it is not there yet."""
        raise NotImplementedError

    def revoke(self, inbox: Inbox, device: KnownDevice) -> KnownDevice:
        """Take the device's right away and return it as it is known now."""
        raise NotImplementedError

    def publish(self, inbox: Inbox, stall: str) -> None:
        """Append one entry to the log that flows down to a stall."""
        raise NotImplementedError

    def sender(self, inbox: Inbox, device: KnownDevice) -> Sender:
        return Sender(self.office(inbox)[0], device.id, device.epoch, device.stall)

    def send(
        self, inbox: Inbox, device: KnownDevice, sent: list[Item], **more: object
    ) -> tuple[list[Answer], Position]:
        return inbox.store(device, batch(self.sender(inbox, device), sent, start(*self.office(inbox)), **more))

    def results(self, inbox: Inbox, device: KnownDevice, sent: list[Item]) -> list[tuple[str, str | None]]:
        given, _ = self.send(inbox, device, sent)
        by_hash = {one.hash: (str(one.result), one.problem) for one in given}
        return [by_hash[item.entry.hash] for item in sent]

    @pytest.fixture
    def device(self, inbox: Inbox) -> KnownDevice:
        return self.enrolled(inbox, "gtg")

    @pytest.fixture
    def made(self, inbox: Inbox, device: KnownDevice) -> list[Item]:
        return items(self.sender(inbox, device), 4)

    def test_a_device_is_known_by_its_key(self, inbox: Inbox, device: KnownDevice) -> None:
        known = inbox.device(device.id)
        assert known is not None
        assert (known.id, known.stall, known.epoch, known.revoked) == (device.id, "gtg", device.epoch, False)
        assert bytes(known.public) == bytes(device.public)
        assert inbox.device("00" * 8) is None

    @pytest.mark.clause("P22", "P28")
    def test_every_entry_is_answered_and_the_head_is_the_last(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        given, head = self.send(inbox, device, made)
        assert [(one.hash, one.result) for one in given] == [(i.entry.hash, Result.ACCEPTED) for i in made]
        assert head == head_of(self.sender(inbox, device), made)

    @pytest.mark.clause("P23")
    def test_a_batch_again_is_known_and_changes_nothing(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        _, head = self.send(inbox, device, made)
        again, same = self.send(inbox, device, made)
        assert {one.result for one in again} == {Result.KNOWN}
        assert same == head

    def test_an_empty_batch_asks_for_the_head(self, inbox: Inbox, device: KnownDevice, made: list[Item]) -> None:
        assert self.send(inbox, device, []) == ([], start(device.id, device.epoch))
        self.send(inbox, device, made)
        assert self.send(inbox, device, [])[1].seq == 4

    @pytest.mark.clause("P28")
    def test_the_head_waits_before_a_gap(self, inbox: Inbox, device: KnownDevice, made: list[Item]) -> None:
        _, head = self.send(inbox, device, [made[0], made[2], made[3]])
        assert head == head_of(self.sender(inbox, device), made[:1])
        _, head = self.send(inbox, device, [made[1]])
        assert head == head_of(self.sender(inbox, device), made)

    @pytest.mark.clause("P25")
    def test_two_entries_at_one_place_are_both_kept(self, inbox: Inbox, device: KnownDevice, made: list[Item]) -> None:
        clone = items(self.sender(inbox, device), 4)
        self.send(inbox, device, made)
        assert self.results(inbox, device, clone) == [("conflict", "sync_fork")] * 4
        assert self.results(inbox, device, clone) == [("conflict", "sync_fork")] * 4
        assert self.results(inbox, device, made) == [("known", None)] * 4

    @pytest.mark.clause("P24")
    def test_a_poisoned_entry_is_answered_and_its_neighbours_go_through(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        bad = [made[0], replace(made[1], sealed=b"not what was sealed"), made[2]]
        expected = [("accepted", None), ("rejected", "sealed_mismatch"), ("accepted", None)]
        assert self.results(inbox, device, bad) == expected
        assert self.results(inbox, device, bad)[1] == ("rejected", "sealed_mismatch")
        assert self.send(inbox, device, [])[1].seq == 3

    @pytest.mark.clause("P24")
    def test_what_is_no_entry_is_answered_by_its_hash(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        given, head = self.send(inbox, device, made[:1], unreadable=(b'{"poison":1}',))
        assert {one.hash: one.result for one in given} == {
            made[0].entry.hash: Result.ACCEPTED,
            "05263608ae7f3bd7c80ea67d69a364d2b8aa6e6723406b6e6984335e2fdd503e": Result.REJECTED,
        }
        assert head.seq == 1

    @pytest.mark.clause("P26")
    def test_an_entry_whose_record_is_unknown_waits_for_it(self, inbox: Inbox, device: KnownDevice) -> None:
        who = self.sender(inbox, device)
        first = items(who, 1)[0]
        later = Item(entry(who.device, who.epoch, 2, Kind.CANCELLED, record=first.entry.record))
        assert self.results(inbox, device, [later]) == [("waiting", "entry_record_unknown")]
        assert self.results(inbox, device, [first]) == [("accepted", None)]
        assert self.results(inbox, device, [later]) == [("known", None)]

    def test_an_entry_without_a_record_waits_for_nothing(self, inbox: Inbox, device: KnownDevice) -> None:
        who = self.sender(inbox, device)
        opening = Item(entry(who.device, who.epoch, 1, Kind.SHIFT_KEY, record=None))
        assert self.results(inbox, device, [opening]) == [("accepted", None)]

    @pytest.mark.clause("P27")
    def test_a_revoked_sender_is_kept_apart_until_the_stall_has_another(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        self.send(inbox, device, made[:1])
        lost = self.revoke(inbox, device)
        assert self.results(inbox, lost, made[1:]) == [("rejected", "sync_revoked")] * 3
        successor = self.enrolled(inbox, "gtg")
        assert self.results(inbox, successor, made) == [("known", None), *[("accepted", None)] * 3]

    @pytest.mark.clause("P7")
    def test_another_stalls_entries_are_not_taken_from_this_one(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        stranger = self.enrolled(inbox, "rgj")
        assert self.results(inbox, stranger, made[:1]) == [("rejected", "entry_not_yours")]
        unknown = items(replace(self.sender(inbox, device), device="0123456789abcdef"), 1)
        ungranted = items(replace(self.sender(inbox, device), epoch=device.epoch + 1), 1)
        assert self.results(inbox, device, [*unknown, *ungranted]) == [("rejected", "entry_not_yours")] * 2

    @pytest.mark.clause("P7")
    def test_an_earlier_devices_entries_come_under_the_present_one(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        successor = self.enrolled(inbox, "gtg")
        assert self.results(inbox, successor, made) == [("accepted", None)] * 4

    @pytest.mark.clause("P32", "P36")
    def test_the_log_flows_down_in_pages_without_a_gap(self, inbox: Inbox, device: KnownDevice) -> None:
        for _ in range(3):
            self.publish(inbox, "gtg")
        place, seen, more = start(*self.office(inbox)), 0, True
        while more:
            down = inbox.down("gtg", place, 1)
            assert len(down.entries) == 1
            seen += len(followed(place, down))
            place, more = down.position, down.has_more
        assert (seen, place.seq) == (3, 3)
        rest = inbox.down("gtg", place, ALL)
        assert (rest.entries, rest.position, rest.has_more) == ((), place, False)

    @pytest.mark.clause("P36")
    def test_an_answer_holds_at_most_a_hundred_entries(self, inbox: Inbox, device: KnownDevice) -> None:
        for _ in range(101):
            self.publish(inbox, "gtg")
        down = inbox.down("gtg", start(*self.office(inbox)), ALL)
        assert (len(down.entries), down.has_more) == (100, True)

    @pytest.mark.clause("P34")
    def test_a_place_that_is_not_on_this_log_gets_the_head_alone(self, inbox: Inbox, device: KnownDevice) -> None:
        self.publish(inbox, "gtg")
        begin = start(*self.office(inbox))
        head = inbox.down("gtg", begin, ALL).position
        for place in (replace(head, chain="00" * 32), replace(head, seq=9), replace(begin, author="elsewhere")):
            down = inbox.down("gtg", place, ALL)
            assert (down.entries, down.position, down.has_more) == ((), head, False)

    def test_each_stall_has_a_log_of_its_own(self, inbox: Inbox, device: KnownDevice) -> None:
        self.enrolled(inbox, "rgj")
        self.publish(inbox, "rgj")
        begin = start(*self.office(inbox))
        assert inbox.down("gtg", begin, ALL).entries == ()
        assert len(inbox.down("rgj", begin, ALL).entries) == 1

    @pytest.mark.clause("P48")
    def test_nothing_is_durable_before_a_backup_says_so(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        self.send(inbox, device, made)
        durable = inbox.durable(device)
        assert durable is None or durable.seq == 0

    @pytest.mark.clause("P24")
    def test_a_sealed_part_without_a_name_in_its_entry_is_refused(self, inbox: Inbox, device: KnownDevice) -> None:
        who = self.sender(inbox, device)
        stray = Item(entry(who.device, who.epoch, 1), b"stray")
        other = Item(entry(who.device, who.epoch, 2, sealed=SealedRef("ab" * 8, "00" * 32)), b"other")
        assert self.results(inbox, device, [stray, other]) == [("rejected", "sealed_mismatch")] * 2

    def read(self, inbox: Inbox) -> tuple[list[Position], list[Entry]]:
        """The whole log of the stall, and every place of it."""
        places = [start(*self.office(inbox))]
        entries = [Entry.decode(raw) for raw in inbox.down("gtg", places[0], ALL).entries]
        for one in entries:
            places.append(Position(one.author, one.epoch, one.seq, link(places[-1].chain, one.hash)))
        return places, entries

    @pytest.mark.clause("P52")
    def test_the_first_known_place_is_the_common_one(self, inbox: Inbox, device: KnownDevice) -> None:
        for _ in range(3):
            self.publish(inbox, "gtg")
        places, _ = self.read(inbox)
        strange = replace(places[3], chain="00" * 32)
        assert inbox.common_place("gtg", [strange, places[2], places[0]]) == places[2]
        assert inbox.common_place("gtg", [strange]) is None
        assert inbox.common_place("gtg", []) is None

    @pytest.mark.clause("P53")
    def test_what_is_given_back_stands_at_its_place_and_ours_follow(self, inbox: Inbox, device: KnownDevice) -> None:
        """Headquarters went another way after entry 1; the stall has read 2 and 3 of before."""
        for _ in range(3):
            self.publish(inbox, "gtg")
        places, own = self.read(inbox)
        given = news(places[1], 2)
        end = stretch(places[1], given).position
        assert inbox.adopt(device, places[1], given) == end
        _, log = self.read(inbox)
        assert [one.raw for one in log[:3]] == [own[0].raw, *(one.raw for one in given)]
        assert [one.id for one in log[3:]] == [one.id for one in own[1:]]
        assert [one.epoch for one in log] == [1, 1, 1, 2, 2]
        assert inbox.adopt(device, places[1], given) == end
        for some in (own[1:], own[1:2]):
            assert inbox.adopt(device, places[1], some) == places[1]
        assert inbox.adopt(device, places[2], own[2:]) == places[2]
        assert self.read(inbox)[1] == log
        more = news(places[3], 1)
        assert inbox.adopt(device, places[3], more) == places[3]
        assert [one.id for one in self.read(inbox)[1]] == [one.id for one in [*log, *more]]

    @pytest.mark.clause("P30")
    def test_heads_of_other_logs_are_told(self, inbox: Inbox, device: KnownDevice, made: list[Item]) -> None:
        self.send(inbox, device, made)
        nobody = ("00ff00ff00ff00ff", 7)
        told = inbox.heads("gtg", [(device.id, device.epoch), nobody])
        assert told == (head_of(self.sender(inbox, device), made), start(*nobody))

    @pytest.mark.clause("P56")
    def test_a_stub_takes_the_place_of_an_entry_that_cannot_come(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        bad = made[1].entry
        stub = Stub(bad.author, bad.epoch, bad.seq, bad.hash, "entry_too_large")
        for _ in range(2):
            given, head = self.send(inbox, device, [made[0], made[2]], recovery=Recovery(stubs=(stub,)))
            assert Answer(bad.hash, Result.REJECTED, "entry_too_large") in given
            assert head == head_of(self.sender(inbox, device), made[:3])

    @pytest.mark.clause("P54", "P57")
    def test_what_is_asked_for_is_answered_as_it_stands_now(self, inbox: Inbox, device: KnownDevice) -> None:
        who = self.sender(inbox, device)
        first = items(who, 1)[0]
        later = Item(entry(who.device, who.epoch, 2, Kind.CANCELLED, record=first.entry.record))
        asked = Recovery(asked=(later.entry.hash, "00" * 32))
        assert self.send(inbox, device, [], recovery=asked)[0] == []
        self.send(inbox, device, [later])
        waiting = Answer(later.entry.hash, Result.WAITING, "entry_record_unknown")
        assert self.send(inbox, device, [], recovery=asked)[0] == [waiting]
        self.send(inbox, device, [first])
        assert self.send(inbox, device, [], recovery=asked)[0] == [Answer(later.entry.hash, Result.KNOWN)]

    @pytest.mark.clause("P37")
    def test_kinds_and_fields_of_a_newer_stall_are_kept_and_counted(self, inbox: Inbox, device: KnownDevice) -> None:
        who = self.sender(inbox, device)
        newer = Item(entry(who.device, who.epoch, 1, "weather", record=None, extra={"rain": {"mm": 3}}))
        assert self.results(inbox, device, [newer]) == [("accepted", None)]
        assert self.send(inbox, device, [])[1].seq == 1

    @pytest.mark.clause("P96")
    def test_own_entries_are_found_with_their_parts_and_others_are_not(
        self, inbox: Inbox, device: KnownDevice, made: list[Item]
    ) -> None:
        self.send(inbox, device, made)
        hashes = [item.entry.hash for item in made]
        assert {item.entry.raw: item.sealed for item in inbox.found(device.stall, [*hashes, "00" * 32])} == {
            item.entry.raw: item.sealed for item in made
        }
        other = self.enrolled(inbox, "krd")
        assert inbox.found(other.stall, hashes) == []

    @pytest.mark.clause("P92")
    def test_a_log_that_speaks_of_no_key_has_no_key_entries(self, inbox: Inbox, device: KnownDevice) -> None:
        self.publish(inbox, device.stall)
        assert inbox.key_entries(device.stall) == []
