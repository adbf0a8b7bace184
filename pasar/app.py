"""The stall's web app, put together. Knows every part by name; refuses to contain any of their work."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from flask import Flask, Response, request

from offline_db import db, init_app
from offline_db.catalogue import search
from offline_db.identity import grant
from offline_db.typed import follow
from pasar import (
    again,
    ambil,
    antrean,
    api,
    berkas,
    catat,
    drafts,
    home,
    kertas,
    layanan,
    onboarding,
    parcels,
    permohonan,
    permohonan_changes,
    permohonan_form,
    photo,
    photo_page,
    printer,
    receipt,
    receipt_lost,
    sign_in,
    sinkron,
    stall_page,
    status,
    survei,
    tutup_hari,
)
from pasar.care import Care
from pasar.certificate import init_certificate
from pasar.desks import Desks
from pasar.guard import PUBLIC, sign_in_state, watch
from pasar.kept import KeptForms
from pasar.moment import StallClock
from pasar.settings import StallConfig
from pasar.slip import BRING, LABEL, NUMBER, TRIAL
from pasar.spooler import Spooler
from pasar.stall import Stall, settle
from pasar.syncing import SyncLoop
from store.failure import StatementFailed, is_distrusted, refusal
from store.sqlite import database_path
from web_base.errors import answer_accident, answer_refused
from web_base.factory import create_base
from web_base.informasi import informasi_blueprint
from web_base.pwa import init_pwa
from web_base.status_page import status_blueprint
from web_base.transport import init_trusted_hosts, require_private_transport

DATABASE = "pasar.sqlite"
SECRET = "session.key"
PAGES = (
    home.bp, sign_in.bp, layanan.bp, permohonan_form.bp, permohonan.bp, permohonan_changes.bp, receipt.bp,
    sinkron.bp, again.bp, api.bp, stall_page.bp, ambil.bp, antrean.bp, survei.bp, kertas.bp, receipt_lost.bp,
    tutup_hari.bp, printer.bp, berkas.bp, onboarding.bp, drafts.bp, parcels.bp, catat.bp, photo_page.bp,
)  # fmt: skip
TO_PRINT = {
    receipt.KIND: receipt.to_print, BRING: layanan.to_print, NUMBER: antrean.to_print, TRIAL: printer.trial_print,
    LABEL: onboarding.to_print,
}  # fmt: skip
"""What renders each kind of print job; a page that prints adds its own."""
SHORTCUTS = (("Permohonan baru", "/layanan"), ("Daftar hari ini", "/permohonan"), ("Catat tanpa gerai", "/hp/catat"))
SCREENSHOTS = (("screens/beranda-360.png", "360x640"),)


def create_app(config: StallConfig, clock: StallClock | None = None) -> Flask:
    """The stall's app over the data folder of `config`, without its background thread (see `start_background`).

    Raises Refused store_unsafe or disk_* when the folder cannot hold the stall's file safely.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    key = _secret(config.data)
    public = status_blueprint(status.look_up, contact=status.contact)
    services = informasi_blueprint(search, contact=status.contact)
    settings = {"SECRET_KEY": key, "LARGE_BODIES": {"photo.take": photo.LARGEST}}
    exempt = [public, parcels.bp]
    app = create_base("pasar", settings, [*PAGES, public, services], exempt=exempt, health=_health)
    init_app(app, config.data / DATABASE)
    clock = clock or StallClock()
    desks = Desks(config.idle_minutes * 60, clock.ticks)
    care = Care(config.data, clock)
    loop = SyncLoop(config.hq_url, config.data, config.sync_minutes, clock, care, config.kuota)
    spooler = Spooler(config.printer, config.data, TO_PRINT, clock.now) if config.printer else None
    app.extensions["pasar"] = Stall(config, clock, desks, KeptForms(key), loop, care, spooler)
    init_pwa(app, shortcuts=SHORTCUTS, screenshots=SCREENSHOTS, offline=catat.OFFLINE, kept=catat.kept_addresses)
    init_certificate(app, config.data, clock)
    _guard(app, config)
    app.register_error_handler(StatementFailed, storage_failed)
    with app.app_context():
        settle(grant())
        care.at_start()
    return app


def start_background(app: Flask) -> SyncLoop:
    """Start the thread that syncs and the one that prints; `stop_background` ends them when the servers stop."""
    here: Stall = app.extensions["pasar"]
    here.loop.start(app)
    if here.spooler:
        here.spooler.start(app)
    return here.loop


def stop_background(app: Flask) -> None:
    """End both threads; what they were at goes on at the next start."""
    here: Stall = app.extensions["pasar"]
    here.loop.stop()
    if here.spooler:
        here.spooler.stop()


def storage_failed(error: StatementFailed) -> Response:
    """The calm page when a page only wanted to read and the file would not let it; writing has its own refusals."""
    refused = refusal(error, database_path(db.engine))
    if is_distrusted(error):
        db.engine.dispose()
    return answer_refused(refused) if refused else answer_accident(error)


def _guard(app: Flask, config: StallConfig) -> None:
    init_trusted_hosts(app, [socket.gethostname(), f"{socket.gethostname()}.local"])
    if not config.lan_http:
        app.before_request(require_private_transport(PUBLIC | {"stall_page.page"}))
    app.before_request(_follow)
    app.before_request(watch)
    app.context_processor(sign_in_state)


def _follow() -> None:
    if request.endpoint != "static":
        follow()


def _health() -> dict[str, object]:
    return {"app": "pasar", "enrolled": grant() is not None}


def _secret(folder: Path) -> bytes:
    """The key of the session cookie: made once, only for this user's eyes, so that a restart keeps a form's token."""
    path = folder / SECRET
    if not path.exists():
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        os.replace(fresh, path)
    return path.read_bytes()
