"""Folders of papers between a real stall and a real headquarters that share nothing but a stick."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from mpp.db.berkas import BerkasList, Ticks, lists, receive
from mpp.db.permohonan import find
from mpp.db.stall import add_stall, enrol
from offline_db import open_stall
from offline_db.base import reading
from offline_db.berkas import folders_of, rebuilt, send, sendings, stored, tally, waiting
from offline_db.identity import device_key, take_grant
from offline_db.operators import add_operator
from offline_db.permohonan import accept
from offline_db.selfcheck import selfcheck
from sync.enrol import read_answer, request
from tests.demo.pair import STALL, Pair, furnished
from tests.mpp.cast import RATNA
from tests.offline_db.desk import new_form, opened


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return furnished(tmp_path)


def leave(pair: Pair, count: int) -> list[str]:
    """So many people leave their first paper at the stall."""
    with opened(pair.file) as counter:
        forms = [new_form(papers=((0, "ditinggal"), (1, "asli"))) for _ in range(count)]
        return [accept(form, counter.desk()).record_id for form in forms]


def make_list(pair: Pair) -> str:
    with opened(pair.file) as counter:
        return send("DUKCAPIL", counter.desk())


def tick(pair: Pair, sha: str, *records: str, others: tuple[str, ...] = ()) -> None:
    with pair.office() as office, office.database.writing() as session:
        seen = session.get_one(BerkasList, sha).receipt_seq or 0
        receive(session, RATNA, sha, Ticks(records, others, seen), datetime.now(UTC))


def at_the_stall(pair: Pair, sha: str) -> list[tuple[str, str]]:
    with open_stall(pair.file):
        assert selfcheck() == []
        return [(folder.record, str(arrival)) for folder, arrival in folders_of([sha])[sha]]


@pytest.mark.clause("P118")
def test_a_lost_folder_is_named_on_both_sides_until_it_turns_up(pair: Pair) -> None:
    here, lost, unlisted = leave(pair, 3)
    sha = make_list(pair)
    with open_stall(pair.file):
        assert waiting() == {}
    (early,) = leave(pair, 1)
    pair.there_and_back()
    with pair.office() as office, office.database.reading() as session:
        (row,) = lists(session, "DUKCAPIL")
        assert (row.hash, row.folders, row.open) == (sha, 3, True)
        series = find(session, early).series
    tick(pair, sha, here, unlisted, others=(series,))
    pair.there_and_back()
    states = dict(at_the_stall(pair, sha))
    assert states == {here: "received", unlisted: "received", lost: "missing", early: "extra"}
    with open_stall(pair.file):
        assert (waiting(), tally("2000-01-01").missing) == ({}, 1), "what came without a list is not sent again"
    tick(pair, sha, here, unlisted, lost, early)
    pair.there_and_back()
    assert dict(at_the_stall(pair, sha))[lost] == "received"
    with pair.office() as office, office.database.reading() as session:
        assert [row.open for row in lists(session, None)] == [False]
    assert pair.agree()


@pytest.mark.clause("P118", "P55")
def test_a_new_machine_of_the_stall_knows_the_lists_of_its_open_requests(pair: Pair) -> None:
    here, lost = leave(pair, 2)
    sha = make_list(pair)
    pair.there_and_back()
    tick(pair, sha, here)
    pair.there_and_back()
    shutil.rmtree(pair.file.parent)
    pair.file.parent.mkdir()
    with pair.office() as office, office.database.writing() as session, open_stall(pair.file):
        now = datetime.now(UTC)
        _stall, code = add_stall(session, STALL, now)
        asked = request(code, device_key().public, b"m" * 16)
        take_grant(read_answer(code, asked, enrol(session, office.keys, "http://mpp.test", asked, now)))
        pair.file.with_suffix(".phrase").write_text(add_operator("Budi"), encoding="ascii")
    leave(pair, 1)
    for _ in range(2):  # the stick still holds a file for the machine that is gone
        pair.there_and_back()
    assert at_the_stall(pair, sha) == [(here, "received"), (lost, "missing")]
    with open_stall(pair.file):
        assert [row.hash for row in sendings()] == [sha]
        assert [one.row.record_id in (here, lost) for one in waiting()["DUKCAPIL"]] == [False]
        with reading() as session:
            assert stored(session) == rebuilt(session)
    assert make_list(pair) != sha


@pytest.mark.clause("P118", "P52")
def test_a_restored_headquarters_takes_back_the_list_and_what_was_found_of_it(pair: Pair) -> None:
    (record,) = leave(pair, 1)
    pair.there_and_back()
    old = pair.copied(pair.folder.with_name("old"))
    sha = make_list(pair)
    pair.there_and_back()
    with pair.office() as office, office.database.writing() as session:
        receive(session, RATNA, sha, Ticks([], [], 0, none=True), datetime.now(UTC))
    pair.there_and_back()
    shutil.rmtree(pair.folder / "mpp")
    shutil.copytree(old.folder / "mpp", pair.folder / "mpp")
    for _ in range(4):
        pair.export_up()
        pair.import_up()
        pair.export_down()
        pair.import_down()
    assert at_the_stall(pair, sha) == [(record, "missing")]
    with pair.office() as office, office.database.reading() as session:
        (row,) = session.scalars(select(BerkasList)).all()
        assert (row.hash, row.number, row.folders, row.missing, row.open) == (sha, row.number, 1, 1, True)
        assert row.sent_at and row.receipt_seq
