"""The judge of a market day: what the client saw against what both ledgers hold.

Knows three files: the attempts, the stall's `ledger --json`, headquarters' `ledger --json`. Refuses to know how any of
them came about: no database, no server, no code of either app. Run it with `python -m pasar.journey.checker`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pasar.journey.attempts import Act, Attempt, Phase, read_attempts

Row = Mapping[str, object]
SAME_ON_BOTH = ("tracking_code", "series", "service", "entries", "content_sha256")


@dataclass(frozen=True)
class Verdict:
    """The counts of the day's table and every difference found, as sentences without personal data."""

    accepted: int
    stored: int
    returned: int
    duplicates: int
    losses: int
    differences: tuple[str, ...]


def judge(attempts: Iterable[Attempt], stall: Iterable[Row], headquarters: Iterable[Row]) -> Verdict:
    """Every ok is at headquarters exactly once with the same content hash, no fail is there, an info 0 or 1 times,
    nothing unknown, no code twice, nothing unacknowledged, each record stands where the last act left it, and every
    shopper who asked was answered."""
    tried = list(attempts)
    here, there = list(stall), list(headquarters)
    seen = outcomes(tried)
    accepted = {record for record, phase in seen.items() if phase is Phase.OK}
    at_stall, at_hq = _by_record(here), _by_record(there)
    differences = [
        *_repeated(here, "stall"),
        *_repeated(there, "headquarters"),
        *_receipts_changed(tried),
        *_receipts_against(tried, at_hq),
        *(f"{record}: receipt shown, not at headquarters" for record in sorted(accepted - at_hq.keys())),
        *(f"{record}: receipt shown, not at the stall" for record in sorted(accepted - at_stall.keys())),
        *_unexpected(seen, at_hq, "headquarters"),
        *_unexpected(seen, at_stall, "stall"),
        *_unequal(at_stall, at_hq),
        *_not_as_left(tried, at_hq),
        *_unanswered(tried),
    ]
    decided = {attempt.record_id for attempt in tried if attempt.act is Act.DECIDE and attempt.phase is Phase.OK}
    returned = sum(_same_status(at_stall.get(record), at_hq.get(record)) for record in decided)
    duplicates = len(there) - len(at_hq) + len(here) - len(at_stall)
    losses = len(accepted - at_hq.keys())
    return Verdict(len(accepted), len(at_hq), returned, duplicates, losses, tuple(differences))


def outcomes(attempts: Iterable[Attempt]) -> dict[str, Phase]:
    """What the client may believe of each record it tried to save: OK beats INFO, INFO beats FAIL."""
    weight = [Phase.INVOKE, Phase.FAIL, Phase.INFO, Phase.OK]
    seen: dict[str, Phase] = {}
    for attempt in attempts:
        if attempt.act is Act.ACCEPT:
            seen[attempt.record_id] = max(seen.get(attempt.record_id, Phase.INVOKE), attempt.phase, key=weight.index)
    return seen


def _by_record(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row["record_id"]): row for row in rows}


def _repeated(rows: list[Row], side: str) -> list[str]:
    found = []
    for name in ("record_id", "tracking_code"):
        counted = Counter(str(row[name]) for row in rows)
        found += [f"{value}: {name} {times} times at the {side}" for value, times in counted.items() if times > 1]
    return found


def _receipts_changed(attempts: list[Attempt]) -> list[str]:
    """Two receipts of one record must be one and the same."""
    shown: dict[str, set[tuple[str, str]]] = {}
    for attempt in attempts:
        if attempt.act is Act.ACCEPT and attempt.phase is Phase.OK:
            shown.setdefault(attempt.record_id, set()).add((attempt.code, attempt.series))
    return [f"{record}: {len(kinds)} different receipts shown" for record, kinds in shown.items() if len(kinds) > 1]


