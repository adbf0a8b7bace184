"""The log of what the client tried and saw: one JSON object a line, flushed before the next step.

Knows invoke / ok / fail / info; refuses to know names, NIKs, or whether the server was right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Act(StrEnum):
    ACCEPT = "accept"
    AMEND = "amend"
    CANCEL = "cancel"
    HAND_OVER = "hand_over"
    DECIDE = "decide"
    ASK = "ask"


class Phase(StrEnum):
    """INFO: timed out or crashed, so it may or may not have happened."""

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"


@dataclass(frozen=True)
class Attempt:
    """`status` is what an act that went well leaves behind; empty when it changes no status."""

    act: Act
    phase: Phase
    record_id: str
    code: str = ""
    series: str = ""
    status: str = ""


class AttemptLog:
    """Appends attempts to one file; what was noted survives the death of the client."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def note(self, attempt: Attempt) -> None:
        self._file.write(json.dumps(asdict(attempt)) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read_attempts(path: Path) -> Iterator[Attempt]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            yield Attempt(**{**raw, "act": Act(raw["act"]), "phase": Phase(raw["phase"])})
