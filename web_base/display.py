"""How a reader wants the pages: language, large text, high contrast. Knows one cookie, set only when somebody chose.

Refuses to guess: without the cookie every page is Indonesian, whatever the browser says of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, current_app, make_response, redirect, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from layanan.reading import INDONESIAN, language, read_in

COOKIE = "tampilan"
YEAR = 31_536_000
LANGUAGES = {INDONESIAN: "Indonesia", "en": "English", "jv": "Basa Jawa"}
"""Code and own name, in the order of the switch."""
MODES = ("besar", "kontras")
"""Large text and high contrast; each is a class of the page."""
TRANSLATIONS = Path(__file__).resolve().parent / "translations"


@dataclass(frozen=True)
class Display:
    """What one reader chose."""

    language: str = INDONESIAN
    modes: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """As the cookie keeps it: `en.besar`; empty for what everybody gets."""
        chosen = [] if self.language == INDONESIAN else [self.language]
        return ".".join([*chosen, *sorted(self.modes)])

    def changed(self, choice: str) -> Display:
        """With another language, or with a mode turned on or off; an unknown choice changes nothing."""
        if choice in LANGUAGES:
            return Display(choice, self.modes)
        return Display(self.language, self.modes ^ ({choice} & set(MODES)))


def read_display(text: str) -> Display:
    """What a cookie says; what it should not say is passed over."""
    words = text.split(".")
    chosen = next((word for word in words if word in LANGUAGES), INDONESIAN)
    return Display(chosen, frozenset(words) & frozenset(MODES))


def display() -> Display:
    """What the reader of this request chose."""
    return read_display(request.cookies.get(COOKIE, ""))


def init_display(app: Flask, csrf: CSRFProtect) -> None:
    """Every request is answered in its reader's language; `/tampilan` takes a choice (it changes nothing else)."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=language)
    app.jinja_env.globals.update(display=display, language=language, languages=LANGUAGES, this_page=this_page)

    @app.before_request
    def choose_language() -> None:
        read_in(display().language)

    @app.teardown_request
    def forget_language(_error: BaseException | None) -> None:
        read_in(INDONESIAN)

    app.add_url_rule("/tampilan", "display", _choose, methods=["POST"])
    csrf.exempt(app.view_functions["display"])


def this_page() -> str:
    """Where the switch leads back to: this page, or the front page when it can only be reached by sending a form."""
    if request.method != "GET":
        try:
            current_app.url_map.bind("").match(request.path, "GET")
        except HTTPException:
            return "/"
        return request.path
    return request.full_path.rstrip("?")


def _choose() -> Response:
    chosen = display().changed(request.form.get("ubah", ""))
    back = request.form.get("kembali", "/")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    response = make_response(redirect(back if inside else "/", 303))
    if chosen.text:
        response.set_cookie(COOKIE, chosen.text, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    else:
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
