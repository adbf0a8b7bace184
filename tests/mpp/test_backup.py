"""A backup brings headquarters back onto an empty machine, whichever of the two databases it had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from layanan.problems import Refused
from layanan.status import Status
from mpp.db.backup import backup, check, restore, wrapped_keys_of
from mpp.db.database import open_database
from mpp.db.decision import Decision, decide
from mpp.db.ledger import ledger
from mpp.db.models import Branch, Capsule, StallEntry
from mpp.db.models import Headquarters as HeadquartersRow
from mpp.db.permohonan import find
from mpp.db.personal import personal
from mpp.db.schema import upgrade
from mpp.keys import unwrapped, wrapped
from sync.chain import GENESIS, linked
from tests.mpp.cast import NOW, RATNA, SITI, Headquarters, StallAtWork

PHRASE = "halus asap wajan rancang anak tepuk nasib lurik cempaka negeri hormat sambung"


def at_work(office: Headquarters) -> tuple[StallAtWork, str]:
    """A stall with one request on which something was decided."""
    stall = StallAtWork(office)
    record = stall.accept()
    stall.send()
    with office.database.writing() as session:
        seen = find(session, record).content_sha256
        decide(session, office.keys, RATNA, record, seen, Decision(Status.DIPROSES, {}, "2026-11-23"), NOW)
    return stall, record


@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_an_empty_machine_holds_everything_again_and_opens_a_record(
    office: Headquarters, tmp_path: Path, onto: str, request: pytest.FixtureRequest
) -> None:
    stall, record = at_work(office)
    file = tmp_path / "mpp.cadangan"
    backup(office.database, wrapped(office.keys, PHRASE), file, NOW)
    with office.database.reading() as session:
        before = list(ledger(session))
    office.database.close()

    (tmp_path / "new").mkdir()
    url = fresh_database(request) if onto == "postgresql" else ""
    database, keys = open_database(url, tmp_path / "new"), unwrapped(wrapped_keys_of(file), PHRASE)
    upgrade(database)
    restore(database, file)
    with database.reading() as session:
        assert list(ledger(session)) == before
        part = personal(session, keys, record)
        assert part is not None and part.pemohon == SITI
        assert session.scalar(select(HeadquartersRow.incarnation)) == 2
    restored = Headquarters(database, keys)
    stall.office = restored
    new = stall.accept()
    stall.send()
    with database.reading() as session:
        assert find(session, new).status == "DITERIMA"
    assert [entry.fields["status"] for entry in stall.news()] == ["DIPROSES"]
    database.close()


def fresh_database(request: pytest.FixtureRequest) -> str:
    """Another empty PostgreSQL database beside the one the test may have."""
    server = request.getfixturevalue("postgres_server")
    name = f"restored_{request.node.callspec.id}".replace("-", "_")
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    return str(server.get_uri(name))


def test_the_durable_mark_moves_with_a_backup_and_stops_before_what_was_not_opened(
    office: Headquarters, tmp_path: Path
) -> None:
    stall, _ = at_work(office)
    assert office.inbox.durable(stall.device) is None
    backup(office.database, wrapped(office.keys, PHRASE), tmp_path / "one", NOW)
    with office.database.reading() as session:
        opened = list(session.scalars(select(StallEntry.hash).order_by(StallEntry.seq)))
    durable = office.inbox.durable(stall.device)
    assert durable is not None
    assert (durable.seq, durable.chain) == (2, linked(GENESIS, opened))

    stall.accept()
    items, stall.unsent = stall.unsent, []
    with office.database.writing() as session:
        for capsule in session.scalars(select(Capsule)):
            session.delete(capsule)
    office.inbox.store(stall.device, replace(stall.batch(items), capsules=()))
    backup(office.database, wrapped(office.keys, PHRASE), tmp_path / "two", NOW)
    again = office.inbox.durable(stall.device)
    assert again is not None and again.seq == 2
    with office.database.reading() as session:
        assert session.scalar(select(Branch.head_seq)) == 3


def test_an_old_backup_is_never_overwritten_and_a_damaged_one_is_refused(office: Headquarters, tmp_path: Path) -> None:
    at_work(office)
    file = tmp_path / "mpp.cadangan"
    backup(office.database, wrapped(office.keys, PHRASE), file, NOW)
    with pytest.raises(Refused, match="backup_exists"):
        backup(office.database, b"{}", file, NOW)
    raw = file.read_bytes()
    for damaged in (raw[:-40], raw[: len(raw) // 2] + b"x" + raw[len(raw) // 2 + 1 :], b"", b"PK"):
        (tmp_path / "bad").write_bytes(damaged)
        with pytest.raises(Refused, match="backup_damaged"):
            check(tmp_path / "bad")
    with pytest.raises(Refused, match="backup_missing"):
        check(tmp_path / "nowhere")


def test_a_restore_needs_the_phrase_and_an_empty_database(office: Headquarters, tmp_path: Path) -> None:
    at_work(office)
    file = tmp_path / "mpp.cadangan"
    backup(office.database, wrapped(office.keys, PHRASE), file, NOW)
    with pytest.raises(Refused, match="phrase_wrong"):
        unwrapped(wrapped_keys_of(file), PHRASE.replace("halus", "kasar"))
    assert unwrapped(wrapped_keys_of(file), PHRASE.upper().replace(" ", "  ")).hq == office.keys.hq
    with pytest.raises(Refused, match="hq_not_empty"):
        restore(office.database, file)


def test_no_half_file_stands_under_the_final_name(office: Headquarters, tmp_path: Path) -> None:
    missing = tmp_path / "no" / "such" / "folder"
    with pytest.raises(Refused):
        backup(office.database, b"{}", missing / "mpp.cadangan", NOW)
    assert not missing.exists()
