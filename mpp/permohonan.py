"""The agency's desk: the list of requests, one request, opening its personal data, deciding on it.

Knows pages and forms; refuses to know SQL. Personal data is shown in the answer to a form with a reason, never at an
address.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from layanan.nik import sixteen_digits
from layanan.permohonan import Permohonan
from layanan.problems import FormRefused, Refused
from layanan.service import Service
from layanan.status import MEANINGS, Status
from layanan.tracking import spoken
from mpp.attachments import scan_lines
from mpp.db.access import REASONS, accesses
from mpp.db.decision import decide, seen_permohonan
from mpp.db.models import PermohonanRow, Stall
from mpp.db.office import office
from mpp.db.permohonan import ENDED, PAUSED, WORK, Search, counts, steps_since
from mpp.db.permohonan import page as page_of
from mpp.db.personal import personal_for, taker
from mpp.db.published import catalogue_of
from mpp.decision import Desk, read_decision
from mpp.office import here, utc_now
from mpp.sign_in import officer, signed_in_only
from mpp.words import (
    Headed,
    agency_name,
    day,
    flag_text,
    label,
    people,
    reason_choices,
    reason_text,
    service_name,
    step_text,
    taken_by,
    tone,
)
from sync.entry import read_time
from web_base.errors import errors_of
from web_base.tongue import _, as_written

bp = Blueprint("permohonan", __name__, url_prefix="/permohonan")
bp.before_request(signed_in_only)
LONGEST_SEARCH = 200


@bp.get("")
def listed() -> ResponseReturnValue:
    """The agency's requests; without a filter those an officer has to work on, the longest untouched first."""
    words, chosen = request.args.get("q", "")[:LONGEST_SEARCH].strip(), request.args.get("status", "")
    if _is_nik(words):
        flash(
            _("NIK tidak dicari lewat kotak ini karena akan terlihat di alamat. Pakai kotak Cari dengan NIK."), "wait"
        )
        return redirect(url_for("permohonan.listed"), 303)
    statuses = () if words and not chosen else _statuses(chosen)
    after = tuple(request.args.get("setelah", "").split("~", 1))
    search = Search(
        officer().agency, words, statuses, after=after if len(after) == 2 else None, oldest_first=statuses == WORK
    )
    return _list(search, words=words, chosen=chosen)


@bp.post("/nik")
def by_nik() -> ResponseReturnValue:
    """Find a person's requests by the NIK on the card; it travels in the body and is compared as a keyed hash."""
    nik, wrong = sixteen_digits(request.form.get("nik", "")[:64])
    if wrong:
        return _list(
            Search(officer().agency, statuses=WORK, oldest_first=True), errors={"nik": Refused("nik_length").sentence()}
        )
    return _list(Search(officer().agency, person_key=here().keys.person_key(nik), most=200), chosen="semua")


@bp.get("/<record_id>")
def one(record_id: str) -> ResponseReturnValue:
    """One request without its personal data."""
    with here().database.reading() as session:
        return _page(session, record_id)


@bp.post("/<record_id>/buka")
def opened(record_id: str) -> ResponseReturnValue:
    """Show the personal data in this one answer, once it is written down who looks and why."""
    reason, who = request.form.get("alasan", ""), officer()
    if reason not in REASONS:
        with here().database.reading() as session:
            wrong = {"alasan_buka": Refused("access_reason").sentence()}
            return make_response(_page(session, record_id, errors=wrong), 422)
    with here().database.writing() as session:
        seen_permohonan(session, who, record_id)
        part = personal_for(session, here().keys, record_id, who.id, reason, utc_now())
        helper = taker(session, here().keys, record_id)
        shown = [*(people(part) if part else ()), *([taken_by(helper)] if helper else ())]
    with here().database.reading() as session:
        return make_response(_page(session, record_id, shown=shown, looked=True), {"Cache-Control": "no-store"})


@bp.post("/<record_id>/status")
def decided(record_id: str) -> ResponseReturnValue:
    """Change the status. A form that was opened on an older state is refused and shows what has changed."""
    who, (seen, known) = officer(), _seen()
    try:
        with here().database.reading() as session:
            row, state = seen_permohonan(session, who, record_id)
            if row.content_sha256 != seen:
                raise Refused("status_changed")
            decision = read_decision(request.form, _desk(session, row, state))
        now = utc_now()
        here().database.change(lambda s: decide(s, here().keys, who, record_id, seen, decision, now))
    except FormRefused as refused:
        with here().database.reading() as session:
            return make_response(_page(session, record_id, errors=errors_of(refused)), 422)
    except Refused as refused:
        if refused.code not in ("status_changed", "status_forbids"):
            raise
        with here().database.reading() as session:
            return make_response(_page(session, record_id, refused=refused, known=known), refused.problem.status)
    flash(
        _("Status diubah: %(label)s. Gerai menerimanya pada pengiriman berikutnya.", label=label(decision.status)), "ok"
    )
    return redirect(url_for("permohonan.one", record_id=record_id), 303)


