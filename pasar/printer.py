"""The page of the printer: how it is, what it printed last, a test print, and one tap to print again.

Knows jobs and their words; refuses to know bytes (ticket_bytes) and the thread (spooler).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from layanan.problems import Refused
from offline_db.permohonan import find
from offline_db.print_job import PrintJob, PrintState, job, open_jobs, recent_jobs, settle_job
from pasar.receipt import KIND
from pasar.slip import BRING, LABEL, NUMBER, TRIAL, trial
from pasar.spooler import Spooler
from pasar.stall import stall
from pasar.ticket import Part
from web_base.formats import jam
from web_base.tongue import _

bp = Blueprint("printer", __name__, url_prefix="/printer")
SHOWN = 15
HOMES = {
    KIND: ("receipt.page", "record_id"),
    BRING: ("layanan.bring_page", "code"),
    NUMBER: ("antrean.number_page", "number_id"),
    LABEL: ("onboarding.label_page", ""),
}
"""The page of each kind of paper, and what its address calls the reference."""


@dataclass(frozen=True)
class JobLine:
    """One job as the list shows it."""

    job: PrintJob
    name: str
    time: str
    tone: str
    label: str
    why: str


class Standing(NamedTuple):
    """A job's state in words: tone, label, what stood in the way and what to do about it."""

    tone: str
    label: str
    why: str
    hint: str


@bp.get("")
def page() -> ResponseReturnValue:
    """The printer as it was last seen."""
    spooler = stall().spooler
    return render_template(
        "pasar/printer.html", spooler=spooler, wrong=spooler.problem if spooler else None, waiting=open_jobs(),
        jobs=[_line(one) for one in recent_jobs(SHOWN)],
    )  # fmt: skip


@bp.post("/periksa")
def check() -> ResponseReturnValue:
    """Ask the printer now, and try what waits."""
    spooler = _owner()
    wrong = spooler.check()
    spooler.asked()
    if wrong is None:
        flash(_("Pencetak siap."), "ok")
    return _back()


@bp.post("/uji")
def test_print() -> ResponseReturnValue:
    """A paper with every look of a ticket and no person on it."""
    stall().leave_job(TRIAL, "")
    flash(_("Uji cetak dikirim ke pencetak."), "info")
    return _back()


@bp.post("/<int:number>/lagi")
def again(number: int) -> ResponseReturnValue:
    """Print the content of a job once more; it says SALINAN when an earlier paper may exist."""
    before = _job(number)
    stall().leave_job(before.kind, before.reference)
    return _back(before)


@bp.post("/<int:number>/keluar")
def came_out(number: int) -> ResponseReturnValue:
    """A person has looked: the paper in doubt is whole."""
    settle_job(number)
    return _back(_job(number))


@bp.get("/<int:number>/kabar")
def news(number: int) -> ResponseReturnValue:
    """The state of one job, for the script that looks again while the person waits."""
    return render_template("pasar/print_state.html", job=_job(number))


@bp.app_template_filter("print_standing")
def standing(one: PrintJob) -> Standing:
    """A job in words."""
    refused = Refused(one.problem) if one.problem else None
    tone, label = _states()[one.state]
    return Standing(tone, label, refused.sentence() if refused else "", refused.hint if refused else "")


@bp.app_template_filter("print_home")
def home_of(one: PrintJob) -> str:
    """The address of the page that a job was asked for on."""
    endpoint, name = HOMES.get(one.kind, ("printer.page", ""))
    values: dict[str, Any] = {name: one.reference} if name else {}
    return url_for(endpoint, **values)


def trial_print(one: PrintJob) -> Sequence[Part]:
    """What the spooler puts on paper for a test print."""
    here = stall()
    given = here.granted()
    return trial(given.stall_name, given.place, jam(one.at, here.clock.zone), f"{given.status_url}/c")


def _states() -> Mapping[PrintState, tuple[str, str]]:
    return {
        PrintState.QUEUED: ("wait", _("Menunggu dicetak")),
        PrintState.PRINTING: ("info", _("Sedang dicetak")),
        PrintState.PRINTED: ("ok", _("Sudah tercetak")),
        PrintState.FAILED: ("bad", _("Tidak tercetak")),
        PrintState.DOUBTFUL: ("wait", _("Mungkin sudah tercetak")),
        PrintState.BROWSER: ("plain", _("Dicetak lewat peramban")),
    }


def _owner() -> Spooler:
    spooler = stall().spooler
    if spooler is None:
        raise Refused("printer_none")
    return spooler


def _job(number: int) -> PrintJob:
    found = job(number)
    if found is None:
        raise Refused("print_job_unknown")
    return found


def _line(one: PrintJob) -> JobLine:
    row = find(one.reference) if one.kind == KIND else None
    said = standing(one)
    words = {
        BRING: _("Yang perlu dibawa"), NUMBER: _("Nomor antrean"), TRIAL: _("Uji cetak"), KIND: _("Tanda terima"),
        LABEL: _("Label untuk HP"),
    }  # fmt: skip
    name = row.series if row else words.get(one.kind, one.kind)
    return JobLine(one, name, jam(one.at, stall().clock.zone), said.tone, said.label, said.why)


def _back(one: PrintJob | None = None) -> Response:
    return redirect(f"{home_of(one)}#cetakan" if one else url_for("printer.page"), 303)
