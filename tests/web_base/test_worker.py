"""The service worker in a real browser: it installs whatever happens, updates when asked, and never costs a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.web_base.small_app import answering, installable

READY = "() => navigator.serviceWorker.ready.then(() => true)"
UPDATE = "() => navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => true)"
CACHES = "() => caches.keys()"


@pytest.fixture
def app() -> Flask:
    return installable()


@pytest.fixture
def stall(app: Flask) -> Iterator[str]:
    with answering(app) as url:
        yield url


def controlled(page: Any, address: str) -> None:
    page.goto(address)
    assert page.evaluate(READY)
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_one_missing_file_does_not_keep_the_shell_away(app: Flask, stall: str, page: Any) -> None:
    app.extensions["fingerprints"]["css/gone.css"] = "0" * 12
    controlled(page, stall + "/typed")
    page.context.set_offline(True)
    page.goto(stall + "/typed")
    assert page.locator("h1").inner_text() == "Gerai tidak terjangkau"
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).minHeight") != "auto"


def test_a_new_version_waits_for_the_person_and_spares_what_was_typed(app: Flask, stall: str, page: Any) -> None:
    controlled(page, stall + "/typed")
    (before,) = page.evaluate(CACHES)
    page.fill("[name=nama]", "Siti")
    app.extensions["fingerprints"]["css/pasar.css"] = "0" * 12
    page.evaluate(UPDATE)
    bar = page.locator("#versi-baru")
    bar.wait_for(state="visible")
    bar.locator("button").click()
    bar.locator("text=Simpan dulu").wait_for(state="visible")
    assert page.input_value("[name=nama]") == "Siti"
    page.click("main button")
    page.wait_for_selector("#sent:text('Siti')")
    bar.wait_for(state="visible")
    with page.expect_event("load"):
        bar.locator("button").click()
    page.wait_for_function("caches.keys().then((names) => names.length === 1)")
    assert page.evaluate(CACHES) != [before]


def test_programs_and_sent_forms_pass_by_the_worker(stall: str, page: Any) -> None:
    controlled(page, stall + "/typed")
    served: list[tuple[str, bool]] = []
    page.on("response", lambda answer: served.append((answer.request.method + answer.url, answer.from_service_worker)))
    page.evaluate("fetch('/api/form')")
    page.fill("[name=nama]", "Siti")
    page.click("main button")
    page.wait_for_selector("#sent:text('Siti')")
    by_worker = dict(served)
    assert by_worker[f"GET{stall}/api/form"] is False and by_worker[f"POST{stall}/typed"] is False


def test_the_manifest_is_accepted_by_the_browser(stall: str, page: Any) -> None:
    page.goto(stall + "/typed")
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == [] and found["url"] == stall + "/manifest.json"
