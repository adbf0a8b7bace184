"""What lies on the counter beside requests: drafts, visits, identity, the last sync, copies of the file."""

import pytest

from layanan.problems import Refused
from layanan.service import catalogue
from offline_db import backup, open_stall, restore
from offline_db.drafts import draft, drop_draft, put_draft
from offline_db.identity import device_key, grant, identity, take_grant
from offline_db.outbox import SqliteOutbox, last_sync, note_sync
from offline_db.permohonan import accept, find
from offline_db.selfcheck import selfcheck
from offline_db.visits import count_visit, visits
from tests.offline_db.desk import MORNING, Headquarters, new_form, opened

RECORD = "3b241101-e2bb-4255-8caf-4136c566a962"


def test_a_draft_is_kept_over_a_restart_and_gone_with_its_save(path, headquarters):
    with opened(path, headquarters) as counter:
        put_draft(RECORD, {"pemohon_name": "Siti Aminah"}, counter.desk())
        put_draft(RECORD, {"pemohon_name": "Siti Aminah", "page": 2}, counter.desk())
    assert b"Aminah" not in path.read_bytes()
    with opened(path) as counter:
        assert draft(RECORD, counter.ring.keys) == {"pemohon_name": "Siti Aminah", "page": 2}
        accept(new_form(record_id=RECORD), counter.desk())
        with pytest.raises(Refused, match="draft_gone"):
            draft(RECORD, counter.ring.keys)


def test_a_draft_is_gone_when_dropped_or_when_the_day_is_closed(counter):
    put_draft(RECORD, {"a": "b"}, counter.desk())
    drop_draft(RECORD)
    with pytest.raises(Refused, match="draft_gone"):
        draft(RECORD, counter.ring.keys)
    put_draft(RECORD, {"a": "b"}, counter.desk())
    keys = dict(counter.ring.keys)
    counter.ring.close_day()
    with pytest.raises(Refused, match="draft_gone"):
        draft(RECORD, keys)


def test_a_visit_counts_once_however_often_it_is_tapped(counter):
    service = catalogue().services[0]
    for visit in ("one", "two", "two"):
        count_visit(visit, service, counter.desk())
    assert visits("2026-11-21") == {service.code: 2}
    assert visits("2026-11-22") == {}


def test_the_device_key_is_made_once(path):
    with open_stall(path):
        first = device_key().id
        assert grant() is None
        with pytest.raises(Refused, match="not_enrolled"):
            identity()
    with open_stall(path):
        assert device_key().id == first


def test_a_file_belongs_to_one_headquarters_and_one_stall(counter, headquarters):
    own = device_key().id
    for other, code in (
        (headquarters.grant("00" * 8), "enrolment_forged"),
        (headquarters.grant(own, hq="mpp-other"), "sync_wrong_hq"),
        (headquarters.grant(own, stall="other"), "enrolment_other_stall"),
    ):
        with pytest.raises(Refused, match=code):
            take_grant(other)
    take_grant(headquarters.grant(own))
    assert identity().grant == headquarters.grant(own)
    assert bytes(identity().hq_seal) == bytes(headquarters.seal.public)


def test_a_new_epoch_begins_a_new_log_and_the_old_outbox_goes_along(counter, headquarters):
    first = accept(new_form(), counter.desk())
    take_grant(headquarters.grant(device_key().id, epoch=2, label="GTG2"))
    second = accept(new_form(), counter.desk())
    assert (first.series, second.series) == ("GTG-261121-0001", "GTG2-261121-0001")
    outbox = SqliteOutbox()
    pending = [(item.entry.epoch, item.entry.seq) for item in outbox.pending(10, 10**6)]
    assert (pending, outbox.identity().epoch, outbox.counts().stored) == ([(1, 1), (1, 2), (2, 1)], 2, 3)
    assert selfcheck() == []


def test_the_last_sync_is_remembered_and_a_failure_keeps_the_last_answer(path):
    with open_stall(path):
        assert last_sync() is None
        note_sync(MORNING, None)
        note_sync(MORNING.replace(hour=2), "link_timeout")
    with open_stall(path):
        last = last_sync()
        assert (last.tried_at, last.answered_at, last.problem) == (MORNING.replace(hour=2), MORNING, "link_timeout")


def test_a_backup_restores_to_the_same_stall(path, tmp_path, headquarters):
    copy = tmp_path / "copy.sqlite"
    with opened(path, headquarters) as counter:
        kept = accept(new_form(), counter.desk())
        backup(copy)
        after = accept(new_form(), counter.desk())
        with pytest.raises(Refused, match="store_in_use"):
            restore(copy, path)
    aside = restore(copy, path)
    with opened(path) as counter:
        assert find(kept.record_id).code == kept.code
        assert find(after.record_id) is None
        assert selfcheck() == []
    assert aside is not None
    with open_stall(aside):
        assert find(after.record_id).code == after.code


def test_each_machine_has_a_key_of_its_own(tmp_path):
    keys = []
    for name in ("one", "two"):
        with opened(tmp_path / f"{name}.sqlite", Headquarters()):
            keys.append(device_key().id)
    assert keys[0] != keys[1]
