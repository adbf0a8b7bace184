"""A batch and a question cost headquarters the same at a hundred and at a hundred thousand stored entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from layanan.permohonan import Kind
from layanan.status import Status
from mpp.db.decision import Decision, decide
from mpp.db.permohonan import find
from sync.recovery import Recovery
from tests.mpp.cast import NOW, RATNA, Headquarters, StallAtWork

GROWING = "stall_entry|sealed_part|down_entry|permohonan"


@contextmanager
def plans(office: Headquarters) -> Iterator[list[str]]:
    """Collect the plan of every statement that runs in the block; PostgreSQL is asked as if tables were large."""
    seen: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if re.match(r"(SELECT|UPDATE|DELETE)", statement):
            given = parameters[0] if many else parameters
            own = connection.connection.driver_connection.cursor()
            if office.database.embedded:
                plan = [row[3] for row in own.execute(f"EXPLAIN QUERY PLAN {statement}", given)]
            else:
                own.execute("SET LOCAL enable_seqscan = off")
                plan = [row[0] for row in own.execute(f"EXPLAIN {statement}", given)]
            seen.extend(f"{line} <- {' '.join(statement.split())}" for line in plan)

    event.listen(office.database.engine, "before_cursor_execute", explain)
    try:
        yield seen
    finally:
        event.remove(office.database.engine, "before_cursor_execute", explain)


def scans(seen: list[str]) -> list[str]:
    whole = re.compile(rf"\s*(->)?\s*(SCAN|Seq Scan on) ({GROWING})\b")
    return [line for line in seen if whole.match(line)]


def exchange(stall: StallAtWork, **more: Any) -> None:
    """All that one exchange asks of the database."""
    inbox, device = stall.office.inbox, stall.office.inbox.device(stall.grant.device)
    assert device is not None
    items, stall.unsent = stall.unsent, []
    inbox.store(device, stall.batch(items, **more))
    inbox.durable(device)
    inbox.heads(device.stall, [(device.id, device.epoch)])
    inbox.common_place(device.stall, [stall.cursor])
    stall.news()


def test_no_statement_of_an_exchange_reads_a_whole_table(office: Headquarters, stall: StallAtWork) -> None:
    with plans(office) as seen:
        records = [stall.accept() for _ in range(3)]
        exchange(stall)
        stall.unsent = list(stall.written)
        stall.write(Kind.CANCELLED, {"reason": "pindah"}, record=records[0])
        exchange(stall, recovery=Recovery(asked=(stall.written[0].entry.hash,)))
        exchange(stall)
        with office.database.writing() as session:
            state = find(session, records[1]).content_sha256
            decide(session, office.keys, RATNA, records[1], state, Decision(Status.VERIFIKASI), NOW)
        exchange(stall)
    assert len(seen) > 60
    assert scans(seen) == []


def test_the_plan_of_a_scan_would_be_seen(office: Headquarters) -> None:
    with plans(office) as seen, office.database.reading() as session:
        session.execute(text("SELECT count(*) FROM stall_entry WHERE problem = 'x'")).all()
    assert len(scans(seen)) == 1


def statements(office: Headquarters, stall: StallAtWork, count: int) -> int:
    """How many statements a batch of this many new requests costs."""
    for _ in range(count):
        stall.accept()
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(office.database.engine, "before_cursor_execute", note)
    stall.send()
    event.remove(office.database.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_long_batch_costs_no_more_statements_than_a_short_one(office: Headquarters, stall: StallAtWork) -> None:
    stall.send()
    assert statements(office, stall, 3) == statements(office, stall, 60)


@pytest.mark.parametrize("above", [1, 40])
def test_what_stands_above_a_gap_is_counted_once_it_is_filled(
    office: Headquarters, stall: StallAtWork, monkeypatch: pytest.MonkeyPatch, above: int
) -> None:
    """However the log is read on, in stretches shorter or longer than it."""
    monkeypatch.setattr("mpp.db.intake._STRETCH", 7)
    for _ in range(above + 1):
        stall.accept()
    items, missing = stall.unsent, stall.unsent.pop(1)
    assert office.inbox.store(stall.device, stall.batch(items))[1].seq == 1
    assert office.inbox.store(stall.device, stall.batch([missing]))[1].seq == above + 2
