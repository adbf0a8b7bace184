"""A second lock beside the CSRF token: the browser's own word on where a request came from (W3C Fetch Metadata).

Knows request headers only. A browser or a program that sends no such header is judged by the token alone.
"""

from __future__ import annotations

from flask import Flask, request

from layanan.problems import Refused


def init_crossing(app: Flask) -> None:
    """Refuse every changing request that another site's page has started: Refused("request_crossing")."""

    @app.before_request
    def refuse_foreign_pages() -> None:
        changes = request.method not in {"GET", "HEAD", "OPTIONS"}
        if changes and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Refused("request_crossing")
