"""What every keeper of attachments does, on both sides, whatever it is made of: subclass and give what is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from layanan.problems import Refused
from sync.attachment_messages import Asked, Chunk, Offer, State, Told
from sync.attachment_ports import AttachmentInbox, AttachmentOutbox
from sync.entry import Entry
from sync.messages import Capsule, Sender
from sync.ports import KnownDevice
from sync.seal import ShiftKey, sealed_hash
from tests.sync.cast import MORNING
from tests.sync.cast_attachments import attached, offer, picture, state_of

HOUR = timedelta(hours=1)


class AttachmentOutboxBehaviour:
    """Subclasses override the fixture `port` (enrolled, one shift open) and the methods below."""

    @pytest.fixture
    def port(self) -> AttachmentOutbox:
        raise NotImplementedError

    def attach(self, port: AttachmentOutbox, plain: bytes) -> str:
        """Attach a scan to a request; returns the hash of its sealed bytes."""
        raise NotImplementedError

    def answer(self, port: AttachmentOutbox) -> None:
        """Let headquarters answer for every entry so far."""
        raise NotImplementedError

    def sealed(self, port: AttachmentOutbox, sha: str) -> bytes:
        """All its sealed bytes, read in uneven stretches."""
        found, at = b"", 0
        while piece := port.read(sha, at, 70_001):
            found, at = found + piece, at + len(piece)
        return found

    def hear(self, port: AttachmentOutbox, sha: str, state: State, hours: int = 0, **more: object) -> None:
        at = MORNING + hours * HOUR
        port.told([Told(sha, state, **more)], at, at)  # type: ignore[arg-type]

    def numbers(self, port: AttachmentOutbox, hours: int = 0) -> list[str]:
        return [one.sha256 for one in port.unsettled(0, 20, MORNING + hours * HOUR)]

    def test_nothing_attached_asks_nothing(self, port: AttachmentOutbox) -> None:
        assert port.unsettled(0, 20, MORNING) == []

    @pytest.mark.clause("P112")
    def test_it_waits_until_its_entry_is_answered_then_goes_oldest_first(self, port: AttachmentOutbox) -> None:
        shas = [self.attach(port, picture(size, size)) for size in (900, 200_000, 65_516)]
        assert port.unsettled(0, 20, MORNING) == []
        self.answer(port)
        waiting = port.unsettled(0, 20, MORNING)
        assert [one.sha256 for one in waiting] == shas
        assert [one.size for one in waiting] == [920, 200_020, 65_536]
        assert [one.sha256 for one in port.unsettled(waiting[0].number, 1, MORNING)] == shas[1:2]

    @pytest.mark.clause("P110")
    def test_the_bytes_are_those_of_the_hash_and_sealed(self, port: AttachmentOutbox) -> None:
        plain = picture(150_000)
        sha = self.attach(port, plain)
        sealed = self.sealed(port, sha)
        assert sealed_hash(sealed) == sha and port.is_whole(sha)
        assert len(sealed) == len(plain) + 20 and plain[100:200] not in sealed
        assert port.read(sha, 65_500, 100) == sealed[65_500:65_600]
        assert port.read(sha, 150_010, 100) == sealed[150_010:]
        assert port.read(sha, 150_020, 100) == b""

    def test_its_capsule_is_known(self, port: AttachmentOutbox) -> None:
        self.attach(port, picture(900))
        self.answer(port)
        (waiting,) = port.unsettled(0, 20, MORNING)
        (capsule,) = port.capsules([waiting.key, "00" * 8])
        assert (capsule.key, len(capsule.capsule)) == (waiting.key, 80)

    @pytest.mark.clause("P117")
    def test_complete_is_asked_about_once_an_hour_until_it_is_durable(self, port: AttachmentOutbox) -> None:
        sha = self.attach(port, picture(900))
        self.answer(port)
        self.hear(port, sha, State.COMPLETE)
        assert self.numbers(port) == []
        assert self.numbers(port, 1) == [sha] == self.numbers(port, -30)
        self.hear(port, sha, State.DURABLE, 1)
        assert self.numbers(port, 9) == []
        assert self.sealed(port, sha)

    @pytest.mark.clause("P117")
    def test_what_headquarters_lost_goes_again(self, port: AttachmentOutbox) -> None:
        sha = self.attach(port, picture(900))
        self.answer(port)
        self.hear(port, sha, State.COMPLETE)
        self.hear(port, sha, State.UNKNOWN, 1)
        assert self.numbers(port, 1) == [sha]

    @pytest.mark.clause("P116")
    def test_what_is_refused_is_not_asked_about_again(self, port: AttachmentOutbox) -> None:
        sha = self.attach(port, picture(900))
        self.answer(port)
        self.hear(port, sha, State.REFUSED, problem="attachment_unreadable")
        assert self.numbers(port, 9) == []


class AttachmentInboxBehaviour:
    """Subclasses override the fixtures: headquarters with a shift of one stall, and a record it has taken there."""

    @pytest.fixture
    def inbox(self) -> AttachmentInbox:
        raise NotImplementedError

    @pytest.fixture
    def shift(self) -> ShiftKey:
        raise NotImplementedError

    @pytest.fixture
    def sender(self) -> Sender:
        raise NotImplementedError

    @pytest.fixture
    def record(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def capsule(self, shift: ShiftKey, sender: Sender) -> Capsule:
        return Capsule(shift.id, sender.device, shift.capsule)

    @pytest.fixture
    def device(self, inbox: AttachmentInbox, sender: Sender) -> KnownDevice:
        known = inbox.device(sender.device)
        assert known is not None
        return known

    def entry(self, made: Entry) -> None:
        """Let headquarters have this entry."""
        raise NotImplementedError

    def alarms(self) -> list[str]:
        """The kinds of the alarms that were raised."""
        raise NotImplementedError

    @pytest.fixture
    def scan(self, sender: Sender, record: str, shift: ShiftKey) -> tuple[Entry, bytes]:
        made, sealed = attached(sender, 900, record, shift, picture(100_000))
        self.entry(made)
        return made, sealed

    @pytest.mark.clause("P114")
    def test_chunks_in_any_order_overlapping_and_twice_are_once_each(
        self, inbox: AttachmentInbox, device: KnownDevice, sender: Sender, scan: tuple[Entry, bytes]
    ) -> None:
        made, sealed = scan
        steps = [((50_000, 60_000), ((50_000, 60_000),)), ((0, 10_000), ((0, 10_000), (50_000, 60_000)))]
        steps += [((5_000, 55_000), ((0, 60_000),)), ((5_000, 55_000), ((0, 60_000),))]
        for (start, stop), held in steps:
            (told,) = inbox.take(device, offer(sender, made, (start, sealed[start:stop])))
            assert (told.state, told.held) == (State.PARTIAL, held)
        assert inbox.take(device, offer(sender, made)) == [told]
        assert state_of(inbox.take(device, offer(sender, made, (40_000, sealed[40_000:])))) == "complete"
        assert state_of(inbox.take(device, offer(sender, made, (0, sealed[:9_000])))) == "complete"
        assert self.alarms() == []

    @pytest.mark.clause("P113")
    def test_nothing_is_taken_that_no_entry_of_this_stall_names(
        self, inbox: AttachmentInbox, device: KnownDevice, sender: Sender, record: str, shift: ShiftKey
    ) -> None:
        made, sealed = attached(sender, 901, record, shift, picture(900))
        assert state_of(inbox.take(device, offer(sender, made, (0, sealed)))) == "unknown"
        self.entry(made)
        assert inbox.take(device, offer(sender, made)) == [Told(made.attachments[0], State.PARTIAL)]
        other = sealed_hash(b"other")
        stray = Offer(sender, (Asked(other, made.hash),), (), Chunk(other, 0, b"other"))
        assert state_of(inbox.take(device, stray)) == "unknown"

    @pytest.mark.clause("P115")
    def test_bytes_beyond_the_end_are_refused_and_nothing_of_them_is_kept(
        self, inbox: AttachmentInbox, device: KnownDevice, sender: Sender, scan: tuple[Entry, bytes]
    ) -> None:
        made, sealed = scan
        for start in (len(sealed) - 5, len(sealed), 2**52):
            with pytest.raises(Refused, match="sync_malformed"):
                inbox.take(device, offer(sender, made, (start, b"123456")))
        assert inbox.take(device, offer(sender, made)) == [Told(made.attachments[0], State.PARTIAL)]

    @pytest.mark.clause("P116")
    def test_wrong_bytes_are_forgotten_and_it_begins_anew(
        self, inbox: AttachmentInbox, device: KnownDevice, sender: Sender, scan: tuple[Entry, bytes]
    ) -> None:
        made, sealed = scan
        wrong = bytes(50_000) + sealed[50_000:]
        assert inbox.take(device, offer(sender, made, (0, wrong))) == [Told(made.attachments[0], State.PARTIAL)]
        assert state_of(inbox.take(device, offer(sender, made, (0, sealed)))) == "complete"

    @pytest.mark.clause("P110", "P116")
    def test_a_scan_sealed_for_another_record_is_kept_apart_and_said(
        self, inbox: AttachmentInbox, device: KnownDevice, sender: Sender, record: str, shift: ShiftKey,
        capsule: Capsule,
    ) -> None:  # fmt: skip
        made, foreign = attached(sender, 902, record, shift, picture(900), sealed_for="another record")
        self.entry(made)
        (told,) = inbox.take(device, offer(sender, made, (0, foreign), capsule))
        assert (told.state, told.problem) == (State.REFUSED, "attachment_unreadable")
        assert inbox.take(device, offer(sender, made, (0, foreign))) == [told]
        assert self.alarms() == ["attachment_unreadable"]

    @pytest.mark.clause("P111")
    def test_what_is_no_picture_is_kept_apart(
        self, inbox: AttachmentInbox, device: KnownDevice, sender: Sender, record: str, shift: ShiftKey
    ) -> None:
        made, sealed = attached(sender, 903, record, shift, b"<script>" + bytes(900))
        self.entry(made)
        (told,) = inbox.take(device, offer(sender, made, (0, sealed)))
        assert (told.state, told.problem) == (State.REFUSED, "attachment_type")
