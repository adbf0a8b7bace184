"""A stall's damaged entries come back from headquarters by their hash; a headquarters that lost entries is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from layanan.permohonan import Kind
from layanan.status import Status
from mpp.db.models import Headquarters as HeadquartersRow
from mpp.db.models import SealedPart, StallEntry
from offline_db import writing
from offline_db.damage import damaged, note_damage
from offline_db.mend import mend
from offline_db.models import EntryRow
from offline_db.permohonan import accept, find
from offline_db.selfcheck import selfcheck
from pasar.care import Care
from pasar.moment import StallClock
from sync.messages import Item
from tests.mpp.cast import Headquarters
from tests.mpp.test_recovery import Copies, Pair
from tests.offline_db.desk import new_form
from tests.offline_db.test_mend import flip


@pytest.fixture
def pair(office: Headquarters, tmp_path: Path) -> Pair:
    return Pair(office, tmp_path)


@pytest.fixture
def copies(pair: Pair, tmp_path: Path, request: pytest.FixtureRequest) -> Copies:
    server = None if pair.office.database.embedded else request.getfixturevalue("postgres_server")
    return Copies(pair, "a copy", tmp_path, server)


def spoil(record: str, column: str) -> None:
    """More than one bit of what is stored, as a dying card does."""
    where = (EntryRow.record_id == record) & (EntryRow.kind == str(Kind.ACCEPTED))
    for place in (3, 9, 20):
        flip(EntryRow, column, where, place=place)


@pytest.mark.clause("P96")
@pytest.mark.parametrize("column", ["raw", "sealed"])
def test_an_answered_entry_that_is_damaged_comes_back_with_the_next_sync(pair: Pair, column: str) -> None:
    with pair.machine() as counter:
        bad, good = (accept(new_form(name), counter.desk()).record_id for name in ("Siti", "Slamet"))
        assert pair.sync().problem is None
        before = [(row.raw, row.sealed) for row in rows()]
        spoil(bad, column)
        left = mend().left
        assert {one.kind for one in left} <= {"entry", "sealed", "row"} and left
        assert note_damage(left) == 1
        assert pair.sync().problem is None
        assert selfcheck() == []
        assert [(row.raw, row.sealed) for row in rows()] == before
        assert damaged() == frozenset()
        pair.decide(bad, Status.DIPROSES)
        pair.sync()
        pair.equal()
        assert find(good).status == Status.DITERIMA


def rows() -> list[EntryRow]:
    with writing() as session:
        return list(session.scalars(select(EntryRow).order_by(EntryRow.id)))


@pytest.mark.clause("P96")
def test_nothing_but_the_very_bytes_takes_the_place_of_a_damaged_entry(pair: Pair) -> None:
    with pair.machine() as counter:
        bad, other = (accept(new_form(name), counter.desk()).record_id for name in ("Siti", "Slamet"))
        pair.sync()
        spoil(bad, "sealed")
        note_damage(selfcheck())
        before = [(row.raw, row.sealed) for row in rows()]
        with pair.office.database.writing() as session:
            foreign = session.scalars(select(SealedPart.body).where(SealedPart.record_id == other)).one()
            session.execute(update(SealedPart).where(SealedPart.record_id == bad).values(body=foreign))
        assert pair.sync().problem is None
        assert [(row.raw, row.sealed) for row in rows()] == before
        assert len(damaged()) == 1


@pytest.mark.clause("P96")
def test_another_stalls_entries_are_not_given(pair: Pair) -> None:
    with pair.machine() as counter:
        accept(new_form(), counter.desk())
        pair.sync()
    with pair.office.database.reading() as session:
        hashes = list(session.scalars(select(StallEntry.hash)))
    held: list[Item] = pair.office.inbox.found("elsewhere", hashes)
    assert (held, len(pair.office.inbox.found("pasar-genteng", hashes))) == ([], len(hashes))


@pytest.mark.clause("P96")
def test_the_alarm_goes_when_the_entry_is_whole_again_without_a_restart(pair: Pair) -> None:
    with pair.machine() as counter:
        bad = accept(new_form(), counter.desk()).record_id
        pair.sync()
        spoil(bad, "raw")
        care = Care(pair.folder, StallClock())
        care.at_night()
        assert [one.code for one in care.alarms()] == ["store_entry_damaged"]
        pair.sync()
        care.synced()
        assert care.alarms() == []


@pytest.mark.clause("P97")
def test_a_restore_that_lost_only_what_stalls_wrote_is_noticed_once_and_healed(pair: Pair, copies: Copies) -> None:
    with pair.machine() as counter:
        accept(new_form(), counter.desk())
        pair.sync()
        copies.take()
        accept(new_form("Slamet"), counter.desk())
        assert pair.sync().problem is None
        copies.bring_back()
        for _ in range(3):
            assert pair.sync().problem is None
        pair.equal()
        assert [alarm.kind for alarm in pair.alarms()] == ["hq_entries_lost"]
        with pair.office.database.reading() as session:
            assert session.scalar(select(HeadquartersRow.incarnation)) == 2
        late = accept(new_form("Wati"), counter.desk()).record_id
        pair.sync()
        pair.decide(late, Status.DIPROSES)
        assert pair.sync().problem is None
        pair.equal()

