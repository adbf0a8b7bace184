"""The stalls' page: who was heard of and when, one-time codes, alarms. Knows pages; refuses to know SQL."""

from base64 import urlsafe_b64encode

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from mpp.db.models import Alarm, Stall
from mpp.db.office import office
from mpp.db.stall import add_stall, alarms, live_code, revoke, stalls
from mpp.office import here, utc_now
from mpp.sign_in import officer, signed_in_only
from sync.entry import read_time
from sync.keys import fingerprint
from web_base.qr import qr_svg
from web_base.tongue import _

bp = Blueprint("gerai", __name__, url_prefix="/gerai")
bp.before_request(signed_in_only)


@bp.before_request
def office_only() -> None:
    """Stalls are the business of the office that runs the MPP. Raises Refused("forbidden")."""
    if not officer().runs_office:
        raise Refused("forbidden")


@bp.get("")
def listed() -> ResponseReturnValue:
    """Every stall, also the one that was never heard of."""
    return _list({})


@bp.post("")
def added() -> ResponseReturnValue:
    """Add a stall, or give one that exists a code for one more machine."""
    given = {name: request.form.get(name, "").strip() for name in ("name", "place", "label")}
    try:
        with here().database.writing() as session:
            stall, _code = add_stall(session, given["name"], utc_now(), place=given["place"], label=given["label"])
            stall_id = stall.id
    except Refused as refused:
        if refused.problem.status != 422:
            raise
        field = "label" if refused.code == "label_invalid" else str(refused.slots.get("field", "name"))
        return make_response(_list({field: refused.sentence()}), 422)
    return redirect(url_for("gerai.code", stall_id=stall_id), 303)


@bp.get("/<stall_id>/kode")
def code(stall_id: str) -> ResponseReturnValue:
    """The one-time code as long as it may be used, its QR, and what two people compare."""
    keys, address = here().keys, here().config.address
    with here().database.reading() as session:
        stall, live = live_code(session, stall_id, utc_now())
        zone = office(session).zone
    marks = fingerprint(keys.signing.public, keys.sealing[0].public)
    pinned = ".".join(
        urlsafe_b64encode(bytes(k)).decode().rstrip("=") for k in (keys.signing.public, keys.sealing[0].public)
    )
    return render_template(
        "mpp/stall_code.html", stall=stall, code=live, marks=marks, address=address, zone=zone,
        until=read_time(stall.code_until) if stall.code_until else None,
        qr=qr_svg(f"{address}/enrol#{live}.{pinned}", _("Kode QR pendaftaran gerai")) if live else "",
    )  # fmt: skip


@bp.post("/<stall_id>/cabut")
def revoked(stall_id: str) -> ResponseReturnValue:
    """Revoke every machine of a stall at once, after a tick that says it is meant."""
    if request.form.get("yakin") != "ya":
        flash(_("Centang dulu bahwa gerai ini memang harus dicabut."), "wait")
        return redirect(url_for("gerai.listed"), 303)
    with here().database.writing() as session:
        stall = session.get(Stall, stall_id)
        if stall is None:
            raise Refused("stall_unknown")
        revoke(session, stall.name, utc_now())
        name = stall.name
    flash(_("%(name)s dicabut. Kirimannya ditahan sampai didaftarkan lagi.", name=name), "ok")
    return redirect(url_for("gerai.listed"), 303)


def _list(errors: dict[str, str]) -> str:
    now = utc_now()
    with here().database.reading() as session:
        found, raised, zone = stalls(session, here().keys), alarms(session), office(session).zone
    rows = [
        (health, now - read_time(health.stall.last_heard_at) if health.stall.last_heard_at else None)
        for health in found
    ]
    names = {health.stall.id: health.stall.name for health in found}
    return render_template(
        "mpp/stall.html", rows=rows, errors=errors, typed=request.form, zone=zone,
        alarms=[(read_time(alarm.at), names.get(alarm.stall, alarm.stall), _alarm_text(alarm)) for alarm in raised],
    )  # fmt: skip


def _alarm_text(alarm: Alarm) -> str:
    words = {
        "hq_restored": _(
            "Data MPP pernah dipulihkan. Catatan MPP yang hilang dikembalikan gerai ini; periksa statusnya."
        ),
        "hq_entries_lost": _(
            "Data MPP pernah dipulihkan: catatan gerai yang sudah dikonfirmasi sempat hilang. Gerai mengirimnya lagi."
        ),
        "sync_fork": _(
            "Dua catatan berbeda pada nomor yang sama: kartu disalin atau cadangan lama dipasang. Daftarkan ulang."
        ),
        "sync_revoked": _("Mesin yang sudah dicabut mencoba mengirim. Kirimannya ditahan."),
        "sealed_unreadable": _(
            "Bagian pribadi tidak dapat dibuka. Jangan hapus apa pun di gerai; hubungi pengelola."
        ),
    }
    said = words.get(alarm.kind) or Refused(alarm.kind).sentence()
    return f"{said} ({alarm.detail})" if alarm.kind in ("sync_fork", "hq_restored", "hq_entries_lost") else said
