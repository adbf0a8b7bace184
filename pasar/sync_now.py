"""One sync asked for by a command, as an exit code and a sentence. Knows which problems pass by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from layanan.problems import Refused
from offline_db.outbox import SqliteOutbox, last_sync, note_sync, refusals
from pasar.settings import StallConfig
from pasar.syncing import sync_here
from sync.exchange import Outcome
from sync.messages import Result

DONE, LATER, PERSON = 0, 2, 3
PASSES = frozenset({
    "link_no_address", "link_dns", "link_refused", "link_timeout", "link_dropped", "link_server", "link_hq_full",
    "link_kuota", "sync_busy", "sync_malformed", "sync_gap", "sync_bad_signature", "sync_too_large", "store_busy",
})  # fmt: skip
"""Problems that another try may find gone; all others wait for a person."""


def sync_now(config: StallConfig, beyond: bool = False) -> tuple[int, str]:
    """Sync once, inside an app context, `beyond` the kuota if told so.

    Returns 0 (all acknowledged), 2 (later) or 3 (a person), and why.
    """
    outcome = sync_here(config.hq_url, config.data, kuota=config.kuota, beyond=beyond)
    if outcome.problem != "sync_busy":
        note_sync(datetime.now(UTC), outcome.problem)
    if outcome.problem:
        refused = Refused(outcome.problem)
        code = LATER if outcome.problem in PASSES else PERSON
        return code, " ".join(part for part in (refused.sentence(), refused.hint if code == PERSON else "") if part)
    counts = SqliteOutbox().counts()
    waiting = counts.stored - counts.confirmed
    kept = sum(one.result in (Result.REJECTED, Result.CONFLICT) for one in refusals())
    if waiting:
        return LATER, f"{waiting} catatan belum dikonfirmasi MPP."
    if kept:
        return PERSON, f"{kept} catatan tidak diterima MPP. Lihat halaman Sinkron di loket."
    return DONE, f"Semua dikonfirmasi MPP: {_news(outcome)}."


def standing(config: StallConfig) -> dict[str, object]:
    """The three numbers and the last sync, inside an app context; nothing personal."""
    counts, last = SqliteOutbox().counts(), last_sync()
    return {
        "folder": str(config.data),
        "diterima": counts.stored,
        "terkirim": counts.sent,
        "dikonfirmasi": counts.confirmed,
        "tertua": counts.oldest_at and counts.oldest_at.isoformat(timespec="seconds"),
        "terakhir": last and last.answered_at and last.answered_at.isoformat(timespec="seconds"),
        "masalah": last.problem and Refused(last.problem).sentence() if last else None,
    }


def _news(outcome: Outcome) -> str:
    return f"{outcome.confirmed} catatan terkirim, {outcome.pulled} kabar datang"
