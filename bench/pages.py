"""Counter pages with few and with many stored requests. Knows addresses; the store is filled through the front door."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bench.load import drive
from bench.stall import Measured, measured_stall, restarted
from pasar.demo_children import ChildFailed

FEW = 100
ROUNDS = 5
SHOWN = {200, 303}
"""A number that names one request leads straight to it."""
Say = Callable[[str], None]


def pages(folder: Path, many: int, say: Say) -> list[tuple[str, str]]:
    """Rows of the table: each page's milliseconds with 100 and with `many` requests, asked in turns."""
    with measured_stall(folder / "few") as few, measured_stall(folder / "many") as lots:
        fill(few, FEW, say)
        fill(lots, many, say)
        few, lots = restarted(few), restarted(lots)
        pairs = zip(addresses(few).items(), addresses(lots).values(), strict=True)
        return [_row(name, many, in_turns((few, low), (lots, high))) for (name, low), high in pairs]


def _row(name: str, many: int, medians: tuple[float, float]) -> tuple[str, str]:
    low, high = medians
    return f"Page: {name}, {many:,} stored", f"{high / low:.2f} x with {FEW} ({low:.1f} -> {high:.1f} ms)"


def in_turns(few: tuple[Measured, str], lots: tuple[Measured, str]) -> tuple[float, float]:
    """The best of several alternating rounds of each: what else the machine does hits both."""
    rounds = [(median(*few), median(*lots)) for _ in range(ROUNDS)]
    return min(pair[0] for pair in rounds), min(pair[1] for pair in rounds)


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


def addresses(stall: Measured) -> dict[str, str]:
    newest = json.loads(ledger(stall)[-1])
    record, series = newest["record_id"], newest["series"]
    return {
        "home": "/",
        "service search": "/layanan?q=akte+lahir",
        "service": "/layanan/DKC-01",
        "today's list": "/permohonan",
        "search by number": f"/permohonan?q={series}",
        "one request": f"/permohonan/{record}",
        "receipt": f"/permohonan/{record}/tanda-terima",
        "sync": "/sinkron",
        "shopper's page": "/c",
    }


def median(stall: Measured, address: str) -> float:
    """Milliseconds of one page asked again and again on one connection, after a few to warm up."""
    asked = stall.page(address)

    def ask(_: int) -> tuple[str, str, bytes | None, dict[str, str]]:
        return asked

    drive(stall.house.ports.stall, ask, SHOWN, connections=1, seconds=1, most=5)
    tally = drive(stall.house.ports.stall, ask, SHOWN, connections=1, seconds=10, most=30)
    if tally.wrong:
        raise ChildFailed(f"{address.partition('?')[0]}: {tally.wrong} answers were neither a page nor its address")
    return tally.median
