"""A record of the sync bench's generator as a permohonan and back, nothing lost. Knows both shapes and no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from layanan.person import SELF, Person, PersonalPart, masked_name
from layanan.series import series
from layanan.tracking import new_code
from sync.entry import read_time, spelled_time

_ZONE = timezone(timedelta(hours=7))
_VILLAGE = ", Kel. "
_MARKS = ("asli", "asli", "asli", "ditinggal", "belum")
Row = tuple[Any, ...]


def part_of(record: Mapping[str, Any]) -> PersonalPart:
    """What is sealed: the person; the village is part of the address."""
    address = f"{record['address']}{_VILLAGE}{record['kelurahan']}"
    phone = f"+62{record['phone'][1:]}"
    return PersonalPart(Person(record["name"], record["nik"], None, phone, address), None, SELF, record["notes"])


def fields_of(record: Mapping[str, Any], label: str, stall: str, number: int) -> dict[str, Any]:
    """What stands in the entry: all that an acceptance says, and the generator's fee, outpost and events."""
    chance = hashlib.sha256(record["id"].encode()).digest()
    day = moment_of(record).astimezone(_ZONE).date()
    needed = 3 + sum(record["service"].encode()) % 4
    return {
        "code": new_code(chance[:7]),
        "series": series(label, day, number),
        "service": record["service"],
        "stall": stall,
        "relation": SELF,
        "papers": [[place, _MARKS[chance[8 + place] % len(_MARKS)]] for place in range(needed)],
        "masked": masked_name(record["name"]),
        "receipt_date": f"{day:%y%m%d}",
        "outpost": record["outpost"],
        "fee": record["fee"],
        "events": [_event(one) for one in record["events"]],
    }


def patch_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an amendment says of a changed record: its newest event."""
    return {"patch": {"event": _event(record["events"][-1])}, "resubmitted": False}


def moment_of(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["created_at"]).astimezone(UTC)


def row_of(part: PersonalPart, fields: Mapping[str, Any], record: str, at: datetime, later: list[Any]) -> Row:
    """The generator's own tuple of a permohonan whose entries brought `later` events."""
    person = part.pemohon
    address, _, village = person.address.rpartition(_VILLAGE)
    events = [_event_back(one) for one in (*fields["events"], *later)]
    created = _iso(at)
    return (
        record, fields["outpost"], created, events[-1]["at"] if events else created, fields["service"], person.nik,
        person.name, "0" + str(person.phone)[3:], address, village, part.notes, fields["fee"],
        events[-1]["status"] if events else "received", json.dumps(events, separators=(",", ":")),
    )  # fmt: skip


def _event(given: Mapping[str, str]) -> dict[str, str]:
    return {"when": spelled_time(datetime.fromisoformat(given["at"])), "status": given["status"], "by": given["by"]}


def _event_back(given: Mapping[str, str]) -> dict[str, str]:
    return {"at": _iso(read_time(given["when"])), "status": given["status"], "by": given["by"]}


def _iso(at: datetime) -> str:
    return at.astimezone(_ZONE).isoformat(timespec="milliseconds")
