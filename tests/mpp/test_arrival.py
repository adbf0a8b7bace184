"""However entries arrive, rows say what all entries together add up to, and every entry and part is there once."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from layanan.permohonan import Kind, content_sha256, fold
from layanan.status import Status
from mpp.db.decision import Decision, decide
from mpp.db.many import Lookup, insert_rows, table
from mpp.db.models import Capsule, PermohonanRow, SealedPart, StallEntry
from mpp.db.permohonan import agency_of, events_of, find
from sync.messages import Item
from tests.mpp.cast import NOW, RATNA, SITI, Headquarters, StallAtWork


def a_days_entries(stall: StallAtWork, chance: random.Random) -> list[Item]:
    """Requests, and what became of some of them."""
    records: list[str] = []
    for _ in range(14):
        if not records or chance.random() < 0.5:
            records.append(stall.accept())
            continue
        record = chance.choice(records)
        if chance.random() < 0.6:
            patch = {"patch": {"masked": "S•••", "priority": "lansia"}, "resubmitted": chance.random() < 0.3}
            stall.write(Kind.AMENDED, patch, record=record, person=SITI)
        else:
            stall.write(Kind.CANCELLED, {"reason": "pindah"}, record=record)
    return list(stall.written)


def deliveries(items: list[Item], chance: random.Random) -> list[list[Item]]:
    """Batches of any size in nearly any order, some entries again, one twice in a batch."""
    order = sorted(range(len(items)), key=lambda place: place + chance.randint(0, 6))
    batches: list[list[Item]] = []
    while order:
        size = chance.randint(1, 6)
        batch, order = [items[place] for place in order[:size]], order[size:]
        batches.append([*batch, *chance.choices(items, k=chance.randint(0, 2)), batch[0]])
    return batches


def decide_something(office: Headquarters, chance: random.Random) -> None:
    with office.database.writing() as session:
        rows = session.scalars(select(PermohonanRow).where(PermohonanRow.status == "DITERIMA")).all()
        if rows:
            row = chance.choice(rows)
            decide(session, office.keys, RATNA, row.record_id, row.content_sha256, Decision(Status.VERIFIKASI), NOW)
            assert row.status == find(session, row.record_id).status == "VERIFIKASI"


@pytest.mark.clause("P22", "P23")
@pytest.mark.parametrize("seed", range(8))
def test_rows_are_what_the_entries_add_up_to(office: Headquarters, stall: StallAtWork, seed: int) -> None:
    chance = random.Random(seed)
    items = a_days_entries(stall, chance)
    for batch in deliveries(items, chance):
        office.inbox.store(stall.device, stall.batch(batch))
        if chance.random() < 0.3:
            decide_something(office, chance)
    records = {item.entry.record for item in items if item.entry.record}
    with office.database.reading() as session:
        assert {row.record_id for row in session.scalars(select(PermohonanRow))} == records
        for record in records:
            assert told(find(session, record)) == added_up(session, record)
        assert Counter(session.scalars(select(StallEntry.hash))) == Counter({item.entry.hash: 1 for item in items})
        assert set(session.scalars(select(StallEntry.result))) == {"accepted"}
        parts = session.execute(select(SealedPart.body, SealedPart.opened_at, SealedPart.person_key)).all()
    assert Counter(part.body for part in parts) == Counter(item.sealed for item in items if item.sealed)
    assert all(part.opened_at and part.person_key == office.keys.person_key(str(SITI.nik)) for part in parts)


def told(row: PermohonanRow) -> tuple[object, ...]:
    return (
        row.code, row.series, row.service, row.agency, row.stall, row.status, row.masked, row.accepted_at, row.due,
        row.entries, row.content_sha256, row.flagged,
    )  # fmt: skip


def added_up(session, record: str) -> tuple[object, ...]:
    events = events_of(session, record)
    state = fold(events)
    return (
        state.code, state.series, state.service, agency_of(state.service), state.stall, str(state.status),
        state.masked, state.accepted_at, state.due, len(events), content_sha256(events), len(state.flagged),
    )  # fmt: skip


def test_a_row_twice_is_the_same_failure_on_both_databases(office: Headquarters, stall: StallAtWork) -> None:
    columns = ("key", "device", "capsule", "received_at")
    row = ("k", stall.grant.device, b"c", "2026-11-20T02:00:00.000Z")
    with pytest.raises(IntegrityError), office.database.writing() as session:
        insert_rows(session, table(Capsule), columns, [row, row])
    with office.database.writing() as session:
        insert_rows(session, table(Capsule), columns, [row])
        insert_rows(session, table(Capsule), columns, [])
        assert Lookup(select(table(Capsule).c.capsule), table(Capsule).c.key).rows(session, ["k", "x"]) == [(b"c",)]


def test_an_odd_text_in_a_record_is_kept_as_it_is(office: Headquarters, stall: StallAtWork) -> None:
    """A record is named by whatever its stall wrote: no text of it may mean something to a database."""
    odd = ["\\N", "a\tb\nc\\", "'; --", '"],["', "", "null", "é😀", "%s ?"]
    for record in odd:
        stall.write(Kind.ACCEPTED, {"code": "7K2MQ4TA", "masked": record}, record=record)
    assert {answer.problem for answer in stall.send()[0]} == {None}
    assert {answer.problem for answer in office.inbox.store(stall.device, stall.batch(stall.written))[0]} == {None}
    with office.database.reading() as session:
        assert set(session.scalars(select(StallEntry.record_id).where(StallEntry.kind == "accepted"))) == set(odd)
        rows = session.execute(select(PermohonanRow.record_id, PermohonanRow.masked)).all()
    assert dict(map(tuple, rows)) == {record: record for record in odd if record}
