"""When scans have their turn: after text, within the kuota, without making a fuss where headquarters is older."""

import contextlib

import pytest
from flask import Flask, jsonify, request

from layanan.problems import Refused
from offline_db import db
from offline_db.attachments import add, of_record
from offline_db.identity import identity
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept
from pasar.attachments import TEXT_ROOM
from pasar.syncing import sync_here
from sync.attachment_receive import receive_attachment
from sync.kuota import Kuota
from sync.memory import MemoryInbox
from sync.memory_attachments import MemoryAttachmentInbox
from sync.ports import KnownDevice
from sync.receive import HqKeys, receive
from tests.offline_db.desk import MORNING, Headquarters, new_form, opened
from tests.sync.cast_attachments import picture
from web_base.serve import Listener, listen


@pytest.fixture
def office():
    return Headquarters()


@pytest.fixture
def counter(tmp_path, office):
    with opened(tmp_path / "gerai.sqlite", office) as counter:
        yield counter


@contextlib.contextmanager
def answering(office, counter, *, older=False, refuses_after=10**6):
    """A headquarters in memory behind a socket; an older one knows text only, another has a full disk in the end."""
    me, app, keys, frames = identity(), Flask("hq"), HqKeys("mpp-bwi", office.sign), []
    device = KnownDevice(me.grant.device, me.grant.stall, me.grant.epoch, me.key.public, False)
    text, scans = MemoryInbox("mpp-bwi"), MemoryAttachmentInbox({device.id: device}, counter.ring.keys)
    text.enrol(device)

    @app.post("/sync")
    def take():
        frames.append(len(request.get_data()))
        try:
            return receive(request.get_data(), text, keys, now=lambda: MORNING)
        except Refused as refused:
            if older or refused.code != "sync_bad_signature":
                raise
        if len(frames) > refuses_after:
            raise Refused("disk_full")
        for item in text.entries.values():
            scans.entries[device.stall, item.entry.hash] = item.entry
        return receive_attachment(request.get_data(), scans, keys, now=lambda: MORNING)

    @app.errorhandler(Refused)
    def refuse(refused):
        return jsonify(code=refused.code), refused.problem.status

    serving = listen(app, [Listener("127.0.0.1", 0)], threads=2)
    try:
        yield f"http://127.0.0.1:{serving.ports[0]}", frames
    finally:
        serving.stop()


def taken(counter, *sizes):
    record = accept(new_form(), counter.desk()).record_id
    for size in sizes:
        add(record, picture(size, size), counter.desk())
    return record


def states(record):
    db.session.rollback()
    return [scan.state for scan in of_record(record)]


@pytest.mark.clause("P112")
def test_one_sync_takes_text_first_and_then_every_scan(tmp_path, office, counter):
    record = taken(counter, 60_000, 900)
    with answering(office, counter) as (url, frames):
        outcome = sync_here(url, tmp_path, now=lambda: MORNING)
        assert (outcome.problem, outcome.has_more, outcome.sent, outcome.confirmed) == (None, False, 4, 4)
        assert states(record) == ["complete", "complete"]
        assert frames[0] < 5_000 < sum(frames)
        before = len(frames)
        assert sync_here(url, tmp_path, now=lambda: MORNING).problem is None
        assert len(frames) == before + 1


@pytest.mark.clause("P87", "P89")
def test_scans_leave_room_for_text_in_the_kuota(tmp_path, office, counter):
    record = taken(counter, 300_000)
    with answering(office, counter) as (url, frames):
        outcome = sync_here(url, tmp_path, now=lambda: MORNING, kuota=Kuota(TEXT_ROOM + 100_000, "hari"))
        assert (outcome.problem, outcome.has_more) == (None, True)
        assert states(record) == ["waiting"]
        assert 0 < of_record(record)[0].percent < 50
        assert sum(frames) < 100_000
        later = taken(counter)
        outcome = sync_here(url, tmp_path, now=lambda: MORNING, kuota=Kuota(TEXT_ROOM + 100_000, "hari"))
        counts = SqliteOutbox().counts()
        assert (outcome.problem, counts.stored) == (None, counts.confirmed)
        assert sync_here(url, tmp_path, now=lambda: MORNING, beyond=True).has_more is False
        assert states(record) == ["complete"] and states(later) == []


def test_an_older_headquarters_takes_the_text_and_the_scans_wait_for_a_newer_one(tmp_path, office, counter):
    record = taken(counter, 900)
    with answering(office, counter, older=True) as (url, _):
        outcome = sync_here(url, tmp_path, now=lambda: MORNING)
    assert (outcome.problem, outcome.confirmed, outcome.has_more) == (None, 3, True)
    assert states(record) == ["waiting"]
    with answering(office, counter) as (url, _):
        sync_here(url, tmp_path, now=lambda: MORNING)
    assert states(record) == ["complete"], "also of one that has lost everything"


def test_what_stands_in_the_way_of_scans_is_said(tmp_path, office, counter):
    record = taken(counter, 200_000)
    with answering(office, counter, refuses_after=3) as (url, _):
        outcome = sync_here(url, tmp_path, now=lambda: MORNING)
    assert (outcome.problem, outcome.has_more) == ("link_hq_full", True)
    counts = SqliteOutbox().counts()
    assert counts.stored == counts.confirmed
    assert of_record(record)[0].percent > 0
