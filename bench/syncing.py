"""The sync beside its floors and its peers, on the same records in one run of the shared bench: a table of its own.

Knows the lines of the table and who may stand in them; `shared.py` knows where the bench is told to lie.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.other_people import write_others
from bench.shared import Row, shared_bench

WHO = ("floor", "floor-pack", "floor-sealed", "ours", "morango", "pouchdb")
HEAD = ("what", "floor", "packed floor", "sealed floor", "**ours**", "Morango 0.8.15", "PouchDB 9", "aim for ours")
CONTENDERS = os.environ.get("PASAR_BENCH_CONTENDERS", ",".join(WHO)).split(",")
PARTS = os.environ.get("PASAR_BENCH_PARTS", "bytes,push,backlog,gprs,drops,fsyncs").split(",")
REPS = int(os.environ.get("PASAR_BENCH_REPS", "3"))
SEEDS = int(os.environ.get("PASAR_BENCH_SEEDS", "20"))
PEER_SEEDS = int(os.environ.get("PASAR_BENCH_PEER_SEEDS", "3"))
GPRS = {"up": 50, "down": 50, "rtt": 600}
DAY, MANY, BACKLOG = 300, 10_000, 50_000
PEERS = ("morango", "pouchdb")


def syncing(folder: Path) -> list[Row]:
    """All lines, the head first."""
    bench = shared_bench(folder)
    lines: dict[str, Callable[[ModuleType], list[Row]]] = {
        "bytes": _bytes, "push": _push, "backlog": _backlog, "gprs": _gprs, "drops": _drops, "fsyncs": _fsyncs,
    }  # fmt: skip
    rows: list[Row] = [HEAD, ("---",) * len(HEAD)]
    for part in PARTS:
        for row in lines[part](bench):
            rows.append(row)
            print("|", " | ".join(row), "|", file=sys.stderr, flush=True)
    return rows


def _bytes(bench: ModuleType) -> list[Row]:
    told = _each(lambda name: bench.one(name, DAY, DAY // 10, True))
    write_others(Path(bench.RUNS), DAY, DAY // 10)
    others = _each(lambda name: bench.one(name, DAY, DAY // 10, True), ("floor", "floor-pack", "floor-sealed", "ours"))
    for kept in Path(bench.RUNS).glob(f"r{DAY}.*"):
        kept.unlink()
    return [
        _row(f"bytes a record, {DAY} in a sync", told, lambda one: _per(one, "full", DAY), "120 sealed"),
        _row("the same, names and places of elsewhere", others, lambda one: _per(one, "full", DAY)),
        _row("nothing to do, bytes", told, lambda one: _moved(one["noop"]), "1 exchange, 700 B"),
        _row(f"{DAY // 10} changed of {DAY}, bytes each", told, lambda one: _per(one, "delta", DAY // 10)),
    ]


def _push(bench: ModuleType) -> list[Row]:
    reps: dict[str, list[dict[str, Any]]] = {}
    for _ in range(REPS):
        for name, one in _each(lambda name: bench.one(name, MANY, 100, False)).items():
            reps.setdefault(name, []).append(one)

    def best(phase: str) -> Callable[[list[dict[str, Any]]], str]:
        return lambda all_: _seconds(min(one[phase]["s"] for one in all_))

    return [
        _row(f"{MANY:,} records, full push", reps, best("full"), "2.5 x floor"),
        _row("nothing to do after it", reps, best("noop"), "20 ms"),
        _row(f"100 changed of {MANY:,}", reps, best("delta"), "5 x floor"),
        _row("processor seconds of the full push, both programs", reps, _worked),
        _row("memory stall + headquarters, MB", reps, lambda all_: _memory(all_[0])),
    ]


def _backlog(bench: ModuleType) -> list[Row]:
    told = _each(lambda name: bench.one(name, BACKLOG, 100, False))
    return [
        _row(f"{BACKLOG:,} records backlog", told, lambda one: _seconds(one["full"]["s"]), "linear"),
        _row("memory stall + headquarters, MB", told, _memory, "150 each"),
    ]


def _gprs(bench: ModuleType) -> list[Row]:
    told = _each(lambda name: bench.slow(name, DAY, GPRS, 1, 300, 20))
    return [
        _row(f"a busy day ({DAY}) over GPRS", told, lambda one: _seconds(_inside(one)), "8 s"),
        _row("the same with the start of the program", told, lambda one: _seconds(one["wall"])),
    ]


def _drops(bench: ModuleType) -> list[Row]:
    told: dict[str, list[dict[str, Any]]] = {}
    for name in CONTENDERS:
        for seed in range(1, (PEER_SEEDS if name in PEERS else SEEDS) + 1):
            told.setdefault(name, []).append(bench.slow(name, DAY, GPRS | {"mtbf": 10}, seed, 400, 20))
            print("drops", name, seed, told[name][-1], file=sys.stderr, flush=True)
    return [
        _row("the same, link dropped every 10 s on average: median", told, _median, "12 s"),
        _row("slowest of these, seeds", told, lambda all_: f"{max(map(_inside, all_)):.1f} s, {len(all_)}"),
        _row("bytes sent again a drop, KB, at most", told, lambda all_: f"{_again(all_):.0f}", "1 batch (~18)"),
    ]


def _fsyncs(bench: ModuleType) -> list[Row]:
    told = _each(lambda name: bench.fsyncs(name, 1_000, 100))
    return [
        _row("fsyncs for 1,000, stall + headquarters", told, lambda one: "{} + {}".format(*one["full"]), "15 + 10"),
        _row("fsyncs with nothing to do", told, lambda one: "{} + {}".format(*one["noop"])),
    ]


def _each(measure: Callable[[str], Any], who: tuple[str, ...] = WHO) -> dict[str, Any]:
    found = {}
    for name in (name for name in who if name in CONTENDERS):
        found[name] = measure(name)
        print(name, found[name], file=sys.stderr, flush=True)
    return found


def _row(what: str, told: dict[str, Any], figure: Callable[[Any], str], aim: str = "") -> Row:
    return (what, *(figure(told[name]) if name in told else "-" for name in WHO), aim)


def _seconds(taken: float) -> str:
    return f"{taken * 1000:.0f} ms" if taken < 0.5 else f"{taken:.2f} s" if taken < 10 else f"{taken:.1f} s"


def _inside(one: dict[str, Any]) -> float:
    """Seconds within the syncs; of one that gave up and does not say, all of its program."""
    return sum(sync["s"] or sync["wall"] for sync in one["log"])


def _per(one: dict[str, Any], phase: str, records: int) -> str:
    return f"{one[phase]['link']['total'] / records:.0f}"


def _moved(phase: dict[str, Any]) -> str:
    return f"{phase['link']['total']:,}, {phase['link']['exchanges']} x"


def _memory(one: dict[str, Any]) -> str:
    return f"{one['full']['client_mb']:.0f} + {one['full']['server_mb']:.0f}"


def _worked(all_: list[dict[str, Any]]) -> str:
    """Less shaken by what else runs than the clock; the start of the stall's program is in it."""
    best = min((one["full"]["client_cpu"], one["full"]["server_cpu"]) for one in all_)
    return "{:.1f} + {:.1f}".format(*best)


def _median(all_: list[dict[str, Any]]) -> str:
    return _seconds(statistics.median(map(_inside, all_)))


def _again(all_: list[dict[str, Any]]) -> float:
    """What travelled beyond a run without a cut, a drop, in the worst of the runs."""
    least = min(one["link"]["total"] for one in all_)
    return max((one["link"]["total"] - least) / 1000 / max(1, one["link"]["drops"]) for one in all_)
