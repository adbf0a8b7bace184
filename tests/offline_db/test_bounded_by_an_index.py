"""What a page or a save asks of the file costs the same at a hundred and at a hundred thousand stored requests."""

import re
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from offline_db import db
from offline_db.numbers import accepted_on, standing_at
from offline_db.outbox import SqliteOutbox, refusals
from offline_db.permohonan import accept, amend, by_code, find, hand_over, life, personal
from offline_db.permohonan_list import search
from offline_db.status_book import slip
from tests.offline_db.desk import new_form
from tests.offline_db.office import acknowledge_all, decide

GROWING = ("permohonan", "entry", "hq_entry")
TODAY = date(2026, 11, 21)


@contextmanager
def plans():
    """Collect the plan of every statement that runs in the block."""
    seen: list[str] = []

    def explain(connection, cursor, statement, parameters, context, many):
        if re.match(r"(SELECT|UPDATE|DELETE)", statement):
            first = parameters[0] if many else parameters
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", first)
            seen.extend(f"{row[3]} <- {' '.join(statement.split())}" for row in plan)

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)


def scans(seen):
    return [line for line in seen if re.match(rf"SCAN ({'|'.join(GROWING)})\b(?! USING COVERING INDEX .*LIMIT)", line)]


@pytest.fixture
def record(counter):
    records = [accept(new_form(), counter.desk()).record_id for _ in range(30)]
    decide(records[0], "SELESAI", tempat="gerai")
    return records[0]


def test_no_statement_of_the_counter_or_the_link_reads_a_whole_table(counter, record):
    row = find(record)
    with plans() as seen:
        accept(new_form(), counter.desk())
        amend(record, {"priority": "lansia"}, new_form().personal, counter.desk())
        for text in ("", row.code, row.series, "7", "nothing"):
            search(text, TODAY)
        search("", TODAY, 2, status="SELESAI")
        find(record), by_code(row.code), life(record), personal(record, counter.ring.keys), slip(record, {})
        hand_over(record, "pemohon", "diri_sendiri", True, counter.desk())
        accepted_on("2026-11-21"), standing_at("SELESAI"), refusals()
        outbox = SqliteOutbox()
        outbox.pending(100, 10**6), outbox.counts(), outbox.capsules(["x"]), outbox.sent(["x"], counter.time)
        decide(record, "DIPROSES")
        acknowledge_all()
    assert len(seen) > 60
    assert scans(seen) == []


def test_lists_need_no_sorting(counter, record):
    with plans() as seen:
        search("", TODAY)
        search("0007", TODAY)
        search("", TODAY, status="SELESAI")
        SqliteOutbox().pending(100, 10**6)
    assert [line for line in seen if "TEMP B-TREE" in line] == []


def test_the_plan_of_a_scan_would_be_seen(counter, record):
    with plans() as seen:
        db.session.connection().exec_driver_sql("SELECT count(*) FROM permohonan WHERE masked = 'x'")
    assert len(scans(seen)) == 1


def test_pages_of_a_list_follow_each_other(counter):
    series = [accept(new_form(), counter.desk()).series for _ in range(52)]
    first, second = search("", TODAY), search("", TODAY, 2)
    assert ([row.series for row in first.rows], first.more) == (series[:1:-1], True)
    assert ([row.series for row in second.rows], second.more) == (series[1::-1], False)
