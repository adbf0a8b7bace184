"""Knows the way to headquarters over HTTP and the name of whatever stands in it; refuses to know what a frame says.

Only bytes that begin like a frame come back from here; a login page with `200 OK` is a link that is down.
"""

import errno
import json
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import requests
from urllib3.exceptions import HTTPError, NameResolutionError
from urllib3.util import SKIP_HEADER

from layanan.problems import PROBLEMS
from sync.frame import MAX_PACKED, is_frame
from sync.ports import LinkDown

FRAME_TYPE = "application/octet-stream"
PATIENCE = 10
"""A whole answer may take this many time-outs: 1 MB at 50 kbit/s, with the time-out of 20 s."""
_PIECE = 64 * 1024
_OLDEST_YEAR, _NEWEST_YEAR = 2026, 2036
_NOT_YET_VALID, _EXPIRED = 9, 10
"""OpenSSL's verify codes for a certificate whose time has not come, or has passed."""

_NO_ADDRESS = requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema


class HttpLink:
    """Headquarters at `url` (which may be a proxy); `timeout` is in seconds, for connecting and between bytes."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self.url = url
        self.timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers["User-Agent"] = SKIP_HEADER

    def exchange(self, frame: bytes) -> bytes:
        """Return what headquarters answers. Raises LinkDown with a `link_...` code, or headquarters' own reason."""
        try:
            with self._session.post(
                self.url.rstrip("/") + "/sync",
                data=frame,
                headers={"Content-Type": FRAME_TYPE, "Accept-Encoding": "identity"},
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return _frame_of(response, monotonic() + PATIENCE * self.timeout)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise LinkDown(_reason(error)) from error


def _frame_of(response: requests.Response, ends: float) -> bytes:
    body = _body(response, ends)
    if response.status_code == 200 and is_frame(body):
        return body
    if response.status_code == 507:
        raise LinkDown("link_hq_full", _retry_after(response.headers.get("Retry-After", "")))
    if response.status_code == 429 or (response.status_code >= 500 and response.status_code != 511):
        raise LinkDown("link_server", _retry_after(response.headers.get("Retry-After", "")))
    if response.status_code == 413:
        raise LinkDown("sync_too_large")
    said = _said(response, body)
    if said:
        raise LinkDown(said)
    if 400 <= response.status_code < 500:
        raise LinkDown("link_refused")
    raise LinkDown("link_portal")


def _body(response: requests.Response, ends: float) -> bytes:
    """Read to the end, where a broken connection shows, or to one byte more than a frame may have.

    A server that sends a byte now and then is silent too: the whole answer has its time. Raises TimeoutError.
    """
    body = b""
    while len(body) <= MAX_PACKED and (piece := response.raw.read1(_PIECE, decode_content=False)):
        body += piece
        if monotonic() > ends:
            raise TimeoutError
    return body[: MAX_PACKED + 1]


def _said(response: requests.Response, body: bytes) -> str | None:
    """Headquarters' own reason for refusing. It is not signed: it is shown to a person and moves nothing."""
    if response.status_code < 400 or "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return code if isinstance(code, str) and code.startswith("sync_") and code in PROBLEMS else None


def _retry_after(value: str) -> float | None:
    """Return seconds; both spellings of RFC 9110 (a number, a date) are read, anything else is None."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _reason(error: Exception) -> str:
    """Name the first cause that has a name; a connection that broke on the way is an answer that did not come."""
    for one in _causes(error):
        if isinstance(one, ssl.SSLError):
            return _tls_reason(one)
        if isinstance(one, NameResolutionError | socket.gaierror):
            return "link_dns" if _has_route() else "link_no_address"
        if isinstance(one, _NO_ADDRESS):
            return "link_no_address"
        if isinstance(one, OSError) and one.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
            return "link_no_address"
        if isinstance(one, ConnectionRefusedError):
            return "link_refused"
        if isinstance(one, TimeoutError | requests.Timeout):
            return "link_timeout"
    return "link_dropped"


def _tls_reason(error: ssl.SSLError) -> str:
    """A certificate outside its time on a machine whose year cannot be right: the clock is wrong, not the server."""
    code = getattr(error, "verify_code", 0)
    absurd = not _OLDEST_YEAR <= datetime.now(UTC).year <= _NEWEST_YEAR
    return "link_clock" if code == _NOT_YET_VALID or (code == _EXPIRED and absurd) else "link_tls"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and whatever it wraps: requests and urllib3 hide the reason three layers deep."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
        waiting += [part for part in inner if isinstance(part, BaseException)]


def _has_route() -> bool:
    """Ask the system for a way out, without sending a byte (192.0.2.1 is nobody's address, RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return False
    return True
