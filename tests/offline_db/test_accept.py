"""Saving: one durable transaction, the same receipt for the same form, sealed for headquarters and for today only."""

import json
import re
from base64 import b64decode
from dataclasses import replace

import pytest
from sqlalchemy import select

from layanan.permohonan import Kind
from layanan.person_bytes import unpacked
from layanan.problems import Refused
from layanan.service import catalogue
from layanan.tracking import read_code
from offline_db import checkpoint, db, open_stall
from offline_db.models import EntryRow, OutboxRow, ShiftKeyRow
from offline_db.operators import check_passphrase
from offline_db.permohonan import accept, by_code, find, life, personal
from offline_db.shift import KeyRing
from sync.canonical import decode
from sync.entry import Entry
from sync.keys import SigningKey
from sync.receipt import verify_receipt
from sync.seal import open_capsule
from tests.offline_db.desk import Counter, new_form, opened


def entries():
    return [Entry.decode(raw) for raw in db.session.scalars(select(EntryRow.raw).order_by(EntryRow.id))]


def test_a_save_is_row_entry_and_outbox_and_a_receipt_that_proves_itself(counter):
    stored = accept(new_form(), counter.desk())
    row = find(stored.record_id)
    assert (row.code, row.series, row.status, row.delivered) == (stored.code, "GTG-261121-0001", "DITERIMA", False)
    assert (row.masked, row.operator, row.day, row.agency) == ("S••• A•••", "Budi", "2026-11-21", "DUKCAPIL")
    assert read_code(stored.code) == stored.code and by_code(stored.code).record_id == stored.record_id
    key, made = entries()
    assert (key.kind, made.kind, made.seq, made.operator) == (Kind.SHIFT_KEY, Kind.ACCEPTED, 2, "Budi")
    assert len(db.session.scalars(select(OutboxRow.hash)).all()) == 2
    public = SigningKey(db.session.connection().exec_driver_sql("SELECT secret FROM identity").scalar()).public
    assert verify_receipt(public, row.code, row.device, row.epoch, row.receipt_date, row.receipt_sig)


def test_the_same_form_again_is_the_same_receipt_and_another_form_is_told(counter):
    form = new_form()
    first = accept(form, counter.desk())
    again = accept(form, counter.desk())
    assert again == replace(first, repeated=True)
    other = replace(form, papers=((0, "belum"),))
    assert accept(other, counter.desk()) == replace(first, repeated=True, differs=True)
    assert len(entries()) == 2


def test_after_a_restart_the_same_form_is_known_as_long_as_its_key_opens(path, headquarters):
    form = new_form()
    with opened(path, headquarters) as counter:
        first = accept(form, counter.desk())
    with opened(path) as counter:
        assert accept(form, counter.desk()) == replace(first, repeated=True)
    with opened(path) as counter:
        counter.ring.close_day()
        counter.ring = KeyRing()
    with opened(path) as counter:
        assert accept(form, counter.desk()) == replace(first, repeated=True, differs=True)


def test_numbers_rise_by_one_and_never_come_again(counter):
    numbers = [accept(new_form(), counter.desk()).series for _ in range(3)]
    assert numbers == ["GTG-261121-0001", "GTG-261121-0002", "GTG-261121-0003"]
    with pytest.raises(Refused, match="personal_too_long"):
        accept(new_form(notes="x" * 5000), counter.desk())
    assert accept(new_form(), counter.desk()).series == "GTG-261121-0004"


def test_headquarters_opens_what_the_stall_sealed(counter, headquarters):
    stored = accept(new_form("Siti Aminah"), counter.desk())
    entry = entries()[-1]
    capsule, device = db.session.execute(select(ShiftKeyRow.capsule, ShiftKeyRow.device)).one()
    assert b64decode(entries()[0].fields["capsule"]) == capsule
    key = open_capsule(capsule, headquarters.seal, "mpp-bwi", device, entry.sealed.key)
    sealed = db.session.scalar(select(EntryRow.sealed).where(EntryRow.record_id == stored.record_id))
    part = unpacked(key.open(sealed, record=stored.record_id, entry=entry.id, part="personal"))
    assert part.pemohon.name == "Siti Aminah"


def test_nothing_personal_is_readable_on_the_disk(counter, path):
    stored = accept(new_form("Siti Aminah", notes="rumah cat biru"), counter.desk())
    assert personal(stored.record_id, counter.ring.keys).pemohon.name == "Siti Aminah"
    checkpoint()
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.suffix != ".phrase")
    for secret in (b"Aminah", b"3510091708959901", b"81234567890", b"Krajan", b"cat biru"):
        assert secret not in everything


def test_the_day_is_readable_until_it_is_closed_and_the_receipt_for_ever(path, headquarters):
    with opened(path, headquarters) as counter:
        stored = accept(new_form(), counter.desk())
    with opened(path) as counter:
        assert personal(stored.record_id, counter.ring.keys).pemohon.name == "Siti Aminah"
        assert personal(stored.record_id, {}) is None
        counter.ring.close_day()
        assert personal(stored.record_id, counter.ring.keys) is None
    with opened(path) as counter:
        assert personal(stored.record_id, counter.ring.keys) is None
        assert find(stored.record_id).code == stored.code


def test_the_next_day_opens_with_a_new_key_and_yesterday_stays_shut(path, headquarters):
    with opened(path, headquarters) as counter:
        stored = accept(new_form(), counter.desk())
        counter.time = counter.time.replace(day=22)
        with pytest.raises(Refused, match="passphrase_needed"):
            counter.desk()
        kek = check_passphrase("Budi", path.with_suffix(".phrase").read_text())
        counter.ring.unlock("Budi", kek, counter.moment())
        assert personal(stored.record_id, counter.ring.keys) is None
        assert accept(new_form(), counter.desk()).series == "GTG-261122-0002"


def test_an_unenrolled_stall_takes_nothing_and_a_locked_one_asks(path):
    with open_stall(path), pytest.raises(Refused, match="not_enrolled"):
        Counter().desk()
    with opened(path), pytest.raises(Refused, match="passphrase_needed"):
        Counter().desk()


def test_only_services_of_the_stall_open_a_permohonan(counter):
    elsewhere = next(service.code for service in catalogue().services if not service.opens_permohonan)
    with pytest.raises(Refused, match="service_not_here"):
        accept(new_form(service=elsewhere), counter.desk())


def test_the_entry_says_nothing_personal(counter):
    accept(new_form("Siti Aminah"), counter.desk())
    said = json.dumps(decode(entries()[-1].raw))
    assert "Aminah" not in said and not re.search(r"(?<![0-9a-f])\d{16}(?![0-9a-f])", said)


def test_history_begins_with_the_acceptance(counter):
    stored = accept(new_form(), counter.desk())
    assert [(step.kind, step.status) for step in life(stored.record_id).history] == [("accepted", "DITERIMA")]
