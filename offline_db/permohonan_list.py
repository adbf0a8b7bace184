"""Knows lists of permohonan and how one is looked for; refuses to know any name: nobody is found by who they are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from layanan.problems import Refused
from layanan.series import read_series, series
from layanan.tracking import read_code
from offline_db.base import db
from offline_db.models import PermohonanRow

PAGE_ROWS = 50


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and whether more follow."""

    rows: list[PermohonanRow]
    more: bool


def search(text: str, day: date, page: int = 1, *, status: str = "") -> Page:
    """Return the permohonan that the text names; without a text all in `status`, or else those of the local day.

    A text is a code, a scanned QR, a series number, or up to four digits: the end of one of the day's series numbers.
    A text that names nothing finds nothing. `page` counts from 1.
    """
    condition = _condition(text.strip(), day.isoformat(), status)
    return Page([], more=False) if condition is None else _page(condition, page)


def names_permohonan(text: str, day: date) -> bool:
    """Whether a text is the code or number of a receipt rather than words: it holds a digit, or names one that is here.

    A code is twelve letters and digits, so that a service's name may look like one once in a great while.
    """
    condition = _condition(text.strip(), day.isoformat(), "") if text.strip() else None
    if condition is None:
        return False
    return any(sign.isdigit() for sign in text) or bool(_page(condition, 1).rows)


def _condition(text: str, day: str, status: str) -> Any:
    if not text:
        return PermohonanRow.status == status if status else PermohonanRow.day == day
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return (PermohonanRow.day == day) & (PermohonanRow.last4 == text.zfill(4))
    try:
        return PermohonanRow.code == read_code(text)
    except Refused:
        pass
    try:
        return PermohonanRow.series == series(*read_series(text))
    except Refused:
        return None


def _page(condition: Any, page: int) -> Page:
    rows = select(PermohonanRow).where(condition).order_by(PermohonanRow.id.desc())
    found = list(db.session.scalars(rows.limit(PAGE_ROWS + 1).offset((max(page, 1) - 1) * PAGE_ROWS)))
    return Page(found[:PAGE_ROWS], more=len(found) > PAGE_ROWS)
