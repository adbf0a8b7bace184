"""Keeps the stall's certificate right while the process runs. Knows when to look; refuses to know X.509.

It is renewed in time, when the clock was put right, when the router gave another address, and when headquarters has
vouched for this stall's authority: without a restart, and nobody who is connected notices.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import cast

from cryptography import x509
from flask import Flask

from pasar.bell import Bell
from pasar.moment import StallClock
from web_base.addresses import lan_addresses
from web_base.tls import OwnCertificate, keep_cross, own_certificate

LOG = logging.getLogger("pasar.certificate")
FOLDER = "tls"
LOOK_SECONDS = 60.0
_EXTENSION = "pasar.certificate"


class CertificateCare:
    """One per process. `addresses` and `vouched` (what headquarters has sent, or None) are asked at every look."""

    def __init__(
        self,
        data: Path,
        clock: StallClock,
        vouched: Callable[[], x509.Certificate | None] = lambda: None,
        addresses: Callable[[], Collection[str]] = lan_addresses,
    ) -> None:
        self._folder = data / FOLDER
        self._clock, self._vouched, self.addresses = clock, vouched, addresses
        self._bell = Bell("certificate")
        self._looking = threading.Lock()
        self._last: OwnCertificate | None = None
        self._chain = b""

    def own(self) -> OwnCertificate:
        """The certificate as it has to be now, made or renewed if need be. Raises OSError."""
        with self._looking:
            above = self._vouched()
            if above is not None:
                keep_cross(self._folder, above)
            self._last = own_certificate(self._folder, self.addresses(), now=self._clock.likely())
            self._chain = self._last.certificate.read_bytes()
            return self._last

    @property
    def last(self) -> OwnCertificate:
        """As of the last look. Raises OSError where none can be made."""
        return self._last or self.own()

    def start(self, renewed: Callable[[], None]) -> None:
        """Look every minute; `renewed` is called when the files have changed."""
        self._bell.start(lambda: self._watch(renewed))

    def stop(self) -> None:
        """End the watch."""
        self._bell.stop()

    def look(self, renewed: Callable[[], None]) -> None:
        """One look. What goes wrong is tried again at the next: the old certificate is served until then."""
        try:
            before = self._chain
            self.own()
            if self._chain != before:
                renewed()
        except OSError as error:
            LOG.warning("the certificate could not be renewed: %s", type(error).__name__)

    def _watch(self, renewed: Callable[[], None]) -> None:
        while not self._bell.stopped:
            self._sleep_until(time.monotonic() + LOOK_SECONDS)
            if not self._bell.stopped:
                self.look(renewed)

    def _sleep_until(self, then: float) -> None:
        self._bell.sleep(lambda _rung: then, LOOK_SECONDS)


def init_certificate(
    app: Flask, data: Path, clock: StallClock, addresses: Callable[[], Collection[str]] = lan_addresses
) -> None:
    """Give the app its care; nothing is made before somebody asks."""
    app.config["PHONES_AT"] = "/hp"
    app.extensions[_EXTENSION] = CertificateCare(data, clock, addresses=addresses)


def certificate_care(app: Flask) -> CertificateCare:
    """The care of this app."""
    return cast(CertificateCare, app.extensions[_EXTENSION])
