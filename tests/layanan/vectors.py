"""The vector files beside the tests: cases people checked by hand, kept as tables."""

import csv
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "vectors"


def vectors(name: str) -> list[dict[str, str]]:
    """Return every row of `tests/vectors/<name>.csv`."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
