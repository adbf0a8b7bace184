"""An entry is its bytes: kept word for word, hashed, chained, and shown to the fold."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from layanan.permohonan import fold
from layanan.problems import Refused
from layanan.status import Status
from sync.canonical import decode, encode
from sync.chain import GENESIS, Position, link, linked
from sync.entry import Entry, SealedRef, read_time, spelled_time
from tests.sync.cast import MORNING, entry

DEVICE = "1122334455667788"


@pytest.mark.clause("P4")
def test_an_entry_comes_back_word_for_word() -> None:
    one = entry(DEVICE, 1, 7, read=(1, 3), sealed=SealedRef("ab" * 8, "cd" * 32), extra={"weather": {"rain": 3}})
    again = Entry.decode(one.raw)
    assert again == one
    assert (again.seq, again.read, again.at, again.sealed) == (7, (1, 3), one.at, one.sealed)
    assert again.extra == {"weather": {"rain": 3}}
    assert again.hash == hashlib.sha256(one.raw).hexdigest()


@pytest.mark.clause("P4")
def test_an_unknown_field_cannot_stand_in_for_a_known_one() -> None:
    assert decode(entry(DEVICE, 1, 1, extra={"seq": 99}).raw)["seq"] == 1


def changed(**fields: Any) -> bytes:
    return encode(decode(entry(DEVICE, 1, 1).raw) | fields)


@pytest.mark.clause("P3")
@pytest.mark.parametrize(
    "fields",
    [
        {"seq": -1}, {"seq": "1"}, {"seq": True}, {"epoch": None}, {"author": 5}, {"at": "2026-11-21"}, {"read": [1]},
        {"at": "2026-11-21T01:00:00Z"}, {"at": "2026-11-21T08:00:00.000+07:00"}, {"trusted": 1}, {"fields": []},
        {"sealed": ["only a key"]}, {"sealed": "x"}, {"attachments": [1]}, {"read": {"a": 1}}, {"record": 1},
    ],
)  # fmt: skip
def test_a_wrong_shape_is_no_entry(fields: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="sync_malformed"):
        Entry.decode(changed(**fields))


@pytest.mark.clause("P3")
def test_a_missing_field_is_no_entry() -> None:
    for raw in (b"{}", b"[]", b"1", encode({k: v for k, v in decode(changed()).items() if k != "boot"})):
        with pytest.raises(Refused, match="sync_malformed"):
            Entry.decode(raw)


@pytest.mark.clause("P3")
def test_an_entry_has_at_most_16_kilobytes() -> None:
    with pytest.raises(Refused, match="entry_too_large"):
        entry(DEVICE, 1, 1, fields={"notes": "x" * 16_384})
    with pytest.raises(Refused, match="entry_too_large"):
        Entry.decode(b"x" * 16_385)


@pytest.mark.clause("P42")
def test_times_are_utc_to_the_millisecond() -> None:
    jakarta = timezone(timedelta(hours=7))
    local = datetime(2026, 11, 21, 8, 0, 0, 123_999, tzinfo=jakarta)
    assert spelled_time(local) == "2026-11-21T01:00:00.123Z"
    assert read_time("2026-11-21T01:00:00.123Z") == datetime(2026, 11, 21, 1, 0, 0, 123_000, tzinfo=UTC)
    with pytest.raises(Refused, match="sync_malformed"):
        spelled_time(MORNING.replace(tzinfo=None))


@pytest.mark.clause("P5")
def test_the_chain_names_every_entry_before_it() -> None:
    hashes = [entry(DEVICE, 1, seq).hash for seq in (1, 2, 3)]
    assert linked(GENESIS, hashes) == link(link(link(GENESIS, hashes[0]), hashes[1]), hashes[2])
    assert linked(GENESIS, hashes) != linked(GENESIS, [hashes[1], hashes[0], hashes[2]])


@pytest.mark.clause("P6")
@pytest.mark.parametrize("value", [[], ["a", 1, 2], ["a", 1, -2, "00"], ["a", "1", 2, "00"], ["a", 1, 2, "zz"], None])
def test_a_position_is_all_of_its_four_parts(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        Position.from_fields(value)
    whole = Position("hq", 1, 2, "ab" * 32)
    assert Position.from_fields(whole.to_fields()) == whole


def test_the_fold_sees_an_entry_as_it_is() -> None:
    one = entry(DEVICE, 1, 1)
    event = one.event(hq=False)
    assert (event.place, event.hash, event.at) == ((1, 1), one.hash, "2026-11-21T01:00:01.000Z")
    state = fold([event, entry("hq", 1, 1, "status", read=(1, 1), fields={"status": "SELESAI"}).event(hq=True)])
    assert state.status is Status.SELESAI
