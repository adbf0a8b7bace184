"""Headquarters changes its keys with the real commands; the stall follows by itself, by network and by stick."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from layanan.status import Status
from mpp.db.models import Alarm, Capsule
from mpp.db.personal import personal
from mpp.db.stall import add_stall, enrol
from mpp.keys import load_keys, save_keys, wrapped
from offline_db import open_stall
from offline_db.identity import device_key, grant, identity, take_grant
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import find
from offline_db.selfcheck import selfcheck
from offline_db.status_book import SqliteStatusBook
from offline_db.trust import present_trust, stall_keys
from sync.enrol import read_answer, request
from sync.exchange import Outcome
from sync.keys import VerifyKey
from sync.memory import MemoryLink
from sync.receipt import verify_receipt
from sync.receive import receive
from sync.until_quiet import sync_until_quiet
from tests.demo.pair import STALL, Pair, furnished

PHRASE = "halus asap wajan rancang anak tepuk nasib lurik cempaka negeri hormat sambung"


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    made = furnished(tmp_path)
    keys = load_keys(tmp_path / "mpp")
    save_keys(tmp_path / "mpp", keys, wrapped(keys, PHRASE))
    return made


def now() -> datetime:
    return datetime.now(UTC)


def sync(pair: Pair) -> Outcome:
    with pair.office() as office, open_stall(pair.file):
        link = MemoryLink(lambda frame: receive(frame, office.inbox, office.hq_keys, now=now))
        return sync_until_quiet(SqliteOutbox(), SqliteStatusBook(), link, stall_keys(), now=now)


def rotate(pair: Pair, *more: str) -> str:
    """`mpp keys rotate` as a process of its own; returns the id of the key before."""
    before = load_keys(pair.folder / "mpp").signing.id
    done = pair.command("mpp", "keys", "rotate", *more, typed=PHRASE + "\n")
    assert done.returncode == 0, done.stderr
    return before


def retire(pair: Pair, key: str) -> None:
    done = pair.command("mpp", "keys", "retire", key, typed=PHRASE + "\n")
    assert done.returncode == 0, done.stderr


def trusted(pair: Pair) -> list[str]:
    with open_stall(pair.file):
        return list(present_trust().accepted())


@pytest.mark.clause("P90", "P91")
def test_away_for_two_changes_it_catches_up_and_everything_made_before_stays_good(pair: Pair) -> None:
    (early,) = pair.accept(1)
    assert sync(pair).problem is None
    pair.decide(early)
    first = rotate(pair)
    second = rotate(pair)
    for key in (first, second):
        retire(pair, key)
    (late,) = pair.accept(1)
    assert sync(pair).problem is None
    ring = load_keys(pair.folder / "mpp")
    assert trusted(pair) == [ring.signing.id]
    (latest,) = pair.accept(1)
    assert sync(pair).problem is None
    assert pair.agree()
    with pair.office() as office, office.database.reading() as session:
        assert all(personal(session, office.keys, record) for record in (early, late, latest))
        assert len(session.scalars(select(Capsule)).all()) == 3
    with open_stall(pair.file):
        row = find(early)
        public = VerifyKey(bytes(device_key().public))
        assert verify_receipt(public, row.code, row.device, row.epoch, row.receipt_date, row.receipt_sig)
        assert bytes(present_trust().sealing or b"") == bytes(ring.sealing[0].public)
        assert selfcheck() == []


@pytest.mark.full
@pytest.mark.clause("P91")
def test_by_stick_alone(pair: Pair) -> None:
    pair.accept(1)
    pair.export_up()
    first = rotate(pair)
    assert all(one.received for one in pair.import_up())
    pair.export_down()
    assert all(one.taken for one in pair.import_down())
    retire(pair, first)
    for _ in range(3):
        pair.accept(1)
        pair.export_up()
        pair.import_up()
        pair.export_down()
        last = pair.import_down()[-1]
        assert last.taken
    left = [one.refused.code for one in pair.import_down() if one.refused]
    assert set(left) == {"courier_old_key"}
    assert pair.command("pasar", "import", str(pair.stick)).returncode == 0
    assert pair.agree()
    assert trusted(pair) == [load_keys(pair.folder / "mpp").signing.id]


@pytest.mark.clause("P90")
def test_cut_off_between_keys_and_log_the_next_call_completes_the_same_change(pair: Pair) -> None:
    before = "import os, mpp.db.trust as t\nt.announce = lambda *a: os._exit(9)"
    assert pair.command("mpp", "keys", "rotate", before=before, typed=PHRASE + "\n").returncode == 9
    cut = load_keys(pair.folder / "mpp")
    assert (len(cut.former), cut.announced) == (1, False)
    pair.accept(1)
    assert sync(pair).problem is None
    rotate(pair)
    after = load_keys(pair.folder / "mpp")
    assert (after.signing.id, after.announced) == (cut.signing.id, True)
    assert sync(pair).problem is None
    assert trusted(pair)[0] == cut.signing.id


def test_a_wrong_phrase_changes_nothing(pair: Pair) -> None:
    before = load_keys(pair.folder / "mpp")
    done = pair.command("mpp", "keys", "rotate", typed="bukan ini\n")
    assert (done.returncode, load_keys(pair.folder / "mpp").signing.id) == (1, before.signing.id)


@pytest.mark.clause("P92", "P93")
@pytest.mark.parametrize("retired", [False, True])
def test_restored_to_before_the_change_it_says_so_on_both_sides_and_loses_nothing(pair: Pair, retired: bool) -> None:
    (known,) = pair.accept(1)
    sync(pair)
    older = pair.folder / "older"
    shutil.copytree(pair.folder / "mpp", older)
    first = rotate(pair)
    if retired:
        retire(pair, first)
    pair.decide(known)
    assert sync(pair).problem is None
    newer = pair.folder / "newer"
    (pair.folder / "mpp").rename(newer)
    older.rename(pair.folder / "mpp")
    pair.accept(1)
    assert sync(pair).problem == ("sync_hq_key" if retired else None)
    with pair.office() as office, office.database.reading() as session:
        assert {"hq_key_lost"} <= set(session.scalars(select(Alarm.kind)))
    stopped = pair.command("mpp", "keys", "rotate", typed=PHRASE + "\n")
    assert stopped.returncode == (0 if retired else 1)
    for name in ("keys.json", "keys.wrapped.json"):
        shutil.copy(newer / name, pair.folder / "mpp" / name)
    assert sync(pair).problem is None
    assert pair.agree()
    with open_stall(pair.file):
        assert find(known).status == Status.VERIFIKASI


@pytest.mark.full
@pytest.mark.clause("P93")
def test_when_the_newer_key_is_gone_for_good_enrolling_again_is_the_way_out(pair: Pair) -> None:
    pair.accept(1)
    sync(pair)
    older = pair.folder / "older"
    shutil.copytree(pair.folder / "mpp", older)
    retire(pair, rotate(pair))
    sync(pair)
    shutil.rmtree(pair.folder / "mpp")
    older.rename(pair.folder / "mpp")
    pair.accept(1)
    assert sync(pair).problem == "sync_hq_key"
    with pair.office() as office, open_stall(pair.file), office.database.writing() as session:
        _, code = add_stall(session, STALL, now())
        former = grant()
        assert former
        asked = request(code, device_key().public, b"m" * 16, former.epoch)
        take_grant(read_answer(code, asked, enrol(session, office.keys, "http://mpp.test", asked, now())))
        assert identity().grant.epoch == former.epoch + 1
    assert sync(pair).problem is None
    assert pair.agree()
    assert pair.command("mpp", "keys", "rotate", typed=PHRASE + "\n").returncode == 1
    rotate(pair, "--lost")
    assert sync(pair).problem is None
    assert trusted(pair)[0] == load_keys(pair.folder / "mpp").signing.id


def test_a_backup_of_before_the_change_leaves_the_newer_keys_in_their_place(pair: Pair) -> None:
    pair.accept(1)
    sync(pair)
    file = str(pair.folder / "mpp.cadangan")
    assert pair.command("mpp", "backup", file).returncode == 0
    rotate(pair)
    assert sync(pair).problem is None
    newer = load_keys(pair.folder / "mpp")
    for left in (pair.folder / "mpp").glob("mpp.sqlite*"):
        left.unlink()
    done = pair.command("mpp", "restore", file, typed=PHRASE + "\n")
    assert done.returncode == 0, done.stderr
    assert load_keys(pair.folder / "mpp").signing.id == newer.signing.id
    assert sync(pair).problem is None
    assert pair.agree()
