"""The satisfaction survey (SKM) of all stalls: respondents, nine NRR, index and grade, by month and year.

Knows pages; refuses to know who answered: only counts come here. The weight of an element is exactly 1/9.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from layanan.reading import said
from layanan.survei import Counts, Index, added, index_of, nothing, nrr, respondents, sample_size
from layanan.tables import rows
from mpp.db.office import office
from mpp.db.survei import Rated, accepted_between, rated
from mpp.office import here, utc_now
from mpp.sign_in import signed_in_only
from sync.entry import spelled_time
from web_base.formats import month_name
from web_base.tongue import _

bp = Blueprint("survei", __name__, url_prefix="/skm")
bp.before_request(signed_in_only)
PRINTED = Decimal("0.11")
_TONES = {"A": "ok", "B": "ok", "C": "wait", "D": "bad"}


@dataclass(frozen=True)
class Period:
    """A year, or a month of it."""

    year: int
    month: int | None = None

    @property
    def prefix(self) -> str:
        """How the days of the period begin."""
        return f"{self.year:04}-{self.month:02}" if self.month else f"{self.year:04}"

    def bounds(self, zone: str) -> tuple[str, str]:
        """The first moment of the period and the first after it, as entries spell times."""
        place = ZoneInfo(zone)
        first = datetime(self.year, self.month or 1, 1, tzinfo=place)
        last = (self.year, self.month + 1) if self.month and self.month < 12 else (self.year + 1, 1)
        return spelled_time(first), spelled_time(datetime(*last, 1, tzinfo=place))


@dataclass(frozen=True)
class Line:
    """What one stall, or all, came to in a period. `printed` is the index with the weight 0,11 of older reports."""

    name: str
    respondents: int
    means: Sequence[Decimal]
    index: Index | None
    printed: Index | None
    requests: int
    wanted: int

    @property
    def tone(self) -> str:
        """The colour of the grade."""
        return _TONES[self.index.grade] if self.index else "plain"


@bp.get("")
def page() -> ResponseReturnValue:
    """The table of a period; with `bobot` also the index as older reports print it."""
    period, periods, lines = _chosen()
    return render_template(
        "mpp/survei.html", period=period, lines=lines, printed=request.args.get("bobot") == "011",
        elements=[(row["code"], said(row["name_id"], row["name_en"])) for row in rows("skm_elements")],
        silent=[line.name for line in lines[:-1] if not line.respondents],
        few=[line for line in lines[:-1] if line.respondents < line.wanted], months=_months(period, periods),
        years=sorted({each.year for each in periods} | {period.year}),
    )  # fmt: skip


@bp.get("/tabel.csv")
def download() -> Response:
    """The same table for a spreadsheet."""
    period, _periods, lines = _chosen()
    text, codes = StringIO(), [row["code"] for row in rows("skm_elements")]
    table = csv.writer(text)
    table.writerow(["gerai", "periode", "responden", *codes, "ikm", "mutu", "kinerja", "permohonan", "sampel"])
    for line in lines:
        means: Sequence[object] = line.means or [""] * len(codes)
        index = (line.index.ikm, line.index.grade, line.index.performance) if line.index else ("", "", "")
        table.writerow([line.name, period.prefix, line.respondents, *means, *index, line.requests, line.wanted])
    answer = make_response(text.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="skm-{period.prefix}.csv"'
    return answer


def _chosen() -> tuple[Period, set[Period], list[Line]]:
    """The period asked for, else the newest month that was rated; all that were; a line a stall and one for all."""
    with here().database.reading() as session:
        zone, known = office(session).zone, rated(session)
        periods = {Period(int(day[:4]), int(day[5:7])) for each in known for day in each.days}
        period = _asked() or _newest(periods, zone)
        return period, periods, _lines(session, known, period, zone)


def _asked() -> Period | None:
    year, month = request.args.get("tahun", 0, type=int), request.args.get("bulan", 0, type=int)
    return Period(year, month if 1 <= month <= 12 else None) if 2000 <= year <= 2999 else None


def _newest(periods: set[Period], zone: str) -> Period:
    today = utc_now().astimezone(ZoneInfo(zone))
    return max(periods, key=lambda each: each.prefix, default=Period(today.year, today.month))


def _lines(session: Session, known: Sequence[Rated], period: Period, zone: str) -> list[Line]:
    whole, taken, lines = nothing(), 0, []
    for each in known:
        counts = each.within(period.prefix)
        requests = accepted_between(session, each.stall, *period.bounds(zone))
        whole, taken = added(whole, counts), taken + requests
        lines.append(_line(each.name, counts, requests))
    return [*lines, _line(_("Semua gerai"), whole, taken)]


def _line(name: str, counts: Counts, requests: int) -> Line:
    exact, printed = index_of(counts), index_of(counts, weight=PRINTED)
    return Line(name, respondents(counts), nrr(counts), exact, printed, requests, sample_size(requests))


def _months(period: Period, periods: set[Period]) -> list[tuple[str, str, bool]]:
    """The year as a whole and its months that were rated: address, name, whether it is the one shown."""
    here_too = {each.month for each in periods if each.year == period.year} | {period.month}
    months = [(number, month_name(number)) for number in sorted(each for each in here_too if each)]
    shown = [(None, _("Setahun")), *months]
    return [(url_for("survei.page", tahun=period.year, bulan=each), name, each == period.month) for each, name in shown]
