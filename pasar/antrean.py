"""The queue at the counter: numbers given by sight, called to a desk, and a display for everybody.

Knows pages and the spoken sentence; refuses to know who waits: a number has no name, and why it goes first is a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from flask import Blueprint, flash, jsonify, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from layanan.antrean import Lane
from layanan.problems import Refused
from offline_db import antrean
from offline_db.antrean import Number
from offline_db.print_job import PrintJob, last_job
from pasar.guard import typed
from pasar.slip import NUMBER, queue_number
from pasar.stall import stall
from pasar.ticket import Part
from web_base.formats import bilangan, tanggal
from web_base.tongue import _, document

bp = Blueprint("antrean", __name__, url_prefix="/antrean")
LOKET = "loket"
KINDS = ("lansia", "disabilitas", "hamil", "anak")
DESKS = tuple(str(number) for number in range(1, 10))
ON_DISPLAY = 5


@bp.get("")
def page() -> ResponseReturnValue:
    """Who waits, who stands here, who did not come; and what to do next."""
    day = _day()
    return render_template(
        "pasar/antrean.html", waiting=antrean.waiting(day), here=antrean.serving(loket(), day),
        missed=antrean.missed(day), loket=loket(), desks=[(desk, desk) for desk in DESKS],
        kinds=_kinds(), tap=uuid4(), lanes=Lane,
    )  # fmt: skip


@bp.post("")
def take() -> ResponseReturnValue:
    """Give a number of the lane that the operator sees fit; it is shown large and can be printed."""
    kind = typed().get("kelompok", "")
    lane = Lane.PRIORITY if kind in KINDS else Lane.ORDINARY
    given = antrean.take(typed().get("ketuk", ""), lane, _day(), kind if lane is Lane.PRIORITY else "")
    return redirect(url_for("antrean.number_page", number_id=given.id), 303)


@bp.get("/<int:number_id>")
def number_page(number_id: int) -> ResponseReturnValue:
    """One number, large, on screen and on 58 mm paper."""
    number = antrean.find_number(number_id)
    if number is None:
        raise Refused("not_found")
    job = last_job(NUMBER, str(number_id))
    return render_template("pasar/antrean_number.html", number=number, parts=_slip(number), job=job)


@bp.post("/<int:number_id>")
def print_number(number_id: int) -> ResponseReturnValue:
    """The same by the stall's printer."""
    stall().leave_job(NUMBER, str(number_id))
    return redirect(url_for("antrean.number_page", number_id=number_id, _anchor="cetakan"), 303)


def to_print(job: PrintJob) -> Sequence[Part]:
    """What the printer's thread puts on paper for a job of NUMBER. Raises Refused("not_found")."""
    number = antrean.find_number(int(job.reference))
    if number is None:
        raise Refused("not_found")
    return _slip(number)


@document()
def _slip(number: Number) -> tuple[Part, ...]:
    here = stall()
    ahead = max(0, sum(antrean.waiting(_day()).values()) - 1)
    return queue_number(number.text, here.granted(), ahead=bilangan(ahead), day=tanggal(here.clock.today()))


@bp.post("/panggil")
def call() -> ResponseReturnValue:
    """Call whose turn it is, or the same number again; the display shows and says it."""
    again = typed().get("lagi", "")
    same = again.isdecimal()
    number = antrean.call_again(int(again), loket(), _day()) if same else antrean.call_next(loket(), _day())
    if number is None:
        flash(_("Tidak ada yang menunggu."), "info")
    return redirect(url_for("antrean.page"), 303)


@bp.post("/selesai")
def finish() -> ResponseReturnValue:
    """Whoever stands here is done, or did not come."""
    came = typed().get("datang", "ya") == "ya"
    antrean.finish(loket(), _day(), came=came)
    if not came:
        flash(_("Nomor itu disimpan. Panggil lagi bila orangnya datang."), "info")
    return redirect(url_for("antrean.page"), 303)


@bp.post("/loket")
def choose_desk() -> ResponseReturnValue:
    """This browser stands at another desk."""
    chosen = typed().get("loket", "")
    session[LOKET] = chosen if chosen in DESKS else DESKS[0]
    return redirect(url_for("antrean.page"), 303)


@bp.get("/layar")
def display() -> ResponseReturnValue:
    """The page for a second screen: the number called last, large; nobody needs to sign in to look at it."""
    return render_template("pasar/antrean_display.html", **_shown())


@bp.get("/layar/keadaan")
def display_state() -> ResponseReturnValue:
    """The same for the page's script: what to show and what to say."""
    shown = _shown()
    calls = [{"nomor": n.text, "loket": n.loket, "ucapan": spoken(n)} for n in antrean.calls(_day(), ON_DISPLAY)]
    return jsonify(calls=calls, turn=shown["turn"], waiting=shown["waiting"])


def loket() -> str:
    """The desk at which this browser stands."""
    return str(session.get(LOKET, DESKS[0]))


def note_stored(record_id: str) -> None:
    """The request that was just stored belongs to the number called to this desk."""
    antrean.served_record(loket(), _day(), record_id)


@document()
def spoken(number: Number) -> str:
    """What the display says aloud."""
    return _("Nomor antrean %(number)s. Silakan ke loket %(desk)s.", number=number.text, desk=number.loket)


def _kinds() -> list[tuple[str, str]]:
    words = (_("Lanjut usia, 60 ke atas"), _("Penyandang disabilitas"), _("Hamil atau menyusui"), _("Anak-anak"))
    return list(zip(KINDS, words, strict=True))


def _shown() -> dict[str, object]:
    calls = antrean.calls(_day(), ON_DISPLAY)
    turn = calls[0].turn if calls else 0
    return {"calls": calls, "turn": turn, "waiting": sum(antrean.waiting(_day()).values()), "given": stall().granted()}


def _day() -> str:
    return stall().clock.today().isoformat()
