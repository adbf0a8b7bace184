"""Folders of papers at headquarters: lists come in, an officer ticks them, and the stall is told what differs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from layanan.berkas import Receipt, read_receipt
from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.berkas import BerkasList, Ticks, lists, note_receipt, opened, receive
from mpp.db.down import locked_stall
from mpp.db.models import DownEntry
from mpp.db.permohonan import find
from mpp.db.replay import replay
from sync.entry import Entry
from tests.mpp.cast import NOW, OTHER, RATNA, Headquarters, StallAtWork
from tests.mpp.site import Site
from tests.mpp.test_bounded_by_an_index import plans, scans


def send_list(stall: StallAtWork, records: list[str], number: str = "GTG-B1", agency: str = "DUKCAPIL") -> str:
    """The stall sends a list of these requests' first papers; returns what the list is known by."""
    folders = [[record, [0]] for record in records]
    item = stall.write(Kind.PAPERS_SENT, {"number": number, "agency": agency, "folders": folders})
    stall.send()
    return item.entry.hash


def tick(office: Headquarters, sha: str, *records: str, others: tuple[str, ...] = (), none: bool = False) -> None:
    with office.database.writing() as session:
        seen = session.get_one(BerkasList, sha).receipt_seq or 0
        receive(session, RATNA, sha, Ticks(records, others, seen, none), NOW)


def told(stall: StallAtWork) -> list[Receipt | None]:
    return [read_receipt(entry.fields) for entry in stall.news() if entry.kind == Kind.PAPERS_RECEIVED]


def standing(office: Headquarters, sha: str) -> tuple[object, ...]:
    with office.database.reading() as session:
        row = session.get_one(BerkasList, sha)
        return row.number, row.folders, row.missing, row.extra, row.open


@pytest.mark.clause("P118")
def test_what_an_officer_ticks_goes_down_whole_and_a_later_word_replaces_it(
    office: Headquarters, stall: StallAtWork
) -> None:
    here, lost, other = (stall.accept() for _ in range(3))
    sha = send_list(stall, [here, lost])
    assert standing(office, sha) == ("GTG-B1", 2, 0, 0, True)
    with office.database.reading() as session:
        code, series = find(session, other).code, find(session, lost).series
    tick(office, sha, here, others=(code,))
    assert told(stall) == [Receipt(sha, (here,), (lost,), read_receipt({**EMPTY, "extra": [[other, []]]}).extra)]
    assert standing(office, sha) == ("GTG-B1", 2, 1, 1, True)
    tick(office, sha, here, other, others=(series.lower(),))
    (last,) = told(stall)
    assert last is not None and (last.received, last.missing, len(last.extra)) == ((here, lost), (), 1)
    assert standing(office, sha) == ("GTG-B1", 2, 0, 1, False)
    tick(office, sha, here, lost, other)
    assert told(stall) == [], "nothing new was said"


EMPTY: dict[str, object] = {"list": "", "received": [], "missing": [], "extra": []}


def test_a_list_is_for_the_officers_of_its_agency(office: Headquarters, stall: StallAtWork) -> None:
    sha = send_list(stall, [stall.accept()])
    with office.database.reading() as session:
        assert [row.hash for row in lists(session, "DUKCAPIL")] == [row.hash for row in lists(session, None)] == [sha]
        assert lists(session, "DINKES") == []
        with pytest.raises(Refused, match="forbidden"):
            opened(session, OTHER, sha)
        with pytest.raises(Refused, match="berkas_unknown"):
            opened(session, RATNA, "00" * 32)


def test_what_makes_no_sense_is_refused_and_nothing_is_said(office: Headquarters, stall: StallAtWork) -> None:
    first, second = stall.accept(), stall.accept()
    sha, other = send_list(stall, [first]), send_list(stall, [second], "GTG-B2")
    health = stall.accept(service="DINKES-01")
    stall.send()
    with office.database.reading() as session:
        elsewhere, on_another = find(session, health).series, find(session, second).series
    for others, problem in (
        ((), "berkas_none_ticked"), (("ZZZ-000000-0001",), "berkas_extra_unknown"), (("apa",), "berkas_extra_unknown"),
        ((elsewhere,), "berkas_extra_unknown"), ((on_another,), "berkas_extra_listed"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=problem):
            tick(office, sha, others=others)
    tick(office, sha, none=True)
    with pytest.raises(Refused, match="berkas_changed"), office.database.writing() as session:
        receive(session, RATNA, sha, Ticks([first], (), 0), NOW)
    assert [(one.received, one.missing) for one in told(stall) if one] == [((), (first,))]
    assert standing(office, other)[-1] is True


@pytest.mark.clause("P118")
def test_a_list_sent_twice_and_a_receipt_that_comes_back_before_its_list_end_the_same(
    office: Headquarters, stall: StallAtWork
) -> None:
    record = stall.accept()
    sha = send_list(stall, [record])
    tick(office, sha, none=True)
    before = standing(office, sha)
    with office.database.writing() as session:
        session.delete(session.get_one(BerkasList, sha))
        raw = session.scalars(select(DownEntry.raw).where(DownEntry.kind == str(Kind.PAPERS_RECEIVED))).one()
        note_receipt(session, stall.grant.stall, Entry.decode(raw))
        assert lists(session, None) == []
    stall.unsent = list(stall.written)
    stall.send()
    assert standing(office, sha) == before
    with office.database.reading() as session:
        assert opened(session, RATNA, sha).receipt == Receipt(sha, (), (record,), ())


@pytest.mark.clause("P118")
def test_a_lost_machine_is_given_back_the_lists_of_its_open_requests(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    sha = send_list(stall, [record])
    send_list(stall, ["gone"], "GTG-B2")
    with office.database.writing() as session:
        at = locked_stall(session, stall.grant.stall)
        assert replay(session, at, NOW) == 2
        assert replay(session, at, NOW) == 0
    given = [Entry.decode(str(entry.fields["raw"]).encode()) for entry in stall.news() if entry.kind == Kind.REPLAY]
    assert [one.hash for one in given if one.kind == Kind.PAPERS_SENT] == [sha]


def test_ticking_reads_no_whole_table(office: Headquarters, stall: StallAtWork) -> None:
    records = [stall.accept() for _ in range(3)]
    sha = send_list(stall, records)
    with plans(office) as seen:
        tick(office, sha, *records[:2])
        with office.database.reading() as session:
            lists(session, "DUKCAPIL"), lists(session, None)
    assert len(seen) > 5
    assert scans(seen) == []


def test_an_officer_ticks_all_by_one_tap_and_unticks_the_exception(site: Site) -> None:
    first, second = site.taken(), site.taken()
    sha = send_list(site.stall, [first, second])
    agus = site.signed_in("agus")
    assert "belum dicentang" in agus.get("/berkas").text
    page = agus.get(f"/berkas/{sha}")
    assert page.form("map").choices["map"] == [first, second]
    assert "checked" not in page.body
    page = agus.get(f"/berkas/{sha}?semua=1")
    assert page.body.count("checked") == 2
    assert "S••• A•••" in page.text and "Siti" not in page.text
    answer = agus.send(page, page.form("map"), {"map": first})
    assert "1 map tidak ada" in answer.text
    assert "1 tidak ada" in agus.get("/berkas").text
    assert [(one.received, one.missing) for one in told(site.stall) if one] == [((first,), (second,))]
    assert site.signed_in("dewi").get(f"/berkas/{sha}").status == 403
    assert "Belum ada daftar" in site.signed_in("dewi").get("/berkas").text
