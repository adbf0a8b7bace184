"""A real Chromium as a phone that trusts one stall's authority, and the stall's https door. No warning is clicked away.

The root lies in an NSS store of a home folder of its own, as on a phone in its settings; the profile is kept in that
folder too, so that a phone which was closed or killed can be opened again.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import Flask

from tests.conftest import PHONE, missing
from web_base.serve import Listener, Serving, listen
from web_base.tls import OwnCertificate, own_certificate

NAME = "pasar.home.arpa"


@dataclass
class Door:
    """A stall's https door: its address by name, the certificate that stands behind it, and what answers."""

    url: str
    own: OwnCertificate
    serving: Serving

    @property
    def port(self) -> int:
        return self.serving.ports[0]


@contextlib.contextmanager
def secure_door(app: Flask, folder: Path, *, port: int = 0) -> Iterator[Door]:
    """Answer https for `app` with the certificate of `folder/tls`, on this machine only; the same `port` again after
    a restart keeps the phone's origin."""
    own = own_certificate(folder / "tls", [], now=datetime.now(UTC))
    serving = listen(app, [Listener("127.0.0.1", port, own.certificate, own.key)], threads=6)
    try:
        yield Door(f"https://{NAME}:{serving.ports[0]}", own, serving)
    finally:
        serving.stop()


@contextlib.contextmanager
def trusting_phone(
    playwright: Any, chromium: str, home: Path, root: x509.Certificate | None, *, maps: str = NAME, **context: Any
) -> Iterator[Any]:
    """A persistent browser context whose home trusts `root` (None: nobody). `maps` are the names, apart by commas,
    that lead to this machine. Open the same `home` again for the same phone on another day."""
    if root is not None:
        _trust(home, root)
    rules = ", ".join(f"MAP {name} 127.0.0.1" for name in maps.split(","))
    quiet = ["--no-sandbox", "--disable-dev-shm-usage", f"--host-resolver-rules={rules}"]
    settings = {
        "viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
        "locale": "id-ID", "timezone_id": "Asia/Jakarta", "service_workers": "allow",
    }  # fmt: skip
    opened = playwright.chromium.launch_persistent_context(
        home / "profile", executable_path=chromium, args=quiet, env={"HOME": str(home)}, **{**settings, **context}
    )
    try:
        yield opened
    finally:
        with contextlib.suppress(Exception):  # a browser that a test has killed cannot be closed
            opened.close()


READY = """() => Promise.race([
  navigator.serviceWorker.ready.then((found) => found.active.scriptURL),
  new Promise((_, fail) => setTimeout(() => fail(new Error("no service worker became active")), 20000)),
])"""


def with_worker(page: Any) -> str:
    """Wait until a service worker is active for the page and load it anew under it; the worker's address."""
    script = str(page.evaluate(READY))
    page.reload()
    return script


def _trust(home: Path, root: x509.Certificate) -> None:
    """Put the root where Chromium looks: the NSS store of its home."""
    program = shutil.which("certutil")
    if program is None:
        missing("certutil", "It comes with: apt-get install -y libnss3-tools.")
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True, exist_ok=True)
    file = home / "root.pem"
    file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    place = f"sql:{store}"
    if not (store / "cert9.db").exists():
        subprocess.run([program, "-N", "-d", place, "--empty-password"], check=True, capture_output=True, timeout=60)
    add = [program, "-A", "-d", place, "-t", "C,,", "-n", root.subject.rfc4514_string(), "-i", file]
    subprocess.run(add, check=True, capture_output=True, timeout=60)