def _receipts_against(attempts: list[Attempt], at_hq: dict[str, Row]) -> list[str]:
    found = []
    for attempt in attempts:
        if attempt.act is not Act.ACCEPT or attempt.phase is not Phase.OK or attempt.record_id not in at_hq:
            continue
        row = at_hq[attempt.record_id]
        if (attempt.code, attempt.series) != (row["tracking_code"], row["series"]):
            found.append(f"{attempt.record_id}: the receipt's numbers are not those at headquarters")
    return found


def _unexpected(seen: dict[str, Phase], rows: dict[str, Row], side: str) -> list[str]:
    """A record nobody tried, or one whose every attempt was refused. A lone INVOKE is a client that died: allowed."""
    return [
        f"{record}: at the {side}, though {'it was refused' if record in seen else 'nobody asked for it'}"
        for record in sorted(rows)
        if seen.get(record, Phase.FAIL) is Phase.FAIL
    ]


def _unequal(at_stall: dict[str, Row], at_hq: dict[str, Row]) -> list[str]:
    found = [f"{record}: at headquarters only" for record in sorted(at_hq.keys() - at_stall.keys())]
    for record, row in sorted(at_stall.items()):
        if not row["acknowledged"]:
            found.append(f"{record}: not acknowledged")
        other = at_hq.get(record)
        if other is None:
            found.append(f"{record}: at the stall only")
            continue
        found += [f"{record}: {name} differs" for name in SAME_ON_BOTH if row[name] != other[name]]
        if _stands(row) != _stands(other):
            found.append(f"{record}: status differs, {row['status']} and {other['status']}")
    return found


def _same_status(here: Row | None, there: Row | None) -> bool:
    return here is not None and there is not None and _stands(here) == _stands(there)


def _stands(row: Row) -> object:
    """The status; TERKIRIM is DITERIMA of which the other side knows that it has arrived."""
    return "DITERIMA" if row["status"] == "TERKIRIM" else row["status"]


def _unanswered(attempts: list[Attempt]) -> list[str]:
    asked = [attempt for attempt in attempts if attempt.act is Act.ASK and attempt.phase is not Phase.OK]
    return [f"{attempt.record_id}: the shopper's page did not know it" for attempt in asked]


def _not_as_left(attempts: list[Attempt], at_hq: dict[str, Row]) -> list[str]:
    last: dict[str, str] = {}
    for attempt in attempts:
        if attempt.phase is Phase.OK and attempt.status:
            last[attempt.record_id] = attempt.status
        elif attempt.phase is Phase.INFO and attempt.act is not Act.ACCEPT:
            last.pop(attempt.record_id, None)
    return [
        f"{record}: left as {status}, stands as {at_hq[record]['status']}"
        for record, status in last.items()
        if record in at_hq and _stands(at_hq[record]) != status
    ]


def read_ledger(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def judge_files(attempts: Path, stall: Path, headquarters: Path) -> Verdict:
    return judge(read_attempts(attempts), read_ledger(stall), read_ledger(headquarters))


def report(verdict: Verdict) -> str:
    """The day's table in Indonesian, then each difference on its own line."""
    counted = [
        ("Diterima (tanda terima terlihat)", verdict.accepted),
        ("Tersimpan di MPP", verdict.stored),
        ("Status kembali ke gerai", verdict.returned),
        ("Ganda", verdict.duplicates),
        ("Hilang", verdict.losses),
        ("Perbedaan", len(verdict.differences)),
    ]
    return "\n".join([f"{label:<34}{number:>10}" for label, number in counted] + list(verdict.differences))


def main(arguments: list[str]) -> int:
    """Exit 0 when all agree, 1 when anything differs."""
    if len(arguments) != 3:
        sys.stderr.write("usage: python -m pasar.journey.checker ATTEMPTS STALL_LEDGER HEADQUARTERS_LEDGER\n")
        return 2
    verdict = judge_files(*map(Path, arguments))
    sys.stdout.write(report(verdict) + "\n")
    return 1 if verdict.differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
