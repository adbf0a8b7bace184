"""`pasar heal` and the next sync put right together what a dying card has damaged beyond a bit."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from offline_db import open_stall, writing
from offline_db.models import EntryRow
from tests.demo.pair import Pair, furnished
from tests.demo.test_key_rotation import sync
from tests.offline_db.test_mend import flip


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return furnished(tmp_path)


def stored(pair: Pair) -> list[tuple[bytes, bytes | None]]:
    with open_stall(pair.file), writing() as session:
        return [(row.raw, row.sealed) for row in session.scalars(select(EntryRow).order_by(EntryRow.id))]


@pytest.mark.clause("P72", "P96")
def test_what_no_bit_mends_comes_from_headquarters_and_then_nothing_is_left(pair: Pair) -> None:
    (bad, _) = pair.accept(2)
    sync(pair)
    before = stored(pair)
    with open_stall(pair.file):
        for place in (3, 30, 60):
            flip(EntryRow, "raw", EntryRow.record_id == bad, place=place)
    first = pair.command("pasar", "heal")
    assert first.returncode == 3
    assert "1 catatan yang tidak dapat dibetulkan di sini diminta dari MPP" in first.stdout
    assert sync(pair).problem is None
    second = pair.command("pasar", "heal")
    assert second.returncode == 0, second.stdout
    assert stored(pair) == before
    assert pair.agree()
