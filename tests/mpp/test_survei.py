"""The survey of all stalls: the newest counts of a day, exact ninths, a word when few have answered."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from layanan.permohonan import Kind
from mpp.db.survei import accepted_between, rated
from pasar.journey.forms import Visit
from tests.mpp.cast import Headquarters, StallAtWork
from tests.mpp.site import Site
from tests.mpp.test_bounded_by_an_index import plans, scans


def counts(mark: int, sheets: int) -> list[list[int]]:
    return [[sheets if each == mark else 0 for each in range(1, 5)] for _ in range(9)]


def rate(stall: StallAtWork, day: str, mark: int, sheets: int) -> None:
    stall.write(Kind.RATED, {"day": day, "counts": counts(mark, sheets)})


def test_a_later_entry_of_a_day_replaces_the_earlier_and_nonsense_counts_for_nothing(
    office: Headquarters, stall: StallAtWork
) -> None:
    rate(stall, "2026-11-20", 1, 3)
    rate(stall, "2026-11-20", 4, 5)
    rate(stall, "2026-10-01", 3, 2)
    uneven = counts(4, 1)
    uneven[8] = [9, 9, 9, 9]
    for nonsense in ({}, {"day": "2026-11-21", "counts": [[1]]}, {"day": "2026-11-22", "counts": uneven}):
        stall.write(Kind.RATED, nonsense)
    stall.send()
    with plans(office) as seen, office.database.reading() as session:
        (found,) = rated(session)
        assert accepted_between(session, found.stall, "2026", "2027") == 0
    assert sorted(found.days) == ["2026-10-01", "2026-11-20"]
    assert [sum(found.within(period)[0]) for period in ("2026-11", "2026-10", "2026", "2025")] == [5, 2, 7, 0]
    assert scans(seen) == []


def test_the_page_shows_a_line_a_stall_and_one_for_all(site: Site) -> None:
    other = StallAtWork(site.office, "Pasar Rogojampi")
    assert "Belum ada penilaian" in site.signed_in("dewi").get("/skm").text
    for _ in range(12):
        site.stall.accept()
    rate(site.stall, "2026-11-20", 4, 3)
    rate(other, "2026-11-20", 3, 1)
    rate(other, "2026-03-02", 2, 1)
    site.stall.send()
    other.send()
    dewi = site.signed_in("dewi")
    page = dewi.get("/skm").text
    assert "100,00" in page and "75,00" in page and "93,75" in page
    assert "A · Sangat baik" in page and "C · Kurang baik" in page
    assert "3 dari 14 yang disarankan, untuk 12 permohonan" in page
    assert "tepat 1/9" in page and "99,00" not in page
    assert "99,00" in dewi.get("/skm?tahun=2026&bulan=11&bobot=011").text
    assert "50,00" in dewi.get("/skm?tahun=2026&bulan=3").text
    assert "Belum ada penilaian" in dewi.get("/skm?tahun=2025").text
    assert "Setahun" in dewi.get("/skm?tahun=x&bulan=99").text


def test_the_table_for_a_spreadsheet_holds_the_same(site: Site) -> None:
    rate(site.stall, "2026-11-20", 4, 3)
    site.stall.send()
    answer = site.signed_in("agus").get("/skm/tabel.csv?tahun=2026")
    lines = list(csv.DictReader(StringIO(answer.body)))
    assert [line["gerai"] for line in lines][-1] == "Semua gerai"
    assert [(line["periode"], line["responden"], line["U1"], line["ikm"], line["mutu"]) for line in lines] == [
        ("2026", "3", "4.00", "100.00", "A")
    ] * 2


@pytest.mark.parametrize("path", ["/skm", "/skm/tabel.csv", "/berkas"])
def test_a_stranger_meets_the_door(site: Site, path: str) -> None:
    assert Visit(site.url).get(path).path == "/masuk"
