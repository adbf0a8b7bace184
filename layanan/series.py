"""Knows a stall's series number (GTG-261121-0042), a label for people; refuses to know who hands out the counter."""

import re
from datetime import date
from typing import NamedTuple

from layanan.problems import Refused

_SHAPE = re.compile(r"\s*([A-Z0-9]{2,8})[\s./_-]+([0-9]{6})[\s./_-]+([0-9]{1,9})\s*", re.ASCII)


class Series(NamedTuple):
    """A series number taken apart."""

    label: str
    on: date
    number: int


def series(label: str, on: date, number: int) -> str:
    """Return the series number of a stall's label, local day and counter; the counter has at least four digits."""
    return f"{label}-{on:%y%m%d}-{number:04d}"


def read_series(text: str) -> Series:
    """Return the parts of a series number, any separators and case; raises Refused("series_invalid")."""
    shape = _SHAPE.fullmatch(text.upper())
    if shape is None:
        raise Refused("series_invalid")
    try:
        on = date.fromisoformat("20" + shape[2])
    except ValueError:
        raise Refused("series_invalid") from None
    return Series(shape[1], on, int(shape[3]))
