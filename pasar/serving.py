"""One stall process: the app, its listeners, its threads, until it is asked to stop. Knows parts, not pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from pasar.app import create_app, start_background, stop_background
from pasar.settings import StallConfig
from web_base.addresses import lan_addresses
from web_base.serve import Listener, listen, serve_until_stopped
from web_base.tls import own_certificate

THREADS = 10


def serve(config: StallConfig, say: Callable[[str], None]) -> None:
    """Answer until SIGTERM or Ctrl-C. Raises Refused port_taken, disk_*, store_*."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    app = create_app(config)
    serving = listen(app, list(listeners(config, say)), threads=THREADS)
    start_background(app)
    say(f"Loket di komputer ini: http://localhost:{serving.ports[0]}/")
    serve_until_stopped(serving, on_stop=lambda: stop_background(app))


def listeners(config: StallConfig, say: Callable[[str], None]) -> list[Listener]:
    """Plain http for this machine and for public pages; https with the stall's own certificate for phones."""
    doors = [Listener(config.host, config.http_port)]
    if config.https_port:
        addresses = lan_addresses()
        own = own_certificate(config.data / "tls", addresses, now=datetime.now(UTC))
        doors.append(Listener(config.host, config.https_port, own.certificate, own.key))
        for address in addresses:
            say(f"Loket dari HP: https://{address}:{config.https_port}/  (sertifikat buatan sendiri)")
        say(f"Sidik sertifikat: {own.fingerprint}")
    return doors
