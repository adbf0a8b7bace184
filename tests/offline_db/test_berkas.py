"""Folders of papers: what waits, what went out, what headquarters found, and tables that follow from the entries."""

import pytest
from sqlalchemy import select

from layanan.berkas import MOST_FOLDERS, Arrival
from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import reading, writing
from offline_db.berkas import folders_of, rebuilt, send, sending, sendings, settle, stored, tally, waiting
from offline_db.mend import mend
from offline_db.models import EntryRow
from offline_db.permohonan import accept, amend, cancel
from offline_db.selfcheck import selfcheck
from offline_db.status_book import SqliteStatusBook
from sync.entry import Entry
from tests.offline_db.desk import new_form
from tests.offline_db.office import decide, publish
from tests.offline_db.test_bounded_by_an_index import plans, scans

LEFT = ((0, "ditinggal"), (1, "asli"), (2, "ditinggal"))


def take(counter, papers=LEFT, **more):
    return accept(new_form(papers=papers, **more), counter.desk()).record_id


def states(sha):
    return [(folder.record, str(arrival)) for folder, arrival in folders_of([sha])[sha]]


def found(sha, received=(), missing=(), extra=()):
    fields = {"list": sha, "received": list(received), "missing": list(missing), "extra": [list(e) for e in extra]}
    publish((Kind.PAPERS_RECEIVED, None, fields))


def entry_of(sha):
    with reading() as session:
        return Entry.decode(session.scalars(select(EntryRow.raw).where(EntryRow.hash == sha)).one())


def test_only_what_was_left_waits_and_only_while_the_agency_has_use_for_it(counter):
    first, second, third = (take(counter) for _ in range(3))
    take(counter, ((0, "asli"),))
    returned, done = take(counter), take(counter)
    cancel(second, "berubah_pikiran", counter.desk())
    decide(returned, "DIKEMBALIKAN", kurang="KK")
    decide(done, "SELESAI", tempat="gerai")
    assert list(waiting()) == ["DUKCAPIL"]
    told = [(one.row.record_id, one.folder.papers) for one in waiting()["DUKCAPIL"]]
    assert told == [(first, (0, 2)), (third, (0, 2))]


@pytest.mark.clause("P118")
def test_a_list_is_one_entry_about_no_record_and_its_folders_wait_no_more(counter):
    records = [take(counter), take(counter)]
    sha = send("DUKCAPIL", counter.desk())
    entry = entry_of(sha)
    assert (entry.kind, entry.record) == (Kind.PAPERS_SENT, None)
    assert entry.fields == {"number": "GTG-B1", "agency": "DUKCAPIL", "folders": [[r, [0, 2]] for r in records]}
    assert (waiting(), [row.hash for row in sendings()]) == ({}, [sha])
    with pytest.raises(Refused, match="berkas_nothing"):
        send("DUKCAPIL", counter.desk())
    assert tally("2026-11-21") == tally("2026-11-21")
    assert (tally("2026-11-21").sent, tally("2026-11-21").open, tally("2026-11-22").sent) == (2, 2, 0)
    assert selfcheck() == []


def test_a_paper_that_is_left_later_waits_for_the_next_list(counter):
    record = take(counter, ((0, "ditinggal"), (1, "belum")))
    send("DUKCAPIL", counter.desk())
    amend(record, {"papers": ((0, "ditinggal"), (1, "ditinggal"))}, None, counter.desk())
    assert [one.folder.papers for one in waiting()["DUKCAPIL"]] == [(1,)]
    assert sending(send("DUKCAPIL", counter.desk())).number == "GTG-B2"


def test_a_list_has_room_for_so_many_and_the_rest_waits(counter):
    for _ in range(MOST_FOLDERS + 1):
        take(counter, ((0, "ditinggal"),))
    assert len(states(send("DUKCAPIL", counter.desk()))) == MOST_FOLDERS
    assert len(waiting()["DUKCAPIL"]) == 1


@pytest.mark.clause("P118")
def test_headquarters_receipt_is_whole_and_a_later_one_replaces_it(counter):
    here, lost, other = take(counter), take(counter), take(counter, ((0, "asli"),))
    sha = send("DUKCAPIL", counter.desk())
    found(sha, received=[here], missing=[lost], extra=[(other, [])])
    assert states(sha) == [(here, "received"), (lost, "missing"), (other, "extra")]
    assert (tally("2026-11-21").open, tally("2026-11-21").missing) == (0, 1)
    assert selfcheck() == []
    found(sha, received=[here, lost])
    assert states(sha) == [(here, "received"), (lost, "received")]
    assert selfcheck() == []


@pytest.mark.clause("P118", "P37")
@pytest.mark.parametrize("fields", [{}, {"list": 3}, {"list": "x", "received": [1]}, {"list": "x", "extra": [["a"]]}])
def test_nonsense_and_a_receipt_for_an_unknown_list_change_nothing(counter, fields):
    take(counter)
    sha = send("DUKCAPIL", counter.desk())
    publish((Kind.PAPERS_RECEIVED, None, {"received": [], "missing": [], "extra": [], **fields}))
    found("ab" * 32, missing=["nobody"])
    assert [state for _, state in states(sha)] == ["sent"]
    assert selfcheck() == []


def test_a_rewound_log_and_tables_made_anew_hold_the_same(counter):
    record = take(counter)
    sha = send("DUKCAPIL", counter.desk())
    before = SqliteStatusBook().cursor()
    found(sha, missing=[record])
    with writing() as session:
        held = stored(session)
        settle(session)
        assert stored(session) == held == rebuilt(session)
    SqliteStatusBook().rewind(before)
    assert states(sha) == [(record, "sent")]
    assert selfcheck() == []


@pytest.mark.clause("P118")
def test_a_list_that_headquarters_gives_back_stands_as_it_stood(counter):
    record = take(counter)
    sha = send("DUKCAPIL", counter.desk())
    raw = entry_of(sha).raw.decode()
    with writing() as session:
        for name in ("berkas_folder", "berkas_list", "outbox", "entry"):
            session.connection().exec_driver_sql(f"DELETE FROM {name}")
    found(sha, missing=[record])
    assert sendings() == []
    publish((Kind.REPLAY, None, {"record": None, "raw": raw}))
    publish((Kind.REPLAY, None, {"record": None, "raw": raw}))
    assert states(sha) == [(record, str(Arrival.MISSING))]
    assert waiting() == {}
    with reading() as session:
        assert stored(session) == rebuilt(session)


def test_folders_that_are_not_their_entries_are_found_and_made_anew(counter):
    take(counter)
    sha = send("DUKCAPIL", counter.desk())
    with writing() as session:
        session.connection().exec_driver_sql("UPDATE berkas_folder SET state = 'received'")
    assert [one.kind for one in selfcheck()] == ["berkas"]
    assert mend().left == []
    assert [state for _, state in states(sha)] == ["sent"]


def test_no_question_about_folders_reads_a_whole_table(counter):
    record = take(counter)
    with plans() as seen:
        sha = send("DUKCAPIL", counter.desk())
        waiting(), sendings(), sending(sha), states(sha), tally("2026-11-21")
        found(sha, missing=[record])
    assert len(seen) > 8
    assert scans(seen) == []
    assert not [line for line in seen if line.startswith(("SCAN berkas_folder", "SCAN berkas_list <-"))]
