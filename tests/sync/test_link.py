"""The HTTP link on real sockets: a frame comes back whole, and everything else gets its right name."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from layanan.problems import PROBLEMS
from sync.frame import MAX_PACKED, FrameKind, pack
from sync.keys import SigningKey
from sync.link import HttpLink
from sync.ports import LinkDown

FRAME = pack(b"answer", SigningKey.new(), FrameKind.ACKNOWLEDGEMENT)
Answering = Callable[[socket.socket], None]


@contextmanager
def served(answer: Answering, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that reads each request and then does to the connection what `answer` does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, answer, tls), daemon=True)
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"


def _serve(listener: socket.socket, answer: Answering, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            near, _ = listener.accept()
            near = tls.wrap_socket(near, server_side=True) if tls else near
            with near:
                _read_request(near)
                answer(near)
        except ssl.SSLError:
            continue
        except OSError:
            return


def _read_request(near: socket.socket) -> None:
    got = b""
    while b"\r\n\r\n" not in got:
        got += near.recv(65_536)
        if got.startswith(b"\x16"):
            return  # a TLS greeting: somebody expects https here
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += near.recv(65_536)


def http(status: str, body: bytes = b"", *headers: str) -> Answering:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return lambda near: near.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def reason(url: str, timeout: float = 5.0) -> LinkDown:
    with pytest.raises(LinkDown) as caught:
        HttpLink(url, timeout).exchange(b"frame")
    assert caught.value.code in PROBLEMS
    return caught.value


def reason_of(answer: Answering) -> LinkDown:
    with served(answer) as url:
        return reason(url)


@pytest.mark.clause("P18")
def test_a_frame_comes_back_whole() -> None:
    with served(http("200 OK", FRAME, "Content-Type: text/html")) as url:
        assert HttpLink(url + "/").exchange(b"frame") == FRAME


@pytest.mark.clause("P21", "P41")
@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b"<html>Silakan login</html>", "Content-Type: text/html"), http("200 OK"), http("200 OK", b"{}"),
        http("200 OK", b'{"ok":true,"accepted":99}', "Content-Type: application/json"), http("204 No Content"),
        http("302 Found", b"", "Location: http://127.0.0.1/login"), http("511 Login Required", b"<html>"),
    ],
)  # fmt: skip
def test_whatever_is_no_frame_is_a_portal(answer: Answering) -> None:
    assert reason_of(answer).code == "link_portal"


@pytest.mark.clause("P40", "P41")
@pytest.mark.parametrize("status", ["429 Too Many", "500 Oops", "502 Bad Gateway", "503 Busy"])
def test_a_server_in_trouble_is_left_alone_for_as_long_as_it_asks(status: str) -> None:
    assert reason_of(http(status, b"<html>502</html>", "Retry-After: 120")).retry_after == 120.0
    down = reason_of(http(status))
    assert (down.code, down.retry_after) == ("link_server", None)
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    dated = reason_of(http(status, b"", f"Retry-After: {later}")).retry_after
    assert dated is not None and 3_000 < dated <= 3_600
    for nonsense in ("soon", "-5", "٣"):
        assert reason_of(http(status, b"", f"Retry-After: {nonsense.encode().decode('latin-1')}")).retry_after is None


@pytest.mark.clause("P40", "P41")
def test_a_headquarters_without_room_is_named() -> None:
    down = reason_of(http("507 Insufficient Storage", b'{"code":"disk_full"}', "Retry-After: 60"))
    assert (down.code, down.retry_after) == ("link_hq_full", 60.0)


@pytest.mark.clause("P41")
def test_headquarters_own_reason_is_passed_on() -> None:
    json = "Content-Type: application/problem+json"
    assert reason_of(http("403 Forbidden", b'{"code":"sync_revoked"}', json)).code == "sync_revoked"
    assert reason_of(http("426 Upgrade", b'{"code":"sync_too_new"}', json)).code == "sync_too_new"
    for body in (b'{"code":"code_unknown"}', b'{"code":"sync_nonsense"}', b"[]", b"{", b'{"code":5}', b"[" * 9_999):
        assert reason_of(http("403 Forbidden", body, json)).code == "link_refused"
    assert reason_of(http("403 Forbidden", b'{"code":"sync_revoked"}')).code == "link_refused"
    assert reason_of(http("413 Too Large", b"<html>")).code == "sync_too_large"


@pytest.mark.clause("P41")
@pytest.mark.parametrize(
    "answer",
    [
        lambda near: None,
        lambda near: near.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + FRAME),
        lambda near: near.sendall(b"\x00\x01 nonsense\r\n\r\n"),
        lambda near: near.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nPSAR\x01\r\nzz"),
    ],
    ids=["closed", "cut", "nonsense", "cut in a chunk"],
)
def test_an_answer_that_breaks_off_is_no_answer(answer: Answering) -> None:
    assert reason_of(answer).code == "link_dropped"


@pytest.mark.clause("P41")
def test_silence_ends() -> None:
    stop = threading.Event()
    with served(lambda near: stop.wait(20) and None) as url:
        assert reason(url, timeout=0.2).code == "link_timeout"
        stop.set()


@pytest.mark.clause("P41")
def test_a_trickle_is_silence_too() -> None:
    stop = threading.Event()

    def trickle(near: socket.socket) -> None:
        near.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        while not stop.wait(0.02):
            near.sendall(b"P")

    with served(trickle) as url:
        assert reason(url, timeout=0.1).code == "link_timeout"
        stop.set()


@pytest.mark.clause("P17")
def test_an_endless_answer_is_not_kept() -> None:
    endless = b"PSAR\x01" + bytes(MAX_PACKED * 3)
    with served(http("200 OK", endless)) as url:
        assert len(HttpLink(url).exchange(b"frame")) == MAX_PACKED + 1


@pytest.mark.clause("P18")
def test_a_compressed_body_is_not_inflated() -> None:
    assert reason_of(http("200 OK", b"\x1f\x8b bomb", "Content-Encoding: gzip")).code == "link_portal"


@pytest.mark.clause("P41")
@pytest.mark.parametrize("url", ["", "mpp.example", "http://", "http://[", "ftp://mpp.example"])
def test_an_address_that_is_none(url: str) -> None:
    assert reason(url).code == "link_no_address"


@pytest.mark.clause("P41")
def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    assert reason(url).code == "link_refused"


@pytest.mark.clause("P41")
def test_a_name_that_does_not_resolve() -> None:
    assert reason("http://mpp.invalid").code in ("link_dns", "link_no_address")


def certificate(folder: Path, begins: datetime, ends: datetime) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins, ends)
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem + secret)
    (folder / "trusted.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


def trusting(url: str, folder: Path) -> HttpLink:
    link = HttpLink(url, 5.0)
    link._session.verify = str(folder / "trusted.pem")
    return link


@pytest.mark.clause("P41")
@pytest.mark.parametrize("begins, ends, code", [(-30, 30, None), (-30, -1, "link_tls"), (1, 30, "link_clock")])
def test_a_certificate_out_of_its_time_is_told_from_a_wrong_clock(
    tmp_path: Path, begins: int, ends: int, code: str | None
) -> None:
    now = datetime.now(UTC)
    tls = certificate(tmp_path, now + timedelta(days=begins), now + timedelta(days=ends))
    with served(http("200 OK", FRAME), tls) as url:
        if code is None:
            assert trusting(url, tmp_path).exchange(b"frame") == FRAME
            assert reason(url).code == "link_tls"
            return
        with pytest.raises(LinkDown) as caught:
            trusting(url, tmp_path).exchange(b"frame")
        assert caught.value.code == code


@pytest.mark.clause("P41")
def test_plain_http_behind_an_https_address_is_not_trusted() -> None:
    with served(http("200 OK", FRAME)) as url:
        assert reason(url.replace("http:", "https:")).code == "link_tls"


def test_the_rest_of_the_protocol_does_without_requests() -> None:
    names = "exchange, receive, memory, enrol, receipt, words, backoff"
    code = f"import sys; from sync import {names}; sys.exit('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
