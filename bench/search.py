"""Time and hit rate of the service search. Knows the catalogue's own phrases and those people were heard to say."""

from __future__ import annotations

import csv
import statistics
import time
from pathlib import Path

from offline_db import open_stall
from offline_db.catalogue import search
from offline_db.synonyms import lexicon

_PHRASES = Path(__file__).resolve().parents[1] / "tests" / "vectors"
_ROUNDS = 5


def searching(folder: Path) -> list[tuple[str, str]]:
    """Rows of the table: milliseconds of a search, and how often the first three hold what is meant."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_stall(folder / "gerai.sqlite"):
        lexicon.cache_clear()
        first = _milliseconds("akte lahir")
        cases = {name: _cases(name) for name in ("phrases", "spoken", "heard")}
        said = [phrase for rows in cases.values() for phrase, _ in rows]
        times, slips = sorted(map(_milliseconds, said)), sorted(map(_milliseconds, map(_slipped, said)))
        return [
            ("The first search after a start", f"{first:.0f} ms"),
            ("A search", f"median {statistics.median(times):.2f} ms, slowest {times[-1]:.1f} ms"),
            ("A search with a slip in it", f"median {statistics.median(slips):.2f} ms, slowest {slips[-1]:.1f} ms"),
            *((f"What is meant is among the first three ({name}.csv)", _rate(rows)) for name, rows in cases.items()),
        ]


def _cases(name: str) -> list[tuple[str, set[str]]]:
    with (_PHRASES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return [(row["phrase"], {*row["accepted"].split(";")}) for row in csv.DictReader(lines)]


def _rate(cases: list[tuple[str, set[str]]]) -> str:
    hits = sum(bool(accepted & {service.code for service in search(phrase, 3)}) for phrase, accepted in cases)
    return f"{hits} of {len(cases)} ({100 * hits / len(cases):.1f} %)"


def _slipped(phrase: str) -> str:
    word = max(phrase.split(), key=len)
    return phrase.replace(word, word[: len(word) // 2] + word[len(word) // 2 + 1 :], 1)


def _milliseconds(words: str) -> float:
    """The best of a few rounds: what else a small machine does only ever slows a search down."""
    rounds = 1 if lexicon.cache_info().currsize == 0 else _ROUNDS
    return min(_once(words) for _ in range(rounds))


def _once(words: str) -> float:
    begun = time.perf_counter()
    search(words)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pasar-bench-") as temporary:
        for what, figure in searching(Path(temporary)):
            print(f"{what}: {figure}")
