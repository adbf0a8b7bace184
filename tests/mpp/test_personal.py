"""Personal data at headquarters: opened once on arrival, found by a keyed hash, never written down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from layanan.permohonan import Kind
from mpp.db.access import accesses
from mpp.db.models import Access, Alarm, Base, SealedPart
from mpp.db.permohonan import Search, page
from mpp.db.personal import personal, personal_for
from sync.messages import Result
from tests.mpp.cast import NOW, SITI, Headquarters, StallAtWork


def test_the_sealed_part_is_opened_once_and_its_person_known_by_a_keyed_hash(
    office: Headquarters, stall: StallAtWork
) -> None:
    record = stall.accept()
    stall.send()
    with office.database.reading() as session:
        part = session.scalars(select(SealedPart)).one()
        assert (part.opened_at is not None, part.person_key) == (True, office.keys.person_key(SITI.nik or ""))
        search = Search("DUKCAPIL", person_key=office.keys.person_key(SITI.nik or ""))
        assert [row.record_id for row in page(session, search)[0]] == [record]
        stranger = replace(search, person_key=office.keys.person_key("3510164107859902"))
        assert page(session, stranger)[0] == []


def test_no_row_of_any_table_and_no_file_holds_what_was_sealed(
    office: Headquarters, stall: StallAtWork, tmp_path: Path
) -> None:
    record = stall.accept()
    stall.send()
    with office.database.writing() as session:
        assert personal_for(session, office.keys, record, "ratna", "periksa", NOW) is not None
    with office.database.reading() as session:
        rows = [repr(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
    files = [file.read_bytes() for file in tmp_path.iterdir() if file.is_file()]
    for secret in (SITI.name, SITI.nik or "", "81234567890", SITI.address):
        assert not [row for row in rows if secret in row]
        assert not [raw for raw in files if secret.encode() in raw]


def test_the_newest_part_counts(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.write(Kind.AMENDED, {"patch": {"masked": "S•••"}}, record=record, person=replace(SITI, name="Siti Aminatun"))
    stall.send()
    with office.database.reading() as session:
        part = personal(session, office.keys, record)
    assert part is not None and part.pemohon.name == "Siti Aminatun"


def test_looking_is_written_down_and_the_log_only_grows(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.send()
    with office.database.writing() as session:
        personal_for(session, office.keys, record, "ratna", "hubungi", NOW)
    with office.database.reading() as session:
        assert [(one.officer, one.reason) for one in accesses(session, record)] == [("ratna", "hubungi")]
    for act in (update(Access).values(officer="nobody"), text("DELETE FROM access")):
        with pytest.raises(DBAPIError, match="only grows"), office.database.writing() as session:
            session.execute(act)


def test_a_part_that_cannot_be_opened_is_kept_and_raises_an_alarm(office: Headquarters, stall: StallAtWork) -> None:
    stall.accept()
    items, stall.unsent = stall.unsent[1:], []
    unopenable = replace(stall.batch(items), capsules=())
    answers, _ = office.inbox.store(stall.device, unopenable)
    assert [answer.result for answer in answers] == [Result.ACCEPTED]
    with office.database.reading() as session:
        assert session.scalars(select(Alarm.kind)).all() == ["sealed_unreadable"]
        assert session.scalars(select(SealedPart.opened_at)).all() == [None]
