"""Headquarters was restored and no network ever comes: the courier carries back what it lost, and both agree again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from layanan.status import Status
from mpp.db.models import Alarm
from mpp.db.stall import add_stall, enrol
from offline_db import open_stall
from offline_db.identity import device_key, grant, take_grant
from offline_db.outbox import last_sync
from offline_db.permohonan import find
from offline_db.selfcheck import selfcheck
from sync.enrol import read_answer, request
from tests.demo.pair import STALL, Pair, furnished
from tests.demo.test_key_rotation import now


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return furnished(tmp_path)


def keep(pair: Pair) -> None:
    shutil.copytree(pair.folder / "mpp", pair.folder / "older")


def bring_back(pair: Pair) -> None:
    shutil.rmtree(pair.folder / "mpp")
    (pair.folder / "older").rename(pair.folder / "mpp")


def round_trip(pair: Pair) -> list[str | None]:
    """One way there and back; what the stall says of each file it took."""
    pair.export_up()
    assert all(one.received for one in pair.import_up())
    pair.export_down()
    return [one.taken.problem for one in pair.import_down() if one.taken]


@pytest.mark.clause("P98")
@pytest.mark.parametrize("meanwhile", [False, True])
def test_what_a_restored_headquarters_lost_comes_back_on_a_stick(pair: Pair, meanwhile: bool) -> None:
    first, second = pair.accept(2)
    pair.there_and_back()
    keep(pair)
    pair.decide(first)
    pair.decide(second, Status.DITOLAK)
    pair.there_and_back()
    bring_back(pair)
    if meanwhile:
        pair.decide(first, Status.DITOLAK)
    pair.accept(1)
    assert round_trip(pair)[-1] == "courier_again"
    assert round_trip(pair)[-1] is None
    round_trip(pair)
    assert pair.agree()
    with open_stall(pair.file):
        assert find(first).status == (Status.DITOLAK if meanwhile else Status.VERIFIKASI)
        assert find(second).status == Status.DITOLAK
        assert selfcheck() == []
    with pair.office() as office, office.database.reading() as session:
        assert "hq_restored" in set(session.scalars(select(Alarm.kind)))


@pytest.mark.clause("P98", "P30")
def test_heads_of_logs_before_a_second_enrolment_are_asked_by_stick_too(pair: Pair) -> None:
    pair.accept(1)
    pair.there_and_back()
    keep(pair)
    pair.accept(2)
    pair.there_and_back()
    with pair.office() as office, open_stall(pair.file), office.database.writing() as session:
        _, code = add_stall(session, STALL, now())
        former = grant()
        assert former
        asked = request(code, device_key().public, bytes(16), former.epoch)
        take_grant(read_answer(code, asked, enrol(session, office.keys, "http://mpp.test", asked, now())))
    bring_back(pair)
    with pair.office() as office, open_stall(pair.file), office.database.writing() as session:
        _, code = add_stall(session, STALL, now())
        former = grant()
        assert former
        asked = request(code, device_key().public, bytes(16), former.epoch)
        take_grant(read_answer(code, asked, enrol(session, office.keys, "http://mpp.test", asked, now())))
    for _ in range(3):
        round_trip(pair)
    assert pair.agree()


def test_an_import_says_when_headquarters_was_heard(pair: Pair) -> None:
    pair.accept(1)
    pair.there_and_back()
    with open_stall(pair.file):
        last = last_sync()
        assert last is not None
        assert (last.problem, last.answered_at) == (None, last.tried_at)
    assert "terakhir        -" not in pair.command("pasar", "status").stdout
