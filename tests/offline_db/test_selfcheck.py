"""What SQLite's own check cannot see: a changed byte, a vanished row, a row that is not its entries."""

import pytest

from offline_db import integrity, writing
from offline_db.permohonan import accept
from offline_db.selfcheck import selfcheck
from tests.offline_db.desk import new_form
from tests.offline_db.office import decide


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE entry SET raw = CAST(replace(raw, 'DKC-01', 'DKC-02') AS BLOB) WHERE seq = 3", ["entry", "row"]),
        ("UPDATE entry SET sealed = randomblob(64) WHERE seq = 3", ["sealed"]),
        ("UPDATE permohonan SET status = 'SELESAI' WHERE id = 2", ["row"]),
        ("DELETE FROM outbox", ["tally"]),
        ("UPDATE entry SET raw = randomblob(300) WHERE seq = 1", ["entry"]),
        ("UPDATE log SET seq = 9", ["chain", "tally"]),
        ("UPDATE book SET seq = 9", ["book"]),
        ("DELETE FROM permohonan WHERE id = 2", ["lost"]),
    ],
)
def test_damage_is_found_and_named(counter, damage, found):
    records = [accept(new_form(), counter.desk()).record_id for _ in range(3)]
    decide(records[0], "DIPROSES")
    assert selfcheck() == []
    with writing() as session:
        session.connection().exec_driver_sql(damage)
    assert integrity() == []
    assert [finding.kind for finding in selfcheck()] == found


def test_a_vanished_entry_is_found(counter):
    for _ in range(3):
        accept(new_form(), counter.desk())
    with writing() as session:
        session.connection().exec_driver_sql("DELETE FROM outbox")
        session.connection().exec_driver_sql("DELETE FROM entry WHERE seq = 4")
    assert "chain" in [finding.kind for finding in selfcheck()]
