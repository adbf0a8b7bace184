"""A busy day over links from GSM to 4G: seconds and bytes of ours, the floors and the peers, kept for the picture.

Knows the profiles and the file; refuses to know what a contender does. What is measured replaces what the file held of
the same contender, so that one of them can be measured again alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.picture import draw
from bench.shared import Row, shared_bench

DAY = 300
SPEEDS: dict[str, dict[str, float]] = {
    "10": {"up": 9.6, "down": 9.6, "rtt": 900},
    "20": {"up": 20, "down": 20, "rtt": 750},
    "50": {"up": 50, "down": 50, "rtt": 600},
    "120": {"up": 120, "down": 200, "rtt": 400},
    "400": {"up": 400, "down": 1000, "rtt": 200},
    "2000": {"up": 2000, "down": 5000, "rtt": 80},
}
"""By kbit/s up: GSM data, poor GPRS, GPRS, EDGE, 3G, 4G at the edge of a cell."""
WHO = ("floor", "floor-sealed", "ours", "morango", "pouchdb")
HEAD = ("a busy day (300 requests) at", "floor", "sealed floor", "**ours**", "Morango 0.8.15", "PouchDB 9")
CONTENDERS = os.environ.get("PASAR_BENCH_CONTENDERS", ",".join(WHO)).split(",")
DOCS = Path(__file__).resolve().parents[1] / "docs"
FIGURES, PICTURE = DOCS / "links.json", DOCS / "links.svg"
Told = dict[str, dict[str, dict[str, float]]]


def links(folder: Path) -> list[Row]:
    """Rows of the table, one a speed; the file and the picture are written anew."""
    bench = shared_bench(folder)
    told: Told = json.loads(FIGURES.read_text("ascii")) if FIGURES.exists() else {}
    for speed, profile in SPEEDS.items():
        for name in (name for name in WHO if name in CONTENDERS):
            told.setdefault(speed, {})[name] = figure(bench.slow(name, DAY, profile, 1, 900, 20))
            print(speed, name, told[speed][name], file=sys.stderr, flush=True)
    FIGURES.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "ascii")
    PICTURE.write_text(draw(told), "utf-8")
    return [HEAD, ("---",) * len(HEAD), *(row(speed, told[speed]) for speed in SPEEDS)]


def figure(found: dict[str, Any]) -> dict[str, float]:
    """Seconds inside the syncs (the start of a program is no part), and bytes both ways."""
    if not found["same"]:
        raise SystemExit(f"both sides differ: {found}")
    return {"seconds": round(sum(one["s"] or one["wall"] for one in found["log"]), 2), "bytes": found["link"]["total"]}


def row(speed: str, told: dict[str, dict[str, float]]) -> Row:
    said = (f"{told[name]['seconds']:.1f} s, {told[name]['bytes'] / 1000:.0f} KB" for name in WHO)
    return (f"{speed} kbit/s", *said)
