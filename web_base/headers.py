"""The security headers of every answer. Knows HTTP only; refuses to know which page it decorates.

No Strict-Transport-Security: a stall answers the same name over http as well, and must go on doing so.
"""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
MACHINES = "application/octet-stream"
FIXED = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=(), camera=(self)",
}


def init_headers(app: Flask) -> None:
    """Headers on every answer; whatever did not choose a cache rule is kept nowhere (`no-store`).

    An answer for machines (`application/octet-stream`) shows no page, and travels over the weakest links: none there.
    """

    @app.after_request
    def protect(response: Response) -> Response:
        if response.mimetype == MACHINES:
            return response
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
