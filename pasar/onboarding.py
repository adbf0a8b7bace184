"""How an office's phone comes to trust the stall: the page `/hp`, the root to install, the label to compare it with.

Public and open over plain http: it says nothing of anybody, and a phone that trusts nobody yet must reach it. What is
shown over http may be forged by whoever stands in between; so the label on paper decides, not this page.
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from offline_db.print_job import PrintJob, last_job
from pasar.certificate import certificate_care
from pasar.mdns import NAME
from pasar.slip import LABEL, label
from pasar.stall import stall
from pasar.ticket import Part
from store.failure import refusal_of_os_error
from web_base.authority import common_name, groups, permitted
from web_base.formats import tanggal
from web_base.qr import qr_svg
from web_base.tls import OwnCertificate
from web_base.tongue import _, document
from web_base.transport import host_of, is_local_host

bp = Blueprint("onboarding", __name__, url_prefix="/hp")


@bp.get("")
def page() -> ResponseReturnValue:
    """What works on this phone as it is, and what to do so that everything does."""
    here, host = stall(), host_of(request.host)
    level = "here" if is_local_host(host) else "secure" if request.is_secure else "plain"
    if level == "here":
        host = (*_addresses(), host)[0]
    own = _own() if here.config.https_port else None
    return render_template(
        "pasar/onboarding.html", level=level, own=own, name=common_name(own.root) if own else "",
        mark=groups(own.fingerprint) if own else (), until=tanggal(own.root.not_valid_after_utc.date()) if own else "",
        secure=f"https://{host}:{here.config.https_port}", can=_can(), trial=here.config.lan_http,
    )  # fmt: skip


@bp.get("/pasar.crt")
def certificate() -> ResponseReturnValue:
    """The root as Android wants it."""
    return _given(_root(), "application/x-x509-ca-cert", "pasar.crt")


@bp.get("/pasar.mobileconfig")
def profile() -> ResponseReturnValue:
    """The root as an iPhone wants it: a profile that anybody may remove again."""
    own, root = _offered(), _root()
    named = common_name(own.root)
    inner = {
        "PayloadType": "com.apple.security.root", "PayloadVersion": 1, "PayloadIdentifier": "id.pasar.hp.root",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, own.fingerprint)), "PayloadDisplayName": named,
        "PayloadCertificateFileName": "pasar.crt", "PayloadContent": root,
    }  # fmt: skip
    outer = {
        "PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": "id.pasar.hp",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"{own.fingerprint}/profile")), "PayloadDisplayName": named,
        "PayloadDescription": _("Membuat HP ini percaya pada gerai, dan hanya pada gerai."),
        "PayloadRemovalDisallowed": False, "PayloadContent": [inner],
    }  # fmt: skip
    return _given(plistlib.dumps(outer), "application/x-apple-aspen-config", "pasar.mobileconfig")


@bp.get("/label")
def label_page() -> ResponseReturnValue:
    """The label as it hangs at the stall, to look at and to print."""
    here = _pages()
    parts = label_parts() if here else ()
    return render_template(
        "pasar/onboarding_label.html", parts=parts, qr=qr_svg(here[0], _("Kode QR alamat halaman ini")) if here else "",
        job=last_job(LABEL, ""), others=here[1:],
    )  # fmt: skip


@bp.post("/label")
def print_label() -> ResponseReturnValue:
    """The same by the stall's printer."""
    stall().leave_job(LABEL, "")
    return redirect(url_for("onboarding.label_page", _anchor="cetakan"), 303)


def to_print(_job: PrintJob) -> Sequence[Part]:
    """What the printer's thread puts on paper for a job of LABEL."""
    return label_parts()


@document()
def label_parts() -> tuple[Part, ...]:
    """The label, for the address this machine has now."""
    own, port = _offered(), stall().config.https_port
    names = [*_addresses()[:2], *([NAME] if stall().config.mdns else ())]
    counter = tuple(f"https://{each}:{port}/" for each in names)
    page = (_pages() or ("",))[0]
    name, mark = common_name(own.root), groups(own.fingerprint)
    return label(stall().granted(), page=page, counter=counter, name=name, mark=mark)


def _pages() -> tuple[str, ...]:
    """The addresses of `/hp` on the local network."""
    return tuple(f"http://{each}:{stall().config.http_port}/hp" for each in _addresses())


def _addresses() -> list[str]:
    return [each for each in certificate_care(current_app).addresses() if permitted(each)]


def _own() -> OwnCertificate:
    try:
        return certificate_care(current_app).last
    except OSError as error:
        raise refusal_of_os_error(error) from None


def _offered() -> OwnCertificate:
    """The certificate of a stall that speaks https; elsewhere there is none to give."""
    if not stall().config.https_port:
        abort(404)
    return _own()


def _root() -> bytes:
    return _offered().root.public_bytes(Encoding.DER)


def _given(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.mimetype = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _can() -> tuple[tuple[str, str], ...]:
    """What works, and from which level on: plain http, the warning clicked away, a phone that trusts the stall."""
    always, warned, trusted = _("selalu"), _("HP percaya gerai, atau peringatan dilewati"), _("HP percaya gerai")
    return (
        (_("Status permohonan dan keterangan layanan"), always),
        (_("Loket: mencari, menerima, mencetak"), warned),
        (_("Isian aman saat Wi-Fi putus"), trusted),
        (_("Mulai tanpa Wi-Fi"), trusted),
        (_("Kamera langsung untuk memindai"), trusted),
        (_("Aplikasi di layar depan HP"), trusted),
    )
