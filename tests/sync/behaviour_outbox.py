"""What every outbox does, whatever it is made of: subclass, give `outbox` and `add`, and all of this is held true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layanan.problems import Refused
from sync.messages import Capsule, Item, Result, Sender
from sync.ports import Outbox
from tests.sync.cast import MORNING, acknowledgement, answers, capsule, entry, head_of, items

ALL = 1_000_000


class OutboxBehaviour:
    """Subclasses override the fixture `outbox` (enrolled, nothing in its log) and the two methods below."""

    @pytest.fixture
    def outbox(self) -> Outbox:
        raise NotImplementedError

    def add(self, outbox: Outbox, item: Item) -> None:
        """Append an entry, whoever wrote it, as saving does: log and outbox in one transaction."""
        raise NotImplementedError

    def know(self, outbox: Outbox, known: Capsule) -> None:
        """Store the capsule of a shift key."""
        raise NotImplementedError

    def filled(self, outbox: Outbox, count: int) -> list[Item]:
        made = items(outbox.identity(), count)
        for item in made:
            self.add(outbox, item)
        return made

    def test_nothing_stored_is_nothing_pending(self, outbox: Outbox) -> None:
        assert outbox.pending(100, ALL) == []
        counts = outbox.counts()
        assert (counts.stored, counts.sent, counts.confirmed, counts.oldest_at) == (0, 0, 0, None)

    def test_entries_come_oldest_first_and_word_for_word(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 3)
        pending = outbox.pending(100, ALL)
        assert [item.entry.raw for item in pending] == [item.entry.raw for item in made]
        assert [item.sealed for item in pending] == [item.sealed for item in made]
        assert outbox.pending(100, ALL) == pending

    def test_no_more_rows_than_asked(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 5)
        assert outbox.pending(2, ALL) == made[:2]

    def test_no_more_bytes_than_asked_but_one_entry_at_least(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 3)
        one = len(made[0].entry.raw) + len(made[0].sealed or b"")
        assert outbox.pending(100, 2 * one + one // 2) == made[:2]
        assert outbox.pending(100, 1) == made[:1]

    @pytest.mark.clause("P4")
    def test_fields_of_a_newer_version_ride_along(self, outbox: Outbox) -> None:
        who = outbox.identity()
        newer = Item(entry(who.device, who.epoch, 1, extra={"weather": {"rain": 3}}))
        self.add(outbox, newer)
        assert outbox.pending(1, ALL)[0].entry.raw == newer.entry.raw

    def test_what_left_is_still_pending(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 2)
        outbox.sent([made[0].entry.hash], MORNING)
        counts = outbox.counts()
        assert (counts.stored, counts.sent, counts.confirmed) == (2, 1, 0)
        assert counts.oldest_at == made[0].entry.at
        assert outbox.pending(100, ALL) == made

    @pytest.mark.clause("P31")
    def test_many_answers_at_once_are_all_taken(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 230)
        outbox.answered(acknowledgement(head_of(outbox.identity(), made[:220]), answers(made)))
        counts = outbox.counts()
        assert (counts.sent, counts.confirmed) == (230, 230)
        assert outbox.pending(9, ALL) == []

    @pytest.mark.clause("P22")
    @pytest.mark.parametrize("result", list(Result))
    def test_every_kind_of_answer_counts(self, outbox: Outbox, result: Result) -> None:
        made = self.filled(outbox, 2)
        outbox.sent([item.entry.hash for item in made], MORNING)
        outbox.answered(acknowledgement(head_of(outbox.identity(), made[:1]), answers(made[:1], result)))
        assert outbox.pending(100, ALL) == made[1:]
        counts = outbox.counts()
        assert (counts.stored, counts.sent, counts.confirmed) == (2, 2, 1)
        assert counts.oldest_at == made[1].entry.at

    @pytest.mark.clause("P27")
    def test_the_answer_to_a_revoked_sender_leaves_its_entries_pending(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 2)
        refused = answers(made, Result.REJECTED, "sync_revoked")
        outbox.answered(acknowledgement(head_of(outbox.identity(), []), refused, "sync_revoked"))
        assert outbox.pending(100, ALL) == made

    @pytest.mark.clause("P29")
    def test_a_head_that_is_not_ours_moves_nothing(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 2)
        who = outbox.identity()
        foreign = head_of(who, items(who, 1))
        beyond = head_of(who, [*made, *items(who, 1, first=3)])
        for head in (foreign, beyond):
            with pytest.raises(Refused, match="sync_fork"):
                outbox.answered(acknowledgement(head, answers(made)))
        assert outbox.pending(100, ALL) == made
        assert outbox.counts().confirmed == 0

    @pytest.mark.clause("P30")
    def test_a_head_that_goes_back_opens_everything_above_it(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 4)
        who = outbox.identity()
        outbox.answered(acknowledgement(head_of(who, made), answers(made)))
        assert outbox.pending(100, ALL) == []
        outbox.answered(acknowledgement(head_of(who, made[:1]), answers(made[3:], Result.KNOWN)))
        assert outbox.pending(100, ALL) == made[1:]
        assert outbox.counts().confirmed == 1

    def test_a_head_that_stays_opens_nothing(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 3)
        who = outbox.identity()
        outbox.answered(acknowledgement(head_of(who, made[:1]), answers(made)))
        outbox.answered(acknowledgement(head_of(who, made[:1]), []))
        assert outbox.pending(100, ALL) == []

    @pytest.mark.clause("P7")
    def test_entries_of_an_earlier_device_go_under_the_present_sender(self, outbox: Outbox) -> None:
        who = outbox.identity()
        earlier = items(Sender(who.hq, "00ff00ff00ff00ff", 1, who.stall), 2)
        own = items(who, 1)
        for item in [*earlier, *own]:
            self.add(outbox, item)
        assert outbox.pending(100, ALL) == [*earlier, *own]
        outbox.answered(acknowledgement(head_of(who, own), answers([*earlier, *own])))
        assert outbox.pending(100, ALL) == []
        assert outbox.identity() == who

    @pytest.mark.clause("P14")
    def test_capsules_come_each_once_and_again_each_time(self, outbox: Outbox) -> None:
        device = outbox.identity().device
        one, two = capsule("aa" * 8, device), capsule("bb" * 8, device)
        self.know(outbox, one)
        self.know(outbox, two)
        for _ in range(2):
            assert outbox.capsules([one.key, one.key, "cc" * 8]) == [one]
        assert set(map(repr, outbox.capsules([one.key, two.key]))) == {repr(one), repr(two)}

    def earlier(self, outbox: Outbox, count: int) -> tuple[Sender, list[Item]]:
        """A log that this stall wrote under an earlier epoch, and what headquarters answered for."""
        who = outbox.identity()
        former = Sender(who.hq, who.device, who.epoch - 1, who.stall)
        made = items(former, count)
        for item in made:
            self.add(outbox, item)
        return former, made

    @pytest.mark.clause("P30")
    def test_the_head_of_an_earlier_log_opens_what_it_has_lost(self, outbox: Outbox) -> None:
        former, made = self.earlier(outbox, 3)
        assert outbox.logs() == [(former.device, former.epoch)]
        now = head_of(outbox.identity(), [])
        outbox.answered(replace(acknowledgement(now, answers(made)), heads=(head_of(former, made),)))
        assert outbox.pending(100, ALL) == []
        outbox.answered(replace(acknowledgement(now, []), heads=(head_of(former, made[:1]),)))
        assert outbox.pending(100, ALL) == made[1:]

    @pytest.mark.clause("P54")
    def test_an_earlier_log_on_another_branch_is_offered_once_and_again_when_it_is_lost(self, outbox: Outbox) -> None:
        former, made = self.earlier(outbox, 3)
        now, foreign = head_of(outbox.identity(), []), head_of(former, items(former, 3))
        outbox.answered(acknowledgement(now, answers(made, Result.CONFLICT)))
        outbox.answered(replace(acknowledgement(now, []), heads=(foreign,)))
        assert outbox.pending(100, ALL) == made
        outbox.answered(replace(acknowledgement(now, answers(made, Result.CONFLICT)), heads=(foreign,)))
        assert outbox.pending(100, ALL) == []
        assert set(outbox.asked(100)) == {made[1].entry.hash, made[2].entry.hash}
        outbox.answered(replace(acknowledgement(now, answers(made, Result.CONFLICT)), heads=(foreign,)))
        assert outbox.pending(100, ALL) == []
        outbox.answered(replace(acknowledgement(now, answers(made[:2], Result.CONFLICT)), heads=(foreign,)))
        assert outbox.pending(100, ALL) == made[2:]

    @pytest.mark.clause("P30")
    def test_an_answer_above_a_lost_entry_does_not_count(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 3)
        outbox.answered(acknowledgement(head_of(outbox.identity(), []), answers(made[1:])))
        assert outbox.pending(100, ALL) == made

    @pytest.mark.clause("P26", "P57")
    def test_an_entry_that_waits_is_asked_for_until_its_record_came(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 2)
        head = head_of(outbox.identity(), made)
        second = made[1].entry.hash
        outbox.answered(acknowledgement(head, [*answers(made[:1]), *answers(made[1:], Result.WAITING)]))
        assert (outbox.pending(100, ALL), outbox.asked(100)) == ([], [second])
        outbox.answered(acknowledgement(head, answers(made[1:], Result.WAITING)))
        assert outbox.asked(100) == [second]
        outbox.answered(acknowledgement(head, answers(made[1:], Result.KNOWN)))
        assert (outbox.pending(100, ALL), outbox.asked(100)) == ([], [])

    def test_what_can_be_sent_needs_no_stub(self, outbox: Outbox) -> None:
        self.filled(outbox, 2)
        assert outbox.stubs(100) == []

    @pytest.mark.clause("P97")
    def test_what_headquarters_once_had_and_has_no_more_is_said_until_it_has_it_again(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 3)
        who = outbox.identity()
        assert outbox.lost() == []
        outbox.answered(acknowledgement(head_of(who, made), answers(made)))
        assert outbox.lost() == []
        outbox.answered(acknowledgement(head_of(who, made[:1]), []))
        assert outbox.lost() == [(who.device, who.epoch, 3)]
        outbox.answered(acknowledgement(head_of(who, made[:2]), answers(made[1:2])))
        assert outbox.lost() == [(who.device, who.epoch, 3)]
        outbox.answered(acknowledgement(head_of(who, made), answers(made[2:])))
        assert outbox.lost() == []

    @pytest.mark.clause("P96")
    def test_nothing_is_wanted_back_and_nothing_changes_while_nothing_is_damaged(self, outbox: Outbox) -> None:
        made = self.filled(outbox, 2)
        assert outbox.wanted(100) == []
        outbox.mend([replace(made[0], sealed=b"x" * 200)])
        assert outbox.pending(100, ALL) == made
