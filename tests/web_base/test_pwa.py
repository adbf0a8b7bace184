"""One behaviour, two wirings: flask-pwa's class and ours of the same shape must serve the very same app."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from typing import Any, ClassVar

import flask
from flask import Flask

from tests.web_base.small_app import make
from web_base.pwa import OwnWiring, flask_pwa_wiring, init_pwa


class PwaBehaviour:
    wiring: ClassVar[type[Any] | None] = None

    def app(self) -> Flask:
        app = make()
        init_pwa(app, shortcuts=[("Permohonan baru", "/layanan")], wiring=self.wiring)
        return app

    def test_the_worker_is_ours_and_revalidated(self) -> None:
        answer = self.app().test_client().get("/sw.js")
        assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-cache"
        assert answer.text.startswith('const VERSION = "') and "SKIP_WAITING" in answer.text
        again = self.app().test_client().get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304

    def test_everything_in_the_shell_exists_and_none_of_it_is_a_page(self) -> None:
        client = self.app().test_client()
        shell = re.findall(r'"(/[^"]+)"', client.get("/sw.js").text.splitlines()[1])
        assert "/offline" in shell and "/" not in shell
        for path in shell:
            answer = client.get(path)
            assert answer.status_code == 200 and "Set-Cookie" not in answer.headers, path
            assert path == "/offline" or path.startswith("/static/")

    def test_a_changed_file_makes_a_new_version(self) -> None:
        app = self.app()
        before = app.test_client().get("/sw.js").text.splitlines()[0]
        assert app.test_client().get("/sw.js").text.splitlines()[0] == before
        app.extensions["fingerprints"]["css/pasar.css"] = "0" * 12
        assert app.test_client().get("/sw.js").text.splitlines()[0] != before

    def test_the_manifest_makes_it_installable(self) -> None:
        client = self.app().test_client()
        answer = client.get("/manifest.json")
        manifest = answer.get_json(force=True)
        assert answer.mimetype == "application/manifest+json"
        assert (manifest["id"], manifest["lang"], manifest["scope"]) == ("/", "id", "/")
        assert manifest["name"] == "Pasar Pelayanan Publik Gerai Pasar Genteng I"
        assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} >= {
            ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
        }  # fmt: skip
        for icon in manifest["icons"]:
            picture = client.get(icon["src"]).data
            side = int.from_bytes(picture[16:20])
            assert picture.startswith(b"\x89PNG") and icon["sizes"] == f"{side}x{side}"

    def test_the_offline_page_is_in_our_words(self) -> None:
        page = self.app().test_client().get("/offline")
        assert page.status_code == 200 and '<html lang="id"' in page.text and "Coba lagi" in page.text

    def test_pages_link_manifest_and_script_but_the_shoppers_page_installs_nothing(self) -> None:
        client = self.app().test_client()
        assert "/manifest.json" in client.get("/").text and "js/pwa.js" in client.get("/").text
        assert "manifest.json" not in client.get("/c").text and "js/pwa.js" not in client.get("/c").text


class TestFlaskPwa(PwaBehaviour):
    wiring = flask_pwa_wiring()

    def test_it_really_is_the_named_package(self) -> None:
        assert self.wiring is not None and self.wiring.__module__ == "flask_pwa"
        assert importlib.metadata.version("flask-pwa") == "0.1.0"

    def test_its_import_leaves_no_trace(self) -> None:
        assert "Markup" not in vars(flask)
        assert not sys.modules.get("pkg_resources") or hasattr(sys.modules["pkg_resources"], "working_set")

    def test_it_is_the_wiring_used_where_it_is_installed(self) -> None:
        app = make()
        init_pwa(app)
        assert app.view_functions["serviceworker"].__self__.__class__.__mro__[2].__module__ == "flask_pwa"  # type: ignore[attr-defined]


class TestOwnWiring(PwaBehaviour):
    wiring = OwnWiring
