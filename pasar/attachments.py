"""When the scans of this stall have their turn: after text, within the kuota, and out of the way of a save.

Knows the line and the stall's file; refuses to know how a chunk travels (`sync`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from offline_db.attachments import SqliteAttachments
from offline_db.outbox import SqliteOutbox
from offline_db.trust import stall_keys
from sync.attachments import ChunkPace, Lane, send_attachments
from sync.exchange import Outcome
from sync.line import Line

TEXT_ROOM = 200_000
"""Bytes of the kuota that scans leave for text: a market day of it many times over."""
QUIET = ("attachment_not_yet", "link_kuota")
"""What scans may wait for without anything being wrong: a newer headquarters, the next window of the kuota."""
_MOST_TURNS = 100


def with_scans(text: Callable[[], Outcome], line: Line, now: Callable[[], datetime]) -> Outcome:
    """Sync text until it is quiet, then send scans; whenever text waits again, it goes first.

    The numbers are sums of the text; the rest is of what came last.
    """
    outcome = text()
    for _ in range(_MOST_TURNS):
        if outcome.problem or outcome.has_more:
            break
        lane = _lane(line, now)
        if lane.problem or not _text_waits():
            return _told(outcome, lane)
        again = text()
        sums = {name: getattr(outcome, name) + getattr(again, name) for name in ("sent", "confirmed", "pulled")}
        outcome = replace(again, **sums)
    return outcome


def _lane(line: Line, now: Callable[[], datetime]) -> Lane:
    left = line.budget.left()
    budget = None if math.isinf(left) else max(0, int(left) - TEXT_ROOM)
    pace = ChunkPace.known(line.pace.byte_seconds)
    return send_attachments(
        SqliteAttachments(), line, stall_keys(), now=now, pace=pace, budget=budget, yields=_text_waits
    )


def _text_waits() -> bool:
    return bool(SqliteOutbox().pending(1, 1))


def _told(outcome: Outcome, lane: Lane) -> Outcome:
    if lane.problem is None or lane.problem in QUIET:
        return replace(outcome, has_more=lane.stopped or lane.problem is not None)
    return replace(outcome, has_more=True, problem=lane.problem, retry_after=lane.retry_after)
