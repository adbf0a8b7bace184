"""The life of a stored permohonan at the counter: amend, cancel, hand over, headquarters' word, the row as the fold."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import db, reading
from offline_db.ledger import ledger
from offline_db.models import EntryRow, PermohonanRow
from offline_db.outbox import refusals
from offline_db.permohonan import accept, amend, cancel, find, hand_over, life, personal
from offline_db.permohonan_row import rebuilt
from offline_db.selfcheck import selfcheck
from offline_db.status_book import slip
from sync.messages import Result
from tests.offline_db.desk import SITI, new_form
from tests.offline_db.office import acknowledge_all, decide, publish, send_slip


@pytest.fixture
def record(counter):
    return accept(new_form(), counter.desk()).record_id


def test_an_amendment_names_its_fields_and_the_new_part_is_the_one_read(counter, record):
    part = replace(new_form().personal, pemohon=replace(SITI, name="Siti Aminah Binti Ali"))
    amend(record, {"papers": ((0, "belum"),), "priority": "lansia"}, part, counter.desk(), why="salah ketik")
    row = find(record)
    assert (row.papers, row.priority, row.masked, row.entries) == ([[0, "belum"]], "lansia", "S••• A••• B••• A•••", 2)
    assert personal(record, counter.ring.keys).pemohon.name == "Siti Aminah Binti Ali"
    assert "Binti" not in str(life(record).history)


def test_an_amendment_without_a_person_leaves_the_part_as_it_was(counter, record):
    amend(record, {"papers": ((0, "ditinggal"),)}, None, counter.desk())
    assert personal(record, counter.ring.keys).pemohon.name == "Siti Aminah"


def test_what_was_returned_goes_again_once_complete(counter, record):
    with pytest.raises(Refused, match="not_returned"):
        amend(record, {}, None, counter.desk(), resubmitted=True)
    decide(record, "DIKEMBALIKAN", kurang="KK asli")
    assert (find(record).status, find(record).slots) == ("DIKEMBALIKAN", {"kurang": "KK asli"})
    amend(record, {}, None, counter.desk(), resubmitted=True)
    assert (find(record).status, find(record).slots) == ("DITERIMA", {})


def test_cancelled_is_closed(counter, record):
    cancel(record, "berubah_pikiran", counter.desk())
    assert find(record).status == "DIBATALKAN"
    for act in (
        lambda: amend(record, {}, None, counter.desk()),
        lambda: cancel(record, "lagi", counter.desk()),
        lambda: hand_over(record, "pemohon", "diri_sendiri", True, counter.desk()),
    ):
        with pytest.raises(Refused, match=r"already_closed|status_forbids"):
            act()
    assert find(record).entries == 2


def test_a_finished_document_is_handed_over_once(counter, record):
    with pytest.raises(Refused, match="status_forbids"):
        hand_over(record, "pemohon", "diri_sendiri", False, counter.desk())
    decide(record, "SELESAI", tempat="gerai")
    hand_over(record, "wakil", "anak", True, counter.desk())
    assert (find(record).status, find(record).entries) == ("DIAMBIL", 3)
    with pytest.raises(Refused, match="status_forbids"):
        hand_over(record, "pemohon", "diri_sendiri", False, counter.desk())


def test_nobody_can_act_on_a_record_that_is_not_here(counter):
    with pytest.raises(Refused, match="permohonan_unknown"):
        cancel("00000000-0000-4000-8000-000000000000", "x", counter.desk())


def test_the_slip_opens_with_the_key_of_the_day_only(counter, record):
    assert slip(record, counter.ring.keys) is None
    send_slip(record, counter.desk().shift)
    assert slip(record, counter.ring.keys) == {"name": "Siti Aminah", "nik4": "9901"}
    counter.ring.close_day()
    assert slip(record, counter.ring.keys) is None


def test_an_erasure_takes_the_sealed_part_and_the_mask_and_breaks_no_hash(counter, record):
    publish((Kind.ERASED, record, {}))
    row = find(record)
    assert (row.erased, row.masked) == (True, "")
    assert db.session.scalars(select(EntryRow.sealed).where(EntryRow.record_id == record)).all() == [None]
    assert personal(record, counter.ring.keys) is None
    assert selfcheck() == []


def test_the_acknowledgement_is_seen_on_the_row_and_refusals_are_named(counter, record):
    acknowledge_all()
    assert find(record).delivered
    cancel(record, "x", counter.desk())
    acknowledge_all(Result.REJECTED, "sync_malformed")
    refused = refusals()[0]
    assert (refused.record_id, refused.kind, refused.result, refused.problem) == (
        record, Kind.CANCELLED, "rejected", "sync_malformed",
    )  # fmt: skip


def test_the_row_is_the_fold_of_its_entries_whatever_happened(counter):
    records = [accept(new_form(name), counter.desk()).record_id for name in ("Siti", "Budi Santoso", "Ni Luh")]
    decide(records[0], "DIKEMBALIKAN", kurang="KK")
    amend(records[0], {"papers": ((0, "asli"),)}, new_form("Siti A").personal, counter.desk(), resubmitted=True)
    decide(records[1], "SELESAI", tempat="gerai")
    hand_over(records[1], "pemohon", "diri_sendiri", True, counter.desk())
    cancel(records[2], "x", counter.desk())
    publish((Kind.STATUS, records[2], {"status": "DIPROSES", "slots": {}}), read=(1, 0))
    with reading() as session:
        for row in session.scalars(select(PermohonanRow)):
            wanted = rebuilt(session, row.record_id)
            assert wanted is not None and {name: getattr(row, name) for name in wanted} == wanted
    assert find(records[2]).flagged == 1
    assert selfcheck() == []


def test_the_ledger_tells_every_record_and_whether_all_of_it_was_answered(counter, record):
    (line,) = ledger()
    row = find(record)
    assert {name: line[name] for name in ("record_id", "tracking_code", "series", "service", "status")} == {
        "record_id": record, "tracking_code": row.code, "series": row.series, "service": "DKC-01", "status": "DITERIMA",
    }  # fmt: skip
    assert (line["entries"], line["acknowledged"]) == (1, False)
    acknowledge_all()
    assert [one["acknowledged"] for one in ledger()] == [True]
    cancel(record, "x", counter.desk())
    (later,) = ledger()
    assert (later["entries"], later["acknowledged"]) == (2, False)
    assert later["content_sha256"] != line["content_sha256"]
