"""The shared sync bench as a library: its contenders, its bad link, its byte counter. Knows where it is told to lie.

`PASAR_BENCH_GENERATOR` names its folder (`bench.py`, `gen.py`); `PERF_VENVS` names the environments of the peers.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType

Row = tuple[str, ...]
"""Cells of a line of the table."""

HERE = Path(__file__).resolve().parent
OURS = {
    "ours": [[sys.executable, str(HERE / "contender.py")], {"PYTHONPATH": str(HERE.parent)}],
    "floor-sealed": [[sys.executable, str(HERE / "sealed_floor.py")], {}],
}


def shared_bench(runs: Path) -> ModuleType:
    """The bench with our contenders beside its own; it keeps its files in `runs`, so one of them a process."""
    folder = os.environ.get("PASAR_BENCH_GENERATOR")
    if not folder:
        raise SystemExit("PASAR_BENCH_GENERATOR must name the folder of the shared sync bench")
    runs.mkdir(parents=True, exist_ok=True)
    os.environ |= {"PERF_CONTENDERS": json.dumps(OURS), "PERF_RUNS": str(runs)}
    own = sys.modules.pop("bench", None)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("bench")
    finally:
        sys.path.remove(folder)
        if own:
            sys.modules["bench"] = own
