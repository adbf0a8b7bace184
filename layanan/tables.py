"""Knows the constant tables that ship inside this package; refuses to know any other file.

They are part of the code, only written as CSV so that people who do not program can check them.
"""

import csv
import gzip
import json
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any

_FOLDER = "tables"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return every row of `tables/<name>.csv` in file order, all values as text exactly as written."""
    text = files(__package__).joinpath(_FOLDER, f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(StringIO(text, newline="")))


def packed(name: str) -> Any:
    """Return the content of `tables/<name>.json.gz`; read anew at each call, the caller keeps what it needs."""
    return json.loads(gzip.decompress(files(__package__).joinpath(_FOLDER, f"{name}.json.gz").read_bytes()))


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return every line of `tables/<name>.txt` in file order; `_` stands for a blank."""
    text = files(__package__).joinpath(_FOLDER, f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line.replace("_", " ") for line in text.splitlines())
