"""Keeps the stall's certificate right while the process runs. Knows when to look; refuses to know X.509.

It is renewed in time, when the clock was put right, when the router gave another address, and when headquarters has
vouched for this stall's authority: without a restart, and nobody who is connected notices.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import cast

from cryptography import x509
from flask import Flask

from offline_db import authority
from pasar.bell import Bell
from pasar.moment import StallClock
from web_base.addresses import lan_addresses
from web_base.authority import point
from web_base.tls import OwnCertificate, keep_cross, own_authority, own_certificate

LOG = logging.getLogger("pasar.certificate")
FOLDER = "tls"
LOOK_SECONDS = 60.0
_EXTENSION = "pasar.certificate"


class CertificateCare:
    """One per process. `addresses` and headquarters' answer for a key (`vouched`) are asked for at every look; the
    question (`ask`) is left by a look only, so that a stall which is merely started writes nothing."""

    def __init__(
        self,
        data: Path,
        clock: StallClock,
        *,
        ask: Callable[[bytes], object] = lambda _point: None,
        vouched: Callable[[bytes], bytes | None] = lambda _point: None,
        addresses: Callable[[], Collection[str]] = lan_addresses,
        every: float = LOOK_SECONDS,
    ) -> None:
        self._folder, self._every = data / FOLDER, every
        self._clock, self._ask, self._vouched, self.addresses = clock, ask, vouched, addresses
        self._bell = Bell("certificate")
        self._looking = threading.Lock()
        self._last: OwnCertificate | None = None
        self._chain = self._shown = b""

    def own(self) -> OwnCertificate:
        """The certificate as it has to be now, made or renewed if need be. Raises OSError."""
        with self._looking:
            self._keep(self._vouched(self._point()))
            self._last = own_certificate(self._folder, self.addresses(), now=self._clock.likely())
            self._chain = self._last.certificate.read_bytes()
            self._shown = self._shown or self._chain
            return self._last

    @property
    def last(self) -> OwnCertificate:
        """As of the last look. Raises OSError where none can be made."""
        return self._last or self.own()

    def start(self, renewed: Callable[[], None]) -> None:
        """Look `every` so many seconds; `renewed` is called when the files have changed."""
        self._bell.start(lambda: self._watch(renewed))

    def stop(self) -> None:
        """End the watch."""
        self._bell.stop()

    def look(self, renewed: Callable[[], None]) -> None:
        """One look. What goes wrong is tried again at the next: the old certificate is served until then."""
        try:
            self._ask(self._point())
            self.own()
            if self._chain != self._shown:
                renewed()
                self._shown = self._chain
        except Exception as error:  # noqa: BLE001  the watch must outlive any look
            LOG.warning("the certificate could not be renewed: %s", type(error).__name__)

    def _point(self) -> bytes:
        return point(own_authority(self._folder, now=self._clock.likely()).key.public_key())

    def _keep(self, certificate: bytes | None) -> None:
        """What is no certificate of this authority is passed over: the stall's own root is enough."""
        if certificate is not None:
            with contextlib.suppress(ValueError, TypeError):
                keep_cross(self._folder, x509.load_der_x509_certificate(certificate))

    def _watch(self, renewed: Callable[[], None]) -> None:
        while not self._bell.stopped:
            self._sleep_until(time.monotonic() + self._every)
            if not self._bell.stopped:
                self.look(renewed)

    def _sleep_until(self, then: float) -> None:
        self._bell.sleep(lambda _rung: then, self._every)


def init_certificate(
    app: Flask, data: Path, clock: StallClock, addresses: Callable[[], Collection[str]] = lan_addresses
) -> None:
    """Give the app its care; nothing is made before somebody asks."""

    def ask(point: bytes) -> bool:
        with app.app_context():
            return authority.ask(point, clock.moment())

    def vouched(point: bytes) -> bytes | None:
        with app.app_context():
            return authority.answer(point)

    app.config["PHONES_AT"] = "/hp"
    app.extensions[_EXTENSION] = CertificateCare(data, clock, ask=ask, vouched=vouched, addresses=addresses)


def certificate_care(app: Flask) -> CertificateCare:
    """The care of this app."""
    return cast(CertificateCare, app.extensions[_EXTENSION])
