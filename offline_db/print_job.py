"""Knows what was asked to be printed and what became of it; refuses to know what stands on the paper.

A job names its content (kind and reference), and whoever prints it renders it then. It ends as printed, as failed, or
in doubt: power or cable went while bytes were on their way, and only a person can see whether paper came out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Select, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from offline_db.base import Base, reading, writing
from offline_db.models import run, table
from sync.entry import read_time, spelled_time

KEPT = 500
"""So many jobs are remembered; older ones are forgotten, whatever became of them."""


class PrintState(StrEnum):
    """Where a job stands. BROWSER: handed to the browser's own printing, of which nothing more is known."""

    QUEUED = "queued"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    BROWSER = "browser"


OPEN = (PrintState.QUEUED, PrintState.PRINTING)
SEEN = (PrintState.PRINTED, PrintState.DOUBTFUL, PrintState.BROWSER)
"""States after which a paper may exist: what is printed next of the same content is a copy."""


class PrintJobRow(Base):
    """A job. `reference` is the record's id for a receipt; `problem` the catalogue's code of what stood in the way."""

    __tablename__ = "print_job"
    __table_args__ = (Index("print_job_of", "kind", "reference"), Index("print_job_state", "state"))
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    copy: Mapped[bool]
    at: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str | None]


_JOB = table(PrintJobRow)


@dataclass(frozen=True)
class PrintJob:
    """One job as it stands, asked for `at`; `copy`: an earlier paper of the same content may exist."""

    id: int
    kind: str
    reference: str
    copy: bool
    at: datetime
    state: PrintState
    problem: str | None


def ask_print(kind: str, reference: str, at: datetime, *, browser: bool = False) -> PrintJob:
    """Queue a job and return it; while one of the same content waits, that one. Raises Refused disk_*, store_busy.

    `browser`: the browser prints it; it is noted so that the next paper says that it is a copy.
    """
    state = PrintState.BROWSER if browser else PrintState.QUEUED
    same = (PrintJobRow.kind == kind) & (PrintJobRow.reference == reference)
    with writing() as session:
        before = [_job(row) for row in session.scalars(select(PrintJobRow).where(same).order_by(PrintJobRow.id))]
        waiting = [one for one in before if one.state in OPEN]
        if waiting and not browser:
            return waiting[-1]
        copy = any(one.state in SEEN for one in before)
        row = PrintJobRow(kind=kind, reference=reference, copy=copy, at=spelled_time(at), state=str(state))
        session.add(row)
        session.flush()
        run(session, delete(_JOB).where(_JOB.c.id <= row.id - KEPT))
        return _job(row)


def next_job() -> PrintJob | None:
    """Return the job that has waited longest."""
    return _first(select(PrintJobRow).where(PrintJobRow.state == str(PrintState.QUEUED)).order_by(PrintJobRow.id))


def job(number: int) -> PrintJob | None:
    """Return one job, None when it is not (or no longer) known."""
    return _first(select(PrintJobRow).where(PrintJobRow.id == number))


def last_job(kind: str, reference: str) -> PrintJob | None:
    """Return the newest job of this content."""
    same = (PrintJobRow.kind == kind) & (PrintJobRow.reference == reference)
    return _first(select(PrintJobRow).where(same).order_by(PrintJobRow.id.desc()))


def recent_jobs(most: int) -> list[PrintJob]:
    """Return the newest jobs, newest first."""
    with reading() as session:
        return [_job(row) for row in session.scalars(select(PrintJobRow).order_by(PrintJobRow.id.desc()).limit(most))]


def open_jobs() -> int:
    """Return how many jobs wait or are being printed."""
    with reading() as session:
        return session.scalar(select(func.count()).where(_JOB.c.state.in_(map(str, OPEN)))) or 0


def unsettled_jobs(since: datetime) -> int:
    """Return how many jobs asked for since then want a person: in doubt, or waiting with something in the way."""
    stuck = (_JOB.c.state == str(PrintState.QUEUED)) & _JOB.c.problem.is_not(None)
    wanted = (_JOB.c.at >= spelled_time(since)) & ((_JOB.c.state == str(PrintState.DOUBTFUL)) | stuck)
    with reading() as session:
        return session.scalar(select(func.count()).where(wanted)) or 0


def mark(number: int, state: PrintState, problem: str | None = None) -> None:
    """Say what became of a job. Raises Refused disk_*, store_busy."""
    with writing() as session:
        run(session, update(_JOB).where(_JOB.c.id == number).values(state=str(state), problem=problem))


def settle_job(number: int) -> None:
    """A person has looked: the doubtful job did come out on paper."""
    doubted = (_JOB.c.id == number) & (_JOB.c.state == str(PrintState.DOUBTFUL))
    with writing() as session:
        run(session, update(_JOB).where(doubted).values(state=str(PrintState.PRINTED), problem=None))


def doubt_unfinished(problem: str) -> None:
    """Whoever was printing is no more: what was on its way is in doubt. Only the owner of the printer may say so."""
    _turn(PrintState.PRINTING, PrintState.DOUBTFUL, problem)


def give_up(asked_before: datetime, problem: str) -> None:
    """Jobs that were asked for before this moment are not printed by surprise any more."""
    _turn(PrintState.QUEUED, PrintState.FAILED, problem, spelled_time(asked_before))


def _turn(before: PrintState, after: PrintState, problem: str, asked_before: str = "~") -> None:
    these = (_JOB.c.state == str(before)) & (_JOB.c.at < asked_before)
    with reading() as session:
        if session.scalar(select(_JOB.c.id).where(these).limit(1)) is None:
            return
    with writing() as session:
        run(session, update(_JOB).where(these).values(state=str(after), problem=problem))


def _first(asked: Select[PrintJobRow]) -> PrintJob | None:
    with reading() as session:
        row = session.scalars(asked.limit(1)).one_or_none()
        return _job(row) if row else None


def _job(row: PrintJobRow) -> PrintJob:
    state = PrintState(row.state)
    return PrintJob(row.id, row.kind, row.reference, row.copy, read_time(row.at), state, row.problem)
