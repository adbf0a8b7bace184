"""A busy day over links from GSM to 4G: seconds and bytes of ours, the floors and the peers, kept for the picture.

Knows the profiles and the file; refuses to know what a contender does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.shared import shared_bench

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
CONTENDERS = os.environ.get("PASAR_BENCH_LINKS", "ours,floor,floor-sealed,morango,pouchdb").split(",")
FIGURES = Path(__file__).resolve().parents[1] / "docs" / "links.json"


def links(folder: Path) -> list[tuple[str, str]]:
    """Rows of the table, one a speed; what is measured replaces what the file held of the same contender."""
    bench = shared_bench(folder)
    told: dict[str, dict[str, dict[str, float]]] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for speed, profile in SPEEDS.items():
        for name in CONTENDERS:
            found = bench.slow(name, DAY, profile, 1, 900, 20)
            told.setdefault(speed, {})[name] = figure(found)
            print(speed, name, told[speed][name], file=sys.stderr, flush=True)
    FIGURES.write_text(json.dumps(told, indent=1) + "\n")
    return [(f"a busy day ({DAY}) at {speed} kbit/s", row(told[speed])) for speed in SPEEDS]


def figure(found: dict[str, Any]) -> dict[str, float]:
    """Seconds inside the syncs (of the process's start nothing), and bytes both ways."""
    if not found["same"]:
        raise SystemExit(f"both sides differ: {found}")
    return {"seconds": round(sum(one["s"] or one["wall"] for one in found["log"]), 2), "bytes": found["link"]["total"]}


def row(told: dict[str, dict[str, float]]) -> str:
    return ", ".join(f"{name} {one['seconds']:.1f} s {one['bytes'] / 1000:.0f} KB" for name, one in told.items())
