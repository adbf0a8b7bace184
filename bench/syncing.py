"""The sync beside the floor and its peers, in one run of the shared bench. Knows where that bench is told to lie.

`PASAR_BENCH_GENERATOR` names its folder (`bench.py`, `gen.py`); without it there is nothing to compare with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CONTENDERS = os.environ.get("PASAR_BENCH_CONTENDERS", "floor,floor-pack,ours")
RECORDS = os.environ.get("PASAR_BENCH_RECORDS", "300")
HERE = Path(__file__).resolve()


def syncing(folder: Path) -> list[tuple[str, str]]:
    """Rows of the table: seconds, bytes a record and exchanges of each contender, full, nothing to do, some changed."""
    bench = os.environ.get("PASAR_BENCH_GENERATOR")
    if not bench:
        raise SystemExit("PASAR_BENCH_GENERATOR must name the folder of the shared sync bench")
    folder.mkdir(parents=True, exist_ok=True)
    ours = {"ours": [[sys.executable, str(HERE.with_name("contender.py"))], {"PYTHONPATH": str(HERE.parent.parent)}]}
    told = folder / "sync.json"
    subprocess.run(
        [sys.executable, "bench.py", "--contenders", CONTENDERS, "--n", RECORDS, "--reps", "3", "--json", str(told)],
        cwd=bench, check=True, stdout=sys.stderr,
        env={**os.environ, "PERF_CONTENDERS": json.dumps(ours), "PERF_RUNS": str(folder)},
    )  # fmt: skip
    return [row for name, found in json.loads(told.read_text())[RECORDS].items() for row in _rows(name, found)]


def _rows(name: str, found: dict[str, dict[str, dict[str, float]]]) -> list[tuple[str, str]]:
    rows = []
    for phase, what in (("full", f"push of {RECORDS}"), ("noop", "nothing to do"), ("delta", "some changed")):
        figure, link = found[phase], found[phase].get("link") or {}
        said = f"{figure['s']} s, {link.get('total')} bytes in {link.get('exchanges')} exchanges"  # type: ignore[attr-defined]
        rows.append((f"{name}: {what}", said))
    return rows
