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
PAUSE = "new Promise((done) => setTimeout(done, 50))"
NOT_INSTALLING = f"""async () => {{
  while ((await navigator.serviceWorker.getRegistration()).installing) await {PAUSE};
}}"""
ONE_CACHE = f"""async () => {{
  for (let tries = 0; tries < 200 && (await caches.keys()).length !== 1; tries++) await {PAUSE};
  return caches.keys();
}}"""
HIDDEN = """() => {
  Object.defineProperty(document, "hidden", { value: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


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


def newer(app: Flask, page: Any) -> None:
    app.extensions["fingerprints"]["css/pasar.css"] = "0" * 12
    page.evaluate(UPDATE)
    page.locator("#versi-baru").wait_for(state="visible")


def kept_alone(page: Any) -> str:
    """The one shell that is left, once the others have gone."""
    (name,) = page.evaluate(ONE_CACHE)
    return str(name)


def test_a_new_version_waits_for_the_person_and_spares_what_was_typed(app: Flask, stall: str, page: Any) -> None:
    controlled(page, stall + "/typed")
    before = kept_alone(page)
    page.fill("[name=nama]", "Siti")
    newer(app, page)
    bar = page.locator("#versi-baru")
    bar.locator("button").click()
    bar.locator("text=Simpan dulu").wait_for(state="visible")
    assert page.input_value("[name=nama]") == "Siti" and before in page.evaluate(CACHES)
    page.click("main button")
    page.wait_for_selector("#sent:text('Siti')")
    bar.wait_for(state="visible")
    put_away(page)
    assert kept_alone(page) != before, "nothing is typed any more: a phone that is put away takes it by itself"


def put_away(page: Any) -> None:
    """The screen goes dark. A driven browser keeps every page in front, so the page is told of it."""
    page.evaluate(HIDDEN)


def test_the_button_brings_it_in_at_once(app: Flask, stall: str, page: Any) -> None:
    controlled(page, stall + "/typed")
    before = kept_alone(page)
    newer(app, page)
    with page.expect_event("load"):
        page.locator("#versi-baru button").click()
    assert kept_alone(page) != before


def test_what_is_typed_in_another_tab_is_spared_too(app: Flask, stall: str, page: Any) -> None:
    controlled(page, stall + "/typed")
    before = kept_alone(page)
    page.fill("[name=nama]", "Siti")
    newer(app, page)
    other = page.context.new_page()
    other.goto(stall + "/typed")
    bar = other.locator("#versi-baru")
    bar.locator("button").click()
    bar.locator("text=Simpan dulu").wait_for(state="visible")
    assert page.input_value("[name=nama]") == "Siti" and before in other.evaluate(CACHES)
    page.close()
    with other.expect_event("load"):
        bar.locator("button").click()
    assert kept_alone(other) != before


def test_the_older_shell_stays_until_the_newer_is_whole(app: Flask, stall: str, page: Any) -> None:
    controlled(page, stall + "/typed")
    before = kept_alone(page)
    app.extensions["fingerprints"] |= {"css/pasar.css": "0" * 12, "css/gone.css": "0" * 12}
    page.evaluate("navigator.serviceWorker.getRegistration().then((each) => each.update()).catch(() => {})")
    page.evaluate(NOT_INSTALLING)
    assert kept_alone(page) == before
    page.context.set_offline(True)
    page.goto(stall + "/typed")
    assert page.locator("h1").inner_text() == "Gerai tidak terjangkau"


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
