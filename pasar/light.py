"""The sync light: three honest numbers and one plain sentence. Knows counts and the last answer; never a green lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from layanan.problems import Refused
from offline_db.outbox import LastSync, last_sync
from pasar.moment import StallClock
from sync.ports import Counts
from web_base.formats import relative_age, waktu
from web_base.tongue import _

LATE = timedelta(hours=24)


@dataclass(frozen=True)
class Light:
    """`numbers` are entries: stored here, sent at least once, confirmed by headquarters' signature."""

    tone: str
    sentence: str
    numbers: list[tuple[str, int]]
    waiting: int
    oldest: str
    success: str
    tried: str
    wrong: str
    hint: str
    alarms: list[tuple[str, str]]


def light(counts: Counts, clock: StallClock, alarms: Sequence[Refused] = ()) -> Light:
    """The link as it stands, from counted rows and never from hope; `alarms` are told wherever the light is."""
    last = last_sync()
    waiting = counts.stored - counts.confirmed
    wrong = Refused(last.problem) if last and last.problem else None
    age = clock.now() - counts.oldest_at if counts.oldest_at else None
    tone = "bad" if alarms or (age and age > LATE) else "wait" if waiting else "ok"
    return Light(
        tone, _sentence(waiting, wrong), _numbers(counts), waiting, relative_age(age) if age is not None else "",
        _success(last, clock), waktu(last.tried_at, clock.zone) if last else "",
        wrong.sentence() if wrong else "", wrong.hint if wrong else "",
        [(alarm.sentence(), alarm.hint) for alarm in alarms],
    )  # fmt: skip


def _sentence(waiting: int, wrong: Refused | None) -> str:
    if not waiting:
        return _("Semua sudah dikonfirmasi MPP.")
    if wrong is None:
        return _("%(count)s catatan sedang dikirim.", count=waiting)
    return _("%(count)s catatan menunggu sambungan. Aman tersimpan di gerai.", count=waiting)


def _numbers(counts: Counts) -> list[tuple[str, int]]:
    return [(_("diterima"), counts.stored), (_("terkirim"), counts.sent), (_("dikonfirmasi"), counts.confirmed)]


def _success(last: LastSync | None, clock: StallClock) -> str:
    if last is None or last.answered_at is None:
        return _("belum pernah")
    age = relative_age(clock.now() - last.answered_at)
    return _("%(when)s (%(age)s lalu)", when=waktu(last.answered_at, clock.zone), age=age)
