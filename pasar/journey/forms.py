"""A small browser for people made of seeds: pages, their forms, and sessions over real HTTP.

Knows HTML forms and cookies; refuses to know what any page is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

SECONDS = 30.0


class Surprise(Exception):
    """A page was not the one that should follow; the text names the step and the address without anything typed."""


@dataclass
class Form:
    """One form of a page: where it goes, what it holds, what it offers."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {*self.values, *self.choices}


class FormReader(HTMLParser):
    """Collects forms with the values a browser would send if nothing were touched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            reader = {"input": self._input, "button": self._button, "select": self._open_select,
                      "option": self._option, "textarea": self._open_area}.get(tag)
            if reader:
                reader(self._form, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._area is not None and self._form is not None:
            self._form.values[self._area] += data

    def _input(self, form: Form, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if kind == "submit":
            self._button(form, given)
        elif name and kind in ("radio", "checkbox"):
            value = given.get("value", "on")
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.values[name] = value
        elif name:
            form.values[name] = given.get("value", "")

    def _button(self, form: Form, given: dict[str, str]) -> None:
        if given.get("type", "submit") == "submit":
            form.buttons.append((given.get("name", ""), given.get("value", "")))

    def _open_select(self, form: Form, given: dict[str, str]) -> None:
        self._select = given.get("name", "")
        form.choices.setdefault(self._select, [])

    def _option(self, form: Form, given: dict[str, str]) -> None:
        if self._select:
            value = given.get("value", "")
            if not form.choices[self._select] or "selected" in given:
                form.values[self._select] = value
            form.choices[self._select].append(value)

    def _open_area(self, form: Form, given: dict[str, str]) -> None:
        self._area = given.get("name", "")
        form.values[self._area] = ""


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    body: str
    forms: list[Form]
    text: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def form(self, *names: str, action: str = "") -> Form:
        """The first form whose action ends with `action` and that has all `names`; Surprise if none."""
        for form in self.forms:
            if urlsplit(urljoin(self.url, form.action)).path.endswith(action) and form.names >= set(names):
                return form
        wanted = f"{action or 'any address'} with {', '.join(names) or 'any field'}"
        raise Surprise(f"no form to {wanted} on {self.path} ({self.status})")


def read_page(answer: requests.Response) -> Page:
    reader = FormReader()
    if "html" in answer.headers.get("Content-Type", ""):
        reader.feed(answer.text)
    return Page(answer.url, answer.status_code, answer.text, reader.forms, " ".join(" ".join(reader.text).split()))


class Visit:
    """One signed-in person's session with one server; follows redirects as a browser does."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept"] = "text/html"

    def cookies(self) -> str:
        """The session as a Cookie header, for a client of one's own."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)

    def json(self, path: str) -> dict[str, object]:
        """What a JSON address answers to this session."""
        answer = self._session.get(urljoin(self.base, path), headers={"Accept": "application/json"}, timeout=SECONDS)
        told: dict[str, object] = answer.json()
        return told

    def get(self, path: str) -> Page:
        return read_page(self._session.get(urljoin(self.base, path), timeout=SECONDS))

    def send(
        self, page: Page, form: Form, filled: dict[str, str] | None = None, press: tuple[str, str] | None = None
    ) -> Page:
        """Submit `form` with its own values, then `filled`, then the pressed button's."""
        pressed = press or (form.buttons[0] if form.buttons else ("", ""))
        values = {**form.values, **(filled or {})}
        if pressed[0]:
            values[pressed[0]] = pressed[1]
        target = urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return read_page(self._session.get(target, params=values, timeout=SECONDS))
        return read_page(self._session.post(target, data=values, timeout=SECONDS))
