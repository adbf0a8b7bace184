"""One stall process: the app, its listeners, its threads, until it is asked to stop. Knows parts, not pages."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask

from pasar.app import create_app, start_background, stop_background
from pasar.certificate import CertificateCare, certificate_care
from pasar.mdns import NAME, Announcement
from pasar.settings import StallConfig
from web_base.authority import groups, permitted
from web_base.serve import Listener, Serving, listen, serve_until_stopped
from web_base.transport import is_loopback

THREADS = 10


def serve(config: StallConfig, say: Callable[[str], None]) -> None:
    """Answer until SIGTERM or Ctrl-C. Raises Refused port_taken, disk_*, store_*."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    app = create_app(config)
    care = certificate_care(app)
    serving = listen(app, listeners(config, care), threads=THREADS)
    start_background(app)
    name = announcement(config, serving, care)
    if config.https_port:
        care.start(serving.renew)
    if name:
        name.start()
    for line in addresses(config, serving, care):
        say(line)
    serve_until_stopped(serving, on_stop=lambda: _stop(app, name))


def listeners(config: StallConfig, care: CertificateCare) -> list[Listener]:
    """Plain http for this machine and for public pages; https with the stall's own certificate for phones."""
    doors = [Listener(config.host, config.http_port)]
    if config.https_port:
        own = care.own()
        doors.append(Listener(config.host, config.https_port, own.certificate, own.key))
    return doors


def addresses(config: StallConfig, serving: Serving, care: CertificateCare) -> list[str]:
    """What to open on this computer and on a phone, and what to compare, one line each."""
    lines = [f"Loket di komputer ini: http://localhost:{serving.ports[0]}/"]
    if config.https_port:
        here = [each for each in care.addresses() if permitted(each)]
        lines += [f"Menyiapkan HP (sekali saja): http://{each}:{serving.ports[0]}/hp" for each in here]
        by_name = [NAME] if here and config.mdns else []
        lines += [f"Loket dari HP: https://{each}:{serving.ports[1]}/" for each in (*here, *by_name)]
        lines.append(f"Sidik sertifikat: {'  '.join(groups(care.last.fingerprint))}")
    return lines


def announcement(config: StallConfig, serving: Serving, care: CertificateCare) -> Announcement | None:
    """What tells the network the stall's name; None where it is turned off, or no phone is let in."""
    if not config.mdns or not config.https_port or is_loopback(config.host):
        return None
    return Announcement(serving.ports[1], care.addresses)


def _stop(app: Flask, name: Announcement | None) -> None:
    if name:
        name.stop()
    certificate_care(app).stop()
    stop_background(app)
