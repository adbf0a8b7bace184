"""A small market day over real HTTP and real processes: it passes, and the judge misses one entry at headquarters."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pasar.demo_children import ask
from pasar.journey.checker import judge_files
from pasar.journey.whole_day import ATTEMPTS, HQ_LEDGER, STALL_LEDGER, Journey, play_journey

PEOPLE, SEED = 12, 261121


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    return play_journey(tmp_path_factory.mktemp("hari"), PEOPLE, SEED, lambda done, of: None)


def test_every_receipt_of_the_day_is_stored_once_and_every_decision_came_back(journey: Journey) -> None:
    assert journey.verdict.differences == ()
    assert (journey.verdict.accepted, journey.verdict.duplicates, journey.verdict.losses) == (PEOPLE, 0, 0)
    assert journey.verdict.returned >= PEOPLE // 2
    assert journey.sent > journey.verdict.stored * 100


def test_both_servers_really_died_and_came_back(journey: Journey) -> None:
    assert len(journey.times.restarts) == 2


def test_a_day_on_postgresql(fresh_postgres: str, tmp_path: Path) -> None:
    day = play_journey(tmp_path / "hari", PEOPLE // 2, SEED + 1, lambda done, of: None, fresh_postgres)
    assert day.verdict.differences == ()
    assert (day.verdict.accepted, day.verdict.stored) == (PEOPLE // 2, PEOPLE // 2)
    assert not list((tmp_path / "hari" / "mpp").glob("*.sqlite"))


@dataclass(frozen=True)
class Tampered:
    journey: Journey
    database: Path


@pytest.fixture
def tampered(journey: Journey) -> Iterator[Tampered]:
    """Headquarters' file with what a test does to it; put back afterwards, and so is the ledger."""
    database = next((journey.folder / "mpp").glob("*.sqlite"))
    before, ledger = database.read_bytes(), (journey.folder / HQ_LEDGER).read_bytes()
    yield Tampered(journey, database)
    database.write_bytes(before)
    (journey.folder / HQ_LEDGER).write_bytes(ledger)


@pytest.mark.parametrize("table", ["stall_entry", "down_entry", "permohonan"])
def test_one_row_less_at_headquarters_is_seen(tampered: Tampered, table: str) -> None:
    newest = f"SELECT max(rowid) FROM {table} WHERE record_id IS NOT NULL"
    with sqlite3.connect(tampered.database) as connection:
        taken = connection.execute(f"DELETE FROM {table} WHERE rowid = ({newest})")
        assert taken.rowcount == 1
    connection.close()
    folder = tampered.journey.folder
    told = ask("mpp", ("ledger", "--json"), {"MPP_DATA": str(folder / "mpp")})
    (folder / HQ_LEDGER).write_text(told, "utf-8")
    assert judge_files(folder / ATTEMPTS, folder / STALL_LEDGER, folder / HQ_LEDGER).differences
