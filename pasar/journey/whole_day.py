"""One whole journey: a fresh house, a market day in it, both servers stopped, both ledgers read, the judge's table.

Knows the order and the files; refuses to judge (the checker) and to know pages (the browsers).
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from layanan.service import catalogue
from pasar.demo_house import House, free_ports, open_house
from pasar.journey.attempts import AttemptLog
from pasar.journey.checker import Verdict, judge_files, report
from pasar.journey.day import MarketDay, Tick, Times
from pasar.journey.people import market_day

ATTEMPTS, STALL_LEDGER, HQ_LEDGER = "percobaan.jsonl", "gerai.jsonl", "mpp.jsonl"


@dataclass(frozen=True)
class Journey:
    """What one day came to. `sent` and `received` are TCP payload bytes between stall and headquarters."""

    folder: Path
    verdict: Verdict
    times: Times
    sent: int
    received: int

    def table(self) -> str:
        """The table in Indonesian, then every difference."""
        return f"{report(self.verdict)}\n{_wire(self)}\n{_clock(self.times)}"


def play_journey(folder: Path, number: int, seed: int, tick: Tick, database_url: str = "") -> Journey:
    """Play a day of `number` visitors in an empty `folder`; `tick` is told how far it is.

    Raises ChildFailed, Surprise: the day itself broke off, which is a failure too.
    """
    services = [service.code for service in catalogue().services if service.opens_permohonan]
    visitors = list(market_day(number, seed, services, today()))
    with open_house(folder, free_ports(), database_url) as house:
        log = AttemptLog(folder / ATTEMPTS)
        day = MarketDay(house, visitors, seed, log, tick)
        try:
            day.play()
        finally:
            log.close()
        moved = house.link.sent, house.link.received
    keep_ledgers(house)
    return Journey(folder, judge_again(folder), day.times, *moved)


def keep_ledgers(house: House) -> None:
    """Write what both sides say they hold, each by its own command, after both servers have stopped."""
    (house.folder / STALL_LEDGER).write_text(house.ask_stall("ledger", "--json"), "utf-8")
    (house.folder / HQ_LEDGER).write_text(house.ask_hq("ledger", "--json"), "utf-8")


def judge_again(folder: Path) -> Verdict:
    return judge_files(folder / ATTEMPTS, folder / STALL_LEDGER, folder / HQ_LEDGER)


def today() -> date:
    return datetime.now().astimezone().date()


def _wire(journey: Journey) -> str:
    each = (journey.sent + journey.received) / max(1, journey.verdict.stored)
    return (
        f"{'Byte ke MPP':<34}{journey.sent:>10,}\n"
        f"{'Byte kembali':<34}{journey.received:>10,}\n"
        f"{'Byte per permohonan':<34}{each:>10,.0f}"
    )


def _clock(times: Times) -> str:
    rows = [(f"{name}, detik", f"{seconds:.1f}") for name, seconds in times.stages.items()]
    if times.saves:
        rows.append(("Simpan, milidetik (median)", f"{statistics.median(times.saves):.1f}"))
    if times.restarts:
        rows.append(("Menyala lagi, detik (terlama)", f"{max(times.restarts):.1f}"))
    return "\n".join(f"{name:<34}{figure:>10}" for name, figure in rows)
