"""A small app over the shared base: what the tests of the web floor ask, over real sockets where that matters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Blueprint, Flask, render_template_string, request

from layanan.problems import FormRefused, Refused
from web_base.factory import create_base
from web_base.pwa import init_pwa
from web_base.qr import qr_svg
from web_base.serve import Listener, listen
from web_base.status_page import Contact, Outcome, StatusView, status_blueprint

SLIP = (Path(__file__).parent / "slip.html").read_text(encoding="utf-8")
GALLERY = (Path(__file__).parent / "gallery.html").read_text(encoding="utf-8")
CODE = "K7M2-4QX9-3TBD"
QR_TEXT = f"http://127.0.0.1:8090/c#{CODE}.genteng1.1.20261121." + "A1b2C3d4" * 10
NOON = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
TOLD: list[str] = []


def look_up(text: str) -> StatusView | None:
    TOLD.append(text)
    if "K7M2" in text.upper():
        steps = (("Diproses", NOON), ("Berkas diterima", NOON))
        return StatusView(
            Outcome.FOUND, CODE, NOON, title="Penerbitan Kartu Keluarga baru", status="Diproses (berkas lengkap)",
            sentence="Berkas lengkap dan sedang diproses. Perkiraan selesai 24 November 2026.",
            series="GTG-261121-0042", stall="Pasar Genteng I", history=steps,
        )  # fmt: skip
    if "ASLI" in text:
        return StatusView(Outcome.GENUINE, "8888-8888-8888", NOON, stall="Pasar Genteng I")
    if "HILANG" in text:
        return StatusView(Outcome.LOST_DEVICE, "9999-9999-9999", NOON)
    if "SALAH" in text:
        raise Refused("code_invalid")
    return None


def make(**config: object) -> Flask:
    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/", "gallery", lambda: render_template_string(GALLERY))
    pages.add_url_rule("/slip", "slip", lambda: render_template_string(SLIP, qr=qr_svg(QR_TEXT), code=CODE))
    pages.add_url_rule("/typed", "typed", _typed, methods=["GET", "POST"])
    pages.add_url_rule("/accident", "accident", _accident)
    pages.add_url_rule("/refused", "refused", _refused)
    pages.add_url_rule("/api/form", "form", _form, methods=["GET", "POST"])
    contact = Contact(phone="0333-999000", complaint="lapor.go.id", domain="mpp.banyuwangikab.go.id")
    status = status_blueprint(look_up, contact=lambda: contact)
    settings = {"SECRET_KEY": "only for tests", "SITE_PLACE": "Gerai Pasar Genteng I", **config}
    return create_base("small", settings, [pages, status], exempt=[status])


def installable() -> Flask:
    app = make()
    init_pwa(app, shortcuts=[("Permohonan baru", "/layanan")])
    return app


TYPED = """{% extends "base/page.html" %}{% import "base/forms.html" as forms with context %}
{% block main %}<h1>Isian</h1><p id=sent>{{ sent|join(",") }}</p>
<form method=post>{{ forms.csrf() }}{{ forms.text_field("nama", "Nama") }}{{ forms.submit("Simpan") }}</form>
{% endblock %}"""


def _typed() -> str:
    return render_template_string(TYPED, sent=request.form.getlist("nama"))


def _accident() -> str:
    raise ValueError("3510110101019901 Siti Aminah")


def _refused() -> str:
    raise Refused("disk_full")


def _form() -> str:
    raise FormRefused({"nik": Refused("nik_length"), "nama": Refused("name_missing")})


@contextmanager
def answering(app: WSGIApplication) -> Iterator[str]:
    """The app on a free port of this machine, over the product's own server."""
    serving = listen(app, [Listener("127.0.0.1", 0)], threads=4)
    try:
        yield f"http://127.0.0.1:{serving.ports[0]}"
    finally:
        serving.stop()
