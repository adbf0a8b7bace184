"""A stall shows the time of its own place: WITA in Makassar, WIT in Jayapura, and the day that it is there."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from offline_db.identity import device_key, take_grant
from offline_db.operators import add_operator, set_pin
from tests.offline_db.desk import Headquarters
from tests.pasar.cast import PIN, Budi, Shop, Time, make_app

LATE = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
TIMES = re.compile(r"\b(\d\d\.\d\d) (WIB|WITA|WIT)\b")
PLACES = [
    ("Asia/Makassar", ("23.30", "WITA"), "Sabtu, 21 November 2026", "21 Nov 2026"),
    ("Asia/Jayapura", ("00.30", "WIT"), "Minggu, 22 November 2026", "22 Nov 2026"),
]


def stall_in(zone, folder):
    time, headquarters = Time(), Headquarters()
    time.now = LATE
    app = make_app(folder, time)
    with app.app_context():
        take_grant(replace(headquarters.grant(device_key().id), zone=zone))
        phrases = {"Budi": add_operator("Budi")}
        set_pin("Budi", PIN)
    return Shop(folder, headquarters, time, app, phrases)


@pytest.fixture(scope="module", params=PLACES, ids=["Makassar", "Jayapura"])
def place(request, tmp_path_factory):
    zone, at, long_day, day = request.param
    budi = Budi(stall_in(zone, tmp_path_factory.mktemp("gerai"))).sign_in()
    return budi, budi.take(), at, long_day, day


@pytest.mark.parametrize("page", ["tanda-terima", "tanda-terima/cetak", ""], ids=["receipt", "ticket", "request"])
def test_every_time_of_a_request_is_the_stalls(place, page):
    budi, record, at, _, day = place
    text = budi.get(f"/permohonan/{record}/{page}".rstrip("/")).text
    assert set(TIMES.findall(text)) == {at}
    assert f"{day}, {at[0]} {at[1]}" in text


@pytest.mark.parametrize("page", ["/permohonan", "/tutup-hari"])
def test_lists_of_the_day_too(place, page):
    budi, _, at, *_ = place
    assert set(TIMES.findall(budi.get(page).text)) == {at}


def test_the_shopper_reads_the_stalls_time(place):
    budi, record, at, _, day = place
    code = re.search(r'class="code">([0-9A-Z-]{14})<', budi.get(f"/permohonan/{record}/tanda-terima").text)[1]
    text = budi.client.post("/c", data={"code": code}).text
    assert f"{day}, {at[0]} {at[1]}" in text and set(TIMES.findall(text)) == {at}


def test_the_day_is_the_one_of_the_place(place):
    budi, record, _, long_day, day = place
    assert long_day in budi.get("/").text
    assert long_day in budi.get("/tutup-hari").text
    series = re.search(r"GTG-(\d{6})-\d{4}", budi.get(f"/permohonan/{record}").text)[1]
    assert series == f"2611{day[:2]}"


def test_the_door_asks_about_the_time_of_the_place(place):
    budi, _, at, long_day, _ = place
    door = budi.shop.app.test_client().get("/masuk").text
    assert long_day in door and set(TIMES.findall(door)) == {at}


def test_a_paper_form_is_prefilled_with_the_places_day(place):
    budi, _, _, _, day = place
    assert f"2026-11-{day[:2]}" in budi.get("/kertas").text
