"""A stall's card is gone: a new machine, by the commands an office types, learns every receipt that is still open."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from layanan.status import Status
from mpp.db.decision import Decision, decide
from mpp.db.permohonan import find
from mpp.office import open_office
from offline_db import open_stall
from offline_db.permohonan import by_code
from pasar.demo_children import ask
from tests.faults.act import STALL, headquarters, hq_config, save
from tests.faults.conftest import rows
from tests.faults.market import morning
from tests.mpp.cast import RATNA


def told(folder: Path, stall: str) -> dict[str, dict[str, object]]:
    return rows(ask("pasar", ("ledger", "--json"), {"PASAR_DATA": str(folder / stall)}))


def decided(folder: Path, record: str, *statuses: Status) -> None:
    with closing(open_office(hq_config(folder))) as office:
        for status in statuses:
            with office.database.writing() as session:
                seen = find(session, record).content_sha256
                decide(session, office.keys, RATNA, record, seen, Decision(status), datetime.now(UTC))


@pytest.mark.clause("P55")
def test_enrolled_again_from_nothing_it_has_every_open_receipt_and_its_status(tmp_path: Path) -> None:
    folder = morning(tmp_path)
    save(folder, 4)
    with headquarters(folder) as address:
        ask("pasar", ("sync", "--hq-url", address), {"PASAR_DATA": str(folder / "gerai")})
        before = told(folder, "gerai")
        ready, waiting, closed, untouched = sorted(before)
        decided(folder, ready, Status.DIPROSES, Status.SELESAI)
        decided(folder, waiting, Status.DIPROSES)
        decided(folder, closed, Status.DITOLAK)
        (folder / STALL).unlink()
        new = {"PASAR_DATA": str(folder / "baru"), "PASAR_HQ_URL": address}
        more = ask("mpp", ("stall", "add", "Pasar Genteng", "--json"), {"MPP_DATA": str(folder / "mpp")})
        ask("pasar", ("init",), new)
        ask("pasar", ("enroll", json.loads(more)["code"]), new)
        ask("pasar", ("sync",), new)
    after = told(folder, "baru")
    assert {record: row["status"] for record, row in after.items()} == {
        ready: "SELESAI", waiting: "DIPROSES", untouched: "DITERIMA",
    }  # fmt: skip
    for record, row in after.items():
        assert (row["tracking_code"], row["series"]) == (before[record]["tracking_code"], before[record]["series"])
        assert row["acknowledged"]
    with open_stall(folder / "baru" / "pasar.sqlite"):
        assert by_code(str(before[ready]["tracking_code"])) is not None
        assert by_code(str(before[closed]["tracking_code"])) is None
