"""What headquarters publishes reaches the stall with its log; nonsense changes nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from layanan.permohonan import Kind
from layanan.service import catalogue, released, released_tables
from layanan.service import put_in_force as put_catalogue
from layanan.sla import due_date
from layanan.sla import put_in_force as put_calendar
from mpp.db.down import append, locked_stall
from mpp.db.models import DownEntry
from mpp.db.stall import add_stall, enrol
from offline_db import open_stall
from offline_db.base import reading
from offline_db.catalogue import search
from offline_db.models import HqEntryRow
from offline_db.permohonan import find
from offline_db.selfcheck import selfcheck
from offline_db.status_book import SqliteStatusBook
from offline_db.typed import catalogue_of, present_grant, present_settings, unapplied
from pasar.line import told_kuota
from sync.enrol import request
from sync.entry import Entry
from sync.keys import SigningKey
from sync.kuota import Kuota
from tests.demo.pair import MINE, Pair, furnished
from tests.demo.test_key_rotation import now, sync
from tests.offline_db.desk import opened


@pytest.fixture(autouse=True)
def release_in_force() -> Iterator[None]:
    yield
    put_catalogue(None)
    put_calendar(None)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return furnished(tmp_path)


def services(pair: Pair) -> list[dict[str, str]]:
    shown = pair.command("mpp", "catalogue", "show")
    assert shown.returncode == 0, shown.stderr
    return list(csv.DictReader(io.StringIO(shown.stdout, newline="")))


def write(pair: Pair, rows: list[dict[str, str]], name: str = "layanan.csv") -> str:
    file = pair.folder / name
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(file)


def publish(pair: Pair, rows: list[dict[str, str]]) -> None:
    done = pair.command("mpp", "catalogue", "publish", write(pair, rows))
    assert done.returncode == 0, done.stderr


def sent(pair: Pair, kind: Kind = Kind.CATALOGUE) -> list[Entry]:
    with pair.office() as office, office.database.reading() as session:
        rows = select(DownEntry.raw).where(DownEntry.kind == str(kind)).order_by(DownEntry.stall, DownEntry.seq)
        return [Entry.decode(raw) for raw in session.scalars(rows)]


def tell(pair: Pair, kind: str, fields: dict[str, object]) -> None:
    """Headquarters says something that its commands would never say."""
    with pair.office() as office, office.database.writing() as session:
        stall = locked_stall(session, MINE)
        append(session, stall, kind, fields, record=None, read=(0, 0), operator="", now=now())  # type: ignore[arg-type]


@contextmanager
def at_the_stall(pair: Pair) -> Iterator[None]:
    with open_stall(pair.file):
        yield


def first_with(rows: list[dict[str, str]], code: str) -> dict[str, str]:
    return next(row for row in rows if row["code"] == code)


@pytest.mark.clause("P94")
def test_a_changed_catalogue_is_in_force_after_the_sync_and_old_requests_keep_theirs(pair: Pair) -> None:
    (early,) = pair.accept(1)
    sync(pair)
    rows = services(pair)
    papers = first_with(rows, "DKC-01")["requirements"]
    first_with(rows, "DKC-01")["requirements"] = "Surat ajaib; " + papers
    first_with(rows, "DKC-02")["name_id"] = "Perubahan kartu zamrud"
    publish(pair, rows)
    assert sync(pair).problem is None
    with at_the_stall(pair):
        assert catalogue().version != released().version
        assert catalogue().service("DKC-01").requirements[0] == "Surat ajaib"
        assert [one.code for one in search("zamrud")] == ["DKC-02"]
        assert catalogue_of(early).service("DKC-01").requirements[0] != "Surat ajaib"
        assert (unapplied(), selfcheck()) == ([], [])
    (late,) = pair.accept(1)
    with at_the_stall(pair):
        assert catalogue_of(late).version == catalogue().version
    rows = services(pair)
    first_with(rows, "DKC-02")["name_id"] = "Perubahan kartu mirah"
    before = len(sent(pair))
    publish(pair, rows)
    delta = sent(pair)[before:]
    assert [len(one.fields["services"]) for one in delta] == [1]
    assert delta[0].fields["base"] == sent(pair)[0].fields["version"]
    sync(pair)
    with at_the_stall(pair):
        assert [one.code for one in search("mirah")] == ["DKC-02"]
        assert catalogue_of(late).service("DKC-02").name == "Perubahan kartu zamrud"
    assert pair.agree()


@pytest.mark.clause("P94")
def test_a_withdrawn_service_is_offered_no_more_and_its_requests_keep_their_name(pair: Pair) -> None:
    (record,) = pair.accept(1)
    publish(pair, [row for row in services(pair) if row["code"] != "DKC-01"])
    sync(pair)
    with at_the_stall(pair):
        assert "DKC-01" not in [one.code for one in catalogue().services]
        assert "DKC-01" not in [one.code for one in search("DKC-01")]
        gone = catalogue().service(find(record).service)
        assert (gone.opens_permohonan, gone.name) == (False, released().service("DKC-01").name)


@pytest.mark.clause("P94")
def test_a_stall_that_is_enrolled_later_gets_the_whole(pair: Pair) -> None:
    rows = services(pair)
    first_with(rows, "DKC-02")["name_id"] = "Perubahan kartu zamrud"
    publish(pair, rows)
    with pair.office() as office, office.database.writing() as session:
        _, code = add_stall(session, "Pasar Rogojampi", now())
        asked = request(code, SigningKey.new().public, bytes(16))
        enrol(session, office.keys, "http://mpp.test", asked, now())
    told = [one for one in sent(pair) if one.fields["base"] == ""]
    half = len(told) // 2
    assert [one.fields for one in told[:half]] == [one.fields for one in told[half:]]


@pytest.mark.clause("P95")
def test_nonsense_is_refused_whole_at_headquarters(pair: Pair) -> None:
    rows = services(pair)
    rows[0]["agency_code"] = "NIHIL"
    done = pair.command("mpp", "catalogue", "publish", write(pair, rows))
    assert (done.returncode, sent(pair)) == (1, [])
    assert "tidak masuk akal pada baris DKC-01" in done.stderr


@pytest.mark.clause("P95")
@pytest.mark.parametrize("what", ["base", "version", "row", "missing part", "not rows"])
def test_what_cannot_be_applied_is_kept_told_and_the_former_stays(pair: Pair, what: str) -> None:
    rows = json.loads(json.dumps([dict(row) for row in released_tables()["services"][:2]]))
    fields: dict[str, object] = {
        "number": 1, "version": "ab" * 8, "base": "", "part": 1, "parts": 1, "services": rows,
        "agencies": [dict(row) for row in released_tables()["agencies"]], "service_notes": [],
    }  # fmt: skip
    fields |= {
        "base": {"base": "00" * 8}, "version": {}, "row": {"services": [{"code": "DKC-01"}]},
        "missing part": {"part": 2, "parts": 2}, "not rows": {"services": "banyak"},
    }[what]  # fmt: skip
    tell(pair, Kind.CATALOGUE, fields)
    (record,) = pair.accept(1)
    assert sync(pair).problem is None
    pair.decide(record)
    assert sync(pair).problem is None
    with at_the_stall(pair):
        assert catalogue().version == released().version
        assert [one.code for one in unapplied()] == ["published_not_applied"]
        assert "Katalog" in unapplied()[0].sentence()
        assert find(record).status == "VERIFIKASI"
        assert selfcheck() == []
    assert pair.agree()


@pytest.mark.clause("P37", "P95")
def test_kinds_and_fields_of_a_later_version_are_kept_and_change_nothing(pair: Pair) -> None:
    tell(pair, "horoscope", {"for": ["siti"]})
    tell(pair, Kind.CONFIG, {"number": 7, "values": {"phone": "0333-1", "moon": "full", "hours": 4}, "later": {"x": 1}})
    tell(pair, Kind.HOLIDAYS, {"number": 8, "years": "all"})
    assert sync(pair).problem is None
    with at_the_stall(pair):
        assert present_settings() == {"phone": "0333-1"}
        assert [one.sentence() for one in unapplied()] != []
        with reading() as session:
            kept = [Entry.decode(raw) for raw in session.scalars(select(HqEntryRow.raw).order_by(HqEntryRow.seq))]
    assert [one.kind for one in kept] == ["horoscope", "config", "holidays"]
    assert kept[1].fields["later"] == {"x": 1}


@pytest.mark.clause("P94")
def test_holidays_move_the_promised_day_on_both_sides(pair: Pair) -> None:
    days = [{"date": f"2031-03-{day:02}"} for day in (3, 4, 5)]
    done = pair.command("mpp", "holidays", "publish", write(pair, days, "libur.csv"))
    assert done.returncode == 0, done.stderr
    assert pair.command("mpp", "holidays", "publish", write(pair, [{"date": "2031-02-30"}], "x.csv")).returncode == 1
    sync(pair)
    with at_the_stall(pair):
        assert due_date(date(2031, 2, 28), 1, 5) == date(2031, 3, 6)
    put_calendar(None)
    with pair.office():
        assert due_date(date(2031, 2, 28), 1, 5) == date(2031, 3, 6)


@pytest.mark.clause("P94")
def test_settings_of_the_list_reach_the_receipt_and_others_are_refused(pair: Pair) -> None:
    done = pair.command("mpp", "settings", "complaint=Lapor 0333", "phone=0333-777", "kuota=2 MB/hari")
    assert done.returncode == 0, done.stderr
    assert pair.command("mpp", "settings", "hq_url=http://elsewhere").returncode == 1
    assert pair.command("mpp", "settings", "kuota=banyak").returncode == 1
    sync(pair)
    with at_the_stall(pair):
        grant = present_grant()
        assert grant
        assert (grant.complaint, grant.phone) == ("Lapor 0333", "0333-777")
        assert told_kuota() == Kuota(2_000_000, "hari")


@pytest.mark.clause("P94")
def test_a_rewound_log_takes_the_catalogue_back_with_it(pair: Pair) -> None:
    sync(pair)
    with at_the_stall(pair):
        before = SqliteStatusBook().cursor()
    rows = services(pair)
    first_with(rows, "DKC-02")["name_id"] = "Perubahan kartu zamrud"
    publish(pair, rows)
    sync(pair)
    with opened(pair.file):
        assert search("zamrud") != []
        SqliteStatusBook().rewind(before)
        assert (catalogue().version, search("zamrud")) == (released().version, [])
    sync(pair)
    with at_the_stall(pair):
        assert [one.code for one in search("zamrud")] == ["DKC-02"]