def _list(
    search: Search, *, words: str = "", chosen: str = "", errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    with here().database.reading() as session:
        rows, onward = page_of(session, search)
        zone, numbers = office(session).zone, counts(session, search.agency)
    follows = (
        url_for("permohonan.listed", q=words or None, status=chosen or None, setelah="~".join(onward)) if onward else ""
    )
    page = render_template(
        "mpp/list.html", rows=[_line(row, zone) for row in rows], words=words, chosen=chosen, next=follows,
        filters=_filters(numbers), agency=agency_name(search.agency), errors=errors or {},
        by_nik=bool(search.person_key),
    )  # fmt: skip
    return make_response(page, 422 if errors else 200)


def _filters(numbers: dict[str, int]) -> list[tuple[str, str, int]]:
    named = {"": _("Perlu dikerjakan"), "menunggu": _("Menunggu orangnya"), "siap": _("Siap diambil")}
    named |= {"berakhir": _("Berakhir"), "semua": _("Semua")}
    return [(group, name, sum(numbers.get(s, 0) for s in _statuses(group) or Status)) for group, name in named.items()]


def _statuses(chosen: str) -> tuple[Status, ...]:
    """The statuses of a group of the list, or the one that is named; nothing means all."""
    groups = {"": WORK, "menunggu": PAUSED, "siap": (Status.SELESAI,), "berakhir": ENDED, "semua": ()}
    if chosen in groups:
        return groups[chosen]
    return (Status(chosen),) if chosen in set(Status) else WORK


def _line(row: PermohonanRow, zone: str) -> dict[str, object]:
    return {
        "id": row.record_id, "series": row.series, "masked": row.masked, "service": service_name(row.service),
        "label": label(row.status), "tone": tone(row.status), "due": day(row.due), "flagged": row.flagged,
        "accepted": read_time(row.accepted_at), "zone": zone,
    }  # fmt: skip


def _page(
    session: Session, record_id: str, *, shown: Sequence[Headed] = (), looked: bool = False,
    errors: dict[str, str] | None = None, refused: Refused | None = None, known: int = 0,
) -> str:  # fmt: skip
    row, state = seen_permohonan(session, officer(), record_id)
    desk = _desk(session, row, state)
    zone = office(session).zone
    return render_template(
        "mpp/one.html", row=row, zone=zone, code=spoken(row.code), service=service_name(row.service),
        agency=agency_name(row.agency), stall=desk.stall_name, label=label(row.status), tone=tone(row.status),
        sentence=MEANINGS[state.status].sentence(state.slots or {}), due=day(row.due),
        accepted=read_time(row.accepted_at), papers=_papers(state, desk.service), history=_history(state),
        people=shown, looked=looked, reasons=reason_choices(), errors=errors or {},
        refused=refused, changes=_changes(session, record_id, known) if refused else [],
        lacking=_lacking(desk), desk=desk, choices=[(s, label(s)) for s in desk.choices], typed=request.form,
        asks=_asks(desk), seen=f"{row.content_sha256}.{row.entries}",
        scans=scan_lines(session, record_id, desk.service),
        due_text=day(desk.due.isoformat()) if desk.due else "",
        accesses=[(read_time(a.at), a.officer, reason_text(a.reason)) for a in accesses(session, record_id)],
    )  # fmt: skip


def _desk(session: Session, row: PermohonanRow, state: Permohonan) -> Desk:
    about = office(session)
    stall = session.get_one(Stall, row.stall)
    today = utc_now().astimezone(ZoneInfo(about.zone)).date()
    return Desk(state, _service(session, row), about.week, today, stall.name)


def _service(session: Session, row: PermohonanRow) -> Service | None:
    """As the catalogue said when the request was made: its papers are numbers in that list."""
    try:
        return catalogue_of(session, row.record_id).service(row.service)
    except Refused:
        return None


def _asks(desk: Desk) -> dict[str, str]:
    """Field name -> the statuses that ask for it, as the form's rows are marked for the style sheet."""
    asked: dict[str, list[str]] = {}
    for status in desk.choices:
        for name in desk.asks(status):
            asked.setdefault(name, []).append(status)
    return {name: " ".join(statuses) for name, statuses in asked.items()}


def _lacking(desk: Desk) -> list[tuple[int, str, bool, bool]]:
    """Every paper with a tick at what the officer ticked, or at first at what the stall has marked as missing."""
    ticked = set(request.form.getlist("berkas")) if "status" in request.form else None
    return [(n, name, gone, gone if ticked is None else str(n) in ticked) for n, name, gone in desk.missing]


def _papers(state: Permohonan, service: Service | None) -> list[tuple[str, str]]:
    words = {"asli": _("asli dilihat, dikembalikan"), "ditinggal": _("ditinggal di gerai"), "belum": _("belum ada")}
    names = service.requirements if service else ()
    marks = [(number, words.get(mark, mark)) for number, mark in state.papers if number >= 0]
    return [(as_written(names[number]) if number < len(names) else str(number + 1), mark) for number, mark in marks]


def _history(state: Permohonan) -> list[tuple[str, datetime, str]]:
    """Newest first: what happened, when, and why it had no effect."""
    steps = [(step_text(step), read_time(step.at), flag_text(step.why) if step.why else "") for step in state.history]
    return list(reversed(steps))


def _changes(session: Session, record_id: str, known: int) -> list[str]:
    return [step_text(step) for step in steps_since(session, record_id, known)]


def _seen() -> tuple[str, int]:
    sha, _dot, number = request.form.get("seen", "").partition(".")
    return sha, int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0


def _is_nik(text: str) -> bool:
    return len(text) < 64 and sixteen_digits(text)[0] != ""
