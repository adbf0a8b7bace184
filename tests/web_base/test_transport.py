"""Counter pages travel only inside the machine or over https; the stall answers only to its own names."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web_base.small_app import make
from web_base.transport import host_of, init_trusted_hosts, require_private_transport


@pytest.fixture
def app() -> Flask:
    app = make()
    app.before_request(require_private_transport({"status.page", "status.look_up", "healthz", "static"}))
    init_trusted_hosts(app, ["status.banyuwangikab.go.id"])
    return app


def status(app: Flask, url: str, remote: str, path: str = "/typed") -> int:
    return app.test_client().get(path, base_url=url, environ_overrides={"REMOTE_ADDR": remote}).status_code


@pytest.mark.parametrize(
    ("url", "remote", "expected"),
    [
        ("http://localhost:8080", "127.0.0.1", 200),
        ("http://127.0.0.1:8080", "127.0.0.1", 200),
        ("http://[::1]:8080", "::1", 200),
        ("http://192.168.8.1:8080", "192.168.8.20", 403),
        ("http://localhost:8080", "192.168.8.20", 403),
        ("http://192.168.8.1:8080", "127.0.0.1", 403),
        ("https://192.168.8.1:8443", "192.168.8.20", 200),
        ("https://pasar.home.arpa:8443", "192.168.8.20", 200),
        ("http://evil.example:8080", "127.0.0.1", 403),
        ("https://evil.example:8443", "127.0.0.1", 400),
        ("https://status.banyuwangikab.go.id", "203.0.113.9", 200),
    ],
)
def test_the_counter(app: Flask, url: str, remote: str, expected: int) -> None:
    assert status(app, url, remote) == expected


def test_public_pages_are_open_to_the_local_network(app: Flask) -> None:
    for path in ("/c", "/healthz", "/static/css/pasar.css"):
        assert status(app, "http://192.168.8.1:8080", "192.168.8.20", path) == 200
    assert status(app, "http://192.168.8.1:8080", "192.168.8.20", "/nowhere") == 404


def test_host_of_reads_ports_brackets_case_and_the_final_dot() -> None:
    assert [host_of(text) for text in ("Pasar.Local.:80", "[::1]:8080", "localhost")] == [
        "pasar.local",
        "::1",
        "localhost",
    ]
