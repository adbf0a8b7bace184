"""How large a request's body may be, page by page, and where its parts are kept. Knows no page by name.

What people send is personal. Werkzeug would spool a large part into a temporary file, unsealed; here it stays in
memory.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Flask, Request, current_app, request


class MemoryRequest(Request):
    """A request whose files never touch a disk; the limit of the body is the limit of the memory."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        return BytesIO()


def init_bodies(app: Flask) -> None:
    """Take the limits of `LARGE_BODIES` (endpoint -> bytes) for those pages; register it before who reads a form."""
    app.request_class = MemoryRequest

    @app.before_request
    def let_in() -> None:
        larger = current_app.config["LARGE_BODIES"].get(request.endpoint)
        if larger:
            request.max_content_length = larger
