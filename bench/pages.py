"""Counter pages with few and with many stored requests. Knows addresses; the store is filled through the front door."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bench.load import drive
from bench.stall import Measured, measured_stall
from pasar.demo_children import ChildFailed

FEW = 100
Say = Callable[[str], None]


def pages(folder: Path, many: int, say: Say) -> list[tuple[str, str]]:
    """Rows of the table: each page's median milliseconds with 100 and with `many` requests, and their ratio."""
    with measured_stall(folder) as stall:
        fill(stall, FEW, say)
        before = medians(stall)
        fill(stall, many, say)
        after = medians(stall)
    return [
        (f"Page: {name}, {many:,} stored", f"{after[name] / low:.2f} x with {FEW} ({low:.1f} -> {after[name]:.1f} ms)")
        for name, low in before.items()
    ]


def fill(stall: Measured, wanted: int, say: Say) -> None:
    """Save until `wanted` requests are stored."""
    stored = len(ledger(stall))
    while stored < wanted:
        rest = min(wanted - stored, 5000)
        tally = drive(stall.house.ports.stall, stall.save, {201}, connections=4, seconds=3600, most=rest)
        if tally.wrong:
            raise ChildFailed(f"{tally.wrong} saves were refused while filling")
        stored += rest
        say(f"{stored:,} stored")


def ledger(stall: Measured) -> list[str]:
    return stall.house.ask_stall("ledger", "--json").splitlines()


def medians(stall: Measured) -> dict[str, float]:
    newest = json.loads(ledger(stall)[-1])
    record, series = newest["record_id"], newest["series"]
    addresses = {
        "home": "/",
        "service search": "/layanan?q=akte+lahir",
        "service": "/layanan/DKC-01",
        "today's list": "/permohonan",
        "search by number": f"/permohonan?q={series[-4:]}",
        "one request": f"/permohonan/{record}",
        "receipt": f"/permohonan/{record}/tanda-terima",
        "sync": "/sinkron",
        "shopper's page": "/c",
    }
    found = {}
    for name, address in addresses.items():
        found[name] = median(stall, address)
    return found


def median(stall: Measured, address: str) -> float:
    """Milliseconds of one page asked again and again on one connection, after a few to warm up."""
    asked = stall.page(address)

    def ask(_: int) -> tuple[str, str, bytes | None, dict[str, str]]:
        return asked

    drive(stall.house.ports.stall, ask, {200}, connections=1, seconds=1, most=5)
    tally = drive(stall.house.ports.stall, ask, {200}, connections=1, seconds=10, most=60)
    if tally.wrong:
        raise ChildFailed(f"{address.partition('?')[0]}: {tally.wrong} answers were not 200")
    return tally.median
