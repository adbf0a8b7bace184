"""The door for stalls over real HTTP: frames in, signed frames out, refusals as JSON, nothing for strangers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.status import Status
from mpp.db.decision import Decision, decide
from mpp.db.down import locked_stall
from mpp.db.models import StallEntry
from mpp.db.permohonan import find
from mpp.db.stall import revoke
from sync.chain import start
from sync.exchange import Outcome, StallKeys
from sync.frame import FrameKind, pack
from sync.keys import SigningKey, VerifyKey
from sync.link import HttpLink
from sync.memory import MemoryBook, MemoryOutbox
from sync.messages import Capsule
from sync.until_quiet import sync_until_quiet
from tests.mpp.cast import NOW, RATNA, headquarters
from tests.mpp.site import Site, open_site


class Stall:
    """The stall's side of the protocol, in memory, over a real link."""

    def __init__(self, site: Site) -> None:
        self.site, work = site, site.stall
        self.outbox = MemoryOutbox(work.sender())
        self.outbox.keys[work.shift.id] = Capsule(work.shift.id, work.grant.device, work.shift.capsule)
        self.book = MemoryBook(start(work.grant.hq, work.grant.incarnation))
        hq = VerifyKey(work.grant.sign_public)
        self.keys = StallKeys(work.key, {hq.id: hq})

    def sync(self, url: str = "") -> Outcome:
        while self.site.stall.unsent:
            self.outbox.add(self.site.stall.unsent.pop(0))
        link = HttpLink(url or self.site.url, 10)
        return sync_until_quiet(self.outbox, self.book, link, self.keys, now=lambda: datetime.now(UTC))


def test_requests_travel_up_and_decisions_down(site: Site) -> None:
    stall = Stall(site)
    records = [site.stall.accept() for _ in range(120)]
    outcome = stall.sync()
    assert (outcome.problem, outcome.confirmed, stall.outbox.counts().confirmed) == (None, 121, 121)
    with site.office.database.writing() as session:
        for record in records[:3]:
            seen = find(session, record).content_sha256
            decide(session, site.office.keys, RATNA, record, seen, Decision(Status.VERIFIKASI), NOW)
    assert stall.sync().pulled == 3
    assert {entry.record for entry in stall.book.entries} == set(records[:3])


def test_a_revoked_stall_is_told_and_its_entries_are_kept_apart(site: Site) -> None:
    stall, record = Stall(site), site.stall.accept()
    with site.office.database.writing() as session:
        revoke(session, "gtg", NOW)
    assert stall.sync().problem == "sync_revoked"
    with site.office.database.reading() as session:
        assert set(session.scalars(select(StallEntry.problem))) == {"sync_revoked"}
        assert record in set(session.scalars(select(StallEntry.record_id)))
    page = site.signed_in("ratna").get("/gerai").text
    assert "Mesin yang sudah dicabut mencoba mengirim" in page


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "sync_malformed"),
        (b"<html>login</html>", 400, "sync_malformed"),
        (pack(b"{}", SigningKey.new(), FrameKind.BATCH), 403, "sync_unknown_device"),
    ],
    ids=["nothing", "a portal's page", "an unknown key"],
)
def test_a_stranger_gets_a_reason_and_stores_nothing(site: Site, body: bytes, status: int, code: str) -> None:
    answered = requests.post(f"{site.url}/sync", data=body, timeout=10)
    assert (answered.status_code, json.loads(answered.content)["code"]) == (status, code)
    with site.office.database.reading() as session:
        assert session.scalars(select(StallEntry)).all() == []


def test_a_flipped_bit_and_a_frame_that_is_too_large_are_refused(site: Site) -> None:
    site.stall.accept()
    frame = bytearray(pack(site.stall.batch(site.stall.unsent).to_payload(), site.stall.key, FrameKind.BATCH))
    frame[-1] ^= 1
    assert requests.post(f"{site.url}/sync", data=bytes(frame), timeout=10).json()["code"] == "sync_bad_signature"
    assert requests.post(f"{site.url}/sync", data=b"x" * 1_500_000, timeout=10).status_code == 413


def test_a_database_that_nobody_can_write_is_503_and_heals_by_itself(site: Site) -> None:
    stall = Stall(site)
    site.stall.accept()
    site.office.database._lock._patience = 0.2
    with site.office.database.writing():
        assert stall.sync().problem == "link_server"
    assert stall.sync().problem is None


def test_a_postgresql_that_is_gone_is_503_and_found_again(fresh_postgres: str, tmp_path: Path) -> None:
    name = fresh_postgres.partition("?")[0].rpartition("/")[2]
    with open_site(tmp_path, fresh_postgres) as site, _administrator(fresh_postgres) as admin:
        stall = Stall(site)
        assert stall.sync().problem is None
        site.stall.accept()
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        assert stall.sync().problem == "link_server"
        assert requests.get(f"{site.url}/healthz", timeout=10).status_code == 503
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert (stall.sync().problem, stall.outbox.counts().confirmed) == (None, 2)


def _administrator(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url.replace(url.partition("?")[0].rpartition("/")[2], "postgres"), autocommit=True)


def test_two_transactions_that_lock_each_other_out_both_end_well(fresh_postgres: str, tmp_path: Path) -> None:
    """Two stalls' rows taken in opposite order: PostgreSQL ends one of the two, and it is run again."""
    office = headquarters(fresh_postgres, tmp_path)
    stalls = [office.enrolled(name)[0].stall for name in ("gtg", "rgj")]
    both_hold_one, runs = Barrier(2), []

    def work(order: list[str]) -> None:
        def step(session: Session) -> None:
            runs.append(order[0])
            locked_stall(session, order[0])
            if runs.count(order[0]) == 1:
                both_hold_one.wait(10)
            locked_stall(session, order[1]).last_heard_at = "now"

        office.database.change(step)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(work, stalls), pool.submit(work, stalls[::-1])]:
            future.result(30)
    assert len(runs) > 2
    office.database.close()


def test_behind_ones_own_proxy_callers_are_told_apart(tmp_path: Path) -> None:
    """Twenty wrong codes from one phone must not lock out the phone beside it."""
    with open_site(tmp_path, proxies=1) as site:
        wrong = {"data": {"code": "0000"}, "timeout": 10}
        for _ in range(21):
            answered = requests.post(f"{site.url}/c", headers={"X-Forwarded-For": "203.0.113.7"}, **wrong)
        assert answered.status_code == 429
        other = requests.post(f"{site.url}/c", headers={"X-Forwarded-For": "203.0.113.8"}, **wrong)
        assert other.status_code == 422
