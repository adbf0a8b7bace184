"""The way to headquarters, step by step, and what headquarters says of this stall. Takes nothing from the answer.

Knows the signed question that changes nothing on either side; refuses to believe anybody else's answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from layanan.problems import Refused
from offline_db.identity import Identity, grant, identity
from offline_db.outbox import SqliteOutbox
from offline_db.start_check import is_own
from offline_db.status_book import SqliteStatusBook
from offline_db.trust import stall_keys
from pasar.moment import TOLERATED_SECONDS, spoken_offset
from pasar.settings import StallConfig
from sync.entry import read_time
from sync.exchange import acknowledged, next_batch
from sync.frame import FrameKind, pack
from sync.link import HttpLink
from sync.messages import Acknowledgement
from sync.ports import LinkDown

FINE, WATCH, PERSON = "BERES", "PERHATIKAN", "PERLU ORANG"
SECONDS = 8.0
WAY, CLOCK, STANDING = "jalan ke MPP", "jam", "kata MPP"
PASSES = frozenset({
    "link_no_address", "link_dns", "link_refused", "link_timeout", "link_dropped", "link_server", "link_hq_full",
    "rate_limited",
})  # fmt: skip
"""What may be gone at the next try; everything else waits for a person."""


class Said(NamedTuple):
    """What is to be said of one part."""

    part: str
    grade: str
    said: str


@dataclass(frozen=True)
class Asked:
    """Headquarters' signed answer to an empty question, and how far this clock was ahead of it, in seconds."""

    answer: Acknowledgement
    ahead: float


def the_way(config: StallConfig) -> Iterator[Said]:
    """Ask headquarters with this stall's own signature; inside an app context. Never raises Refused."""
    granted = grant()
    address = config.hq_url or (granted.status_url if granted else "")
    if granted is None or not address:
        return
    try:
        asked = ask(address, identity())
    except LinkDown as down:
        yield _named(WAY, down, address)
    except Refused as refused:
        yield _named(WAY, refused, address)
    else:
        yield Said(WAY, FINE, f"{address} menjawab dengan tanda tangan MPP.")
        yield _clock(asked.ahead)
        yield from _standing(asked.answer)


def ask(address: str, me: Identity) -> Asked:
    """Put the signed question without entries. Raises LinkDown, or Refused for an answer that is not headquarters'."""
    keys = stall_keys()
    batch = keys.naming(next_batch(SqliteOutbox(), SqliteStatusBook(), 1))
    empty = replace(batch, items=(), capsules=(), nonce=os.urandom(16))
    frame = pack(empty.to_payload(), me.key, FrameKind.BATCH)
    answer = HttpLink(address, SECONDS).exchange(frame)
    ack = acknowledged(answer, frame, keys)
    try:
        return Asked(ack, (datetime.now(UTC) - read_time(ack.server_time)).total_seconds())
    except ValueError:
        raise Refused("sync_malformed") from None


def _clock(ahead: float) -> Said:
    if abs(ahead) <= TOLERATED_SECONDS:
        return Said(CLOCK, FINE, "Sama dengan jam MPP.")
    return _named(CLOCK, Refused("clock_wrong", how=spoken_offset(ahead)))


def _standing(ack: Acknowledgement) -> Iterator[Said]:
    if ack.problem:
        yield _named(STANDING, Refused(ack.problem))
    elif not is_own(ack.head):
        yield _named(STANDING, Refused("sync_fork"))
    else:
        yield Said(STANDING, FINE, f"Mengenal gerai ini sampai catatan ke-{ack.head.seq}.")


def _named(part: str, refused: Refused, address: str = "") -> Said:
    what = [refused.sentence(), refused.hint, f"({address})" if address else ""]
    if refused.code == "link_clock":
        what.insert(1, f"Jam menunjuk {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.")
    return Said(part, WATCH if refused.code in PASSES else PERSON, " ".join(word for word in what if word))
