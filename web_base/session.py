"""How the session cookie behaves. Knows Flask's settings; refuses to know who is signed in."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

COOKIE = {
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Strict",
    "SESSION_COOKIE_PATH": "/",
}


class TransportSessions(SecureCookieSessionInterface):
    """The cookie is Secure exactly when the request came over https: counter on localhost over http works too."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_cookie_name(self, app: Flask) -> str:
        """One name per app and transport: cookies ignore ports, so two apps on one host would overwrite each other."""
        return f"{app.name}-{'s' if request.is_secure else 'p'}"


def init_session(app: Flask) -> None:
    """HttpOnly, SameSite=Strict, Secure over https, gone with the browser unless the app says otherwise."""
    for name, value in COOKIE.items():
        app.config[name] = value
    app.session_interface = TransportSessions()
