"""The generator's records with people and places that stand in no list of ours: what a stall elsewhere would send.

The names are in `other_people.txt`, a list a line; the shape, the numbers and the chance stay the generator's.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

NAMES = Path(__file__).with_suffix(".txt")
DISTRICTS = [("537101", "Alak"), ("537102", "Maulafa"), ("537103", "Oebobo"), ("537105", "Kelapa Lima")]


def write_others(runs: Path, records: int, changed: int) -> None:
    """Put the records where the bench looks for those of the generator, as many and as many changed."""
    sys.path.insert(0, os.environ["PASAR_BENCH_GENERATOR"])
    gen = importlib.import_module("gen")
    lists: dict[str, object] = {name: words for name, *words in map(str.split, NAMES.read_text("utf-8").splitlines())}
    lists["DISTRICTS"] = DISTRICTS
    before = {name: getattr(gen, name) for name in lists}
    vars(gen).update(lists)
    made = list(gen.records(records, seed=71))
    whole = "".join(gen.dumps(one) + "\n" for one in made)
    some = "".join(gen.dumps(one) + "\n" for one in gen.changed(made, changed))
    vars(gen).update(before)
    (runs / f"r{records}.jsonl").write_text(whole, "utf-8")
    (runs / f"r{records}.d{changed}.jsonl").write_text(some, "utf-8")
