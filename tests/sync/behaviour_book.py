"""What every status book does: subclass, give `book`, and all of this is held true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layanan.problems import Refused
from sync.chain import Position
from sync.ports import StatusBook
from tests.sync.cast import entry, news, stretch


class StatusBookBehaviour:
    """Subclasses override the fixture `book`: an enrolled stall that has read nothing yet."""

    @pytest.fixture
    def book(self) -> StatusBook:
        raise NotImplementedError

    @pytest.mark.clause("P33")
    def test_a_stretch_moves_the_cursor_to_its_end(self, book: StatusBook) -> None:
        down = stretch(book.cursor(), news(book.cursor(), 3))
        assert book.receive(down) == 3
        assert book.cursor() == down.position

    def test_no_news_change_nothing(self, book: StatusBook) -> None:
        before = book.cursor()
        assert book.receive(stretch(before, [])) == 0
        assert book.cursor() == before

    @pytest.mark.clause("P32")
    @pytest.mark.parametrize("pages", [[1, 1, 1, 1], [2, 2], [3, 1], [4]])
    def test_any_pages_lead_to_the_same_place(self, book: StatusBook, pages: list[int]) -> None:
        log = news(book.cursor(), 4)
        end = stretch(book.cursor(), log).position
        for size in pages:
            page, log = log[:size], log[size:]
            book.receive(stretch(book.cursor(), page, has_more=bool(log)))
        assert book.cursor() == end

    def refused(self, book: StatusBook, *stretches: object) -> None:
        before = book.cursor()
        for down in stretches:
            with pytest.raises(Refused, match=r"sync_(gap|malformed)"):
                book.receive(down)  # type: ignore[arg-type]
            assert book.cursor() == before

    @pytest.mark.clause("P32")
    def test_a_stretch_that_does_not_follow_is_refused_whole(self, book: StatusBook) -> None:
        start = book.cursor()
        log = news(start, 3)
        after_first = stretch(start, log[:1]).position
        other = replace(start, author="0000000000000000")
        self.refused(
            book,
            stretch(after_first, log[1:]),
            stretch(start, [log[0], log[2]]),
            stretch(other, news(other, 1)),
            replace(stretch(start, log), position=after_first),
            replace(stretch(start, log), position=replace(stretch(start, log).position, chain="00" * 32)),
            replace(stretch(start, []), position=Position(start.author, start.epoch, 7, "11" * 32)),
        )

    def test_the_same_stretch_again_is_refused_and_does_no_harm(self, book: StatusBook) -> None:
        down = stretch(book.cursor(), news(book.cursor(), 2))
        book.receive(down)
        self.refused(book, down)

    @pytest.mark.clause("P33")
    def test_one_damaged_entry_keeps_the_whole_stretch_out(self, book: StatusBook) -> None:
        down = stretch(book.cursor(), news(book.cursor(), 2))
        self.refused(book, replace(down, entries=(down.entries[0], down.entries[1].replace(b"VERIF", b"VERYF"))))
        self.refused(book, replace(down, entries=(down.entries[0], b"{}")))
        assert book.receive(down) == 2

    @pytest.mark.clause("P37")
    def test_kinds_and_statuses_of_a_newer_version_are_kept(self, book: StatusBook) -> None:
        at = book.cursor()
        newer = [
            entry(at.author, at.epoch, 1, "holiday_from_the_future", record=None, extra={"more": [1]}),
            entry(at.author, at.epoch, 2, "status", fields={"status": "MELAYANG", "slots": {}}),
        ]
        assert book.receive(stretch(at, newer)) == 2

    def test_headquarters_incarnation_may_grow_and_the_count_goes_on(self, book: StatusBook) -> None:
        book.receive(stretch(book.cursor(), news(book.cursor(), 1)))
        here = book.cursor()
        assert book.receive(stretch(here, news(replace(here, epoch=here.epoch + 1), 1))) == 1
        assert (book.cursor().epoch, book.cursor().seq) == (here.epoch + 1, 2)

    @pytest.mark.clause("P52")
    def test_what_was_read_is_given_back_up_to_a_proven_place(self, book: StatusBook) -> None:
        begin, log = book.cursor(), news(book.cursor(), 5)
        for part in (log[:2], log[2:4], log[4:]):
            book.receive(stretch(book.cursor(), part))
        assert [place.seq for place in book.ladder()] == [5, 4, 2, 0]
        assert book.ladder()[0] == book.cursor()
        whole = book.above(begin, 1_000_000)
        assert (whole.base, whole.entries, whole.proof) == (begin, tuple(one.raw for one in log), b"proof")
        some = book.above(book.ladder()[2], 1)
        assert some.entries == tuple(one.raw for one in log[2:4])
        with pytest.raises(Refused, match="sync_gap"):
            book.above(replace(book.cursor(), seq=3), 1)

    @pytest.mark.clause("P53")
    def test_a_rewound_book_reads_on_from_there(self, book: StatusBook) -> None:
        log = news(book.cursor(), 4)
        book.receive(stretch(book.cursor(), log[:2]))
        place = book.cursor()
        book.receive(stretch(place, log[2:]))
        with pytest.raises(Refused, match="sync_gap"):
            book.rewind(replace(place, chain="00" * 32))
        book.rewind(place)
        assert book.cursor() == place
        assert book.receive(stretch(place, news(place, 3))) == 3
