"""One process on real sockets: http and https together, a clean stop, a silent phone, a taken port."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from layanan.problems import Refused
from tests.web_base.small_app import answering, make
from web_base.serve import Listener, Serving, listen
from web_base.tls import ROOT as ROOT_FILE
from web_base.tls import OwnCertificate, own_certificate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own(tmp_path: Path) -> OwnCertificate:
    return own_certificate(tmp_path, [], now=datetime.now(UTC))


@pytest.fixture
def root(own: OwnCertificate) -> str:
    return str(own.certificate.with_name(ROOT_FILE))


def both(own: OwnCertificate, threads: int = 4) -> Serving:
    secure = Listener("127.0.0.1", 0, own.certificate, own.key)
    return listen(make(), [Listener("127.0.0.1", 0), secure], threads=threads)


def test_http_and_https_answer_at_once_and_the_app_knows_which(own: OwnCertificate, root: str) -> None:
    serving = both(own)
    plain, secure = serving.ports
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"http://127.0.0.1:{plain}/healthz", timeout=10).json() == {"ok": True}
        answer = session.get(f"https://127.0.0.1:{secure}/typed", verify=root, timeout=10)
    assert answer.status_code == 200 and "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Server"] == "pasar"
    serving.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", plain), 5)


def test_a_phone_that_connects_and_says_nothing_holds_up_nobody(own: OwnCertificate, root: str) -> None:
    serving = both(own)
    silent = [socket.create_connection(("127.0.0.1", serving.ports[1]), 5) for _ in range(2)]
    address = f"https://127.0.0.1:{serving.ports[1]}/healthz"
    try:
        # A handshake in the accepting thread would wait 10 s for each of the silent ones.
        assert requests.get(address, verify=root, timeout=5).status_code == 200
    finally:
        for each in silent:
            each.close()
        serving.stop()


def test_a_client_that_rejects_the_certificate_does_no_harm(own: OwnCertificate, root: str) -> None:
    serving = both(own)
    address = f"https://127.0.0.1:{serving.ports[1]}/healthz"
    for _ in range(6):
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(address, timeout=5)
    assert requests.get(address, verify=root, timeout=5).status_code == 200
    serving.stop()


def test_a_taken_port_is_a_clear_sentence_and_nothing_stays_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused) as refused:
            listen(make(), [Listener("127.0.0.1", 0), Listener("127.0.0.1", port)])
    assert refused.value.code == "port_taken" and str(port) in refused.value.sentence()


def test_a_body_that_never_ends_is_refused() -> None:
    with answering(make()) as address:
        answer = requests.post(f"{address}/c", data=b"x" * (3 << 20), timeout=20)
    assert answer.status_code == 413


def test_stop_finishes_the_request_that_runs() -> None:
    started, go_on, got = threading.Event(), threading.Event(), []

    def slow(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        started.set()
        go_on.wait(20)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"saved"]

    serving = listen(slow, [Listener("127.0.0.1", 0)], threads=2)
    address = f"http://127.0.0.1:{serving.ports[0]}/"
    asking = threading.Thread(target=lambda: got.append(requests.get(address, timeout=20).text))
    asking.start()
    assert started.wait(20)
    stopping = threading.Thread(target=serving.stop)
    stopping.start()
    go_on.set()
    asking.join(20)
    stopping.join(20)
    assert got == ["saved"] and not stopping.is_alive()


PROGRAM = """
import sys, time
from web_base.serve import Listener, listen, serve_until_stopped
def app(environ, start):
    print("asked", flush=True)
    time.sleep(1)
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"saved"]
serving = listen(app, [Listener("127.0.0.1", 0)], threads=2)
print(serving.ports[0], flush=True)
serve_until_stopped(serving, on_stop=lambda: print("stopping", flush=True))
print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_running_request_finish_and_the_process_end_well(number: signal.Signals) -> None:
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address, got = f"http://127.0.0.1:{process.stdout.readline().strip()}/", []
        asking = threading.Thread(target=lambda: got.append(requests.get(address, timeout=20).text))
        asking.start()
        assert process.stdout.readline() == "asked\n"
        process.send_signal(number)
        asking.join(20)
        assert got == ["saved"]
        assert process.stdout.read() == "stopping\nstopped\n"
        assert process.wait(20) == 0


HEAPS = """
    import ctypes, sys, threading
    from tests.web_base.small_app import make
    from web_base.serve import Listener, listen
    if sys.argv[1] == "served":
        listen(make(), [Listener("127.0.0.1", 0)], threads=2).stop()
    ready = threading.Barrier(8)
    def hold():
        kept = bytearray(50_000)
        ready.wait()
    threads = [threading.Thread(target=hold) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
"""


def test_threads_share_their_heaps(tmp_path: Path) -> None:
    """A heap of its own for each of ten threads keeps what the largest batch needed, ten times."""
    counted = {}
    for who in ("served", "plain"):
        told = tmp_path / who
        subprocess.run([sys.executable, "-c", textwrap.dedent(HEAPS), who, told], cwd=ROOT, check=True, timeout=60)
        counted[who] = told.read_text("ascii").count("<heap nr")
    assert counted["served"] <= 2 < counted["plain"]


def test_a_renewed_certificate_is_shown_to_the_next_and_cuts_nobody_off(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, [], now=datetime.now(UTC))
    serving = both(first)
    context = ssl.create_default_context(cafile=str(tmp_path / ROOT_FILE))
    try:
        standing = answered(context, serving.ports[1])
        renewed = own_certificate(tmp_path, ["10.9.8.7"], now=datetime.now(UTC))
        serving.renew()
        fresh = answered(context, serving.ports[1])
        assert [number(standing), number(fresh)] == [first.serial, renewed.serial]
        for each in (standing, fresh):
            ask(each)
            each.close()
    finally:
        serving.stop()


def answered(context: ssl.SSLContext, port: int) -> ssl.SSLSocket:
    """A new connection by name, after its first answer; the root alone is trusted."""
    plain = socket.create_connection(("127.0.0.1", port), 5)
    secure = context.wrap_socket(plain, server_hostname="pasar.home.arpa")
    ask(secure)
    return secure


def ask(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: pasar.home.arpa\r\n\r\n")
    answer = b""
    while not answer.endswith(b'{"ok":true}\n'):
        piece = connection.recv(4096)
        assert piece, answer
        answer += piece


def number(connection: ssl.SSLSocket) -> int:
    """The serial number of the certificate that this connection was shown."""
    return int(str((connection.getpeercert() or {})["serialNumber"]), 16)
