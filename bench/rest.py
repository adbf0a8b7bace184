"""What a stall at rest costs: seconds to the first answer, memory, and the bytes of the first page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from bench.stall import measured_stall, resident_mb

KOLIBRI_MEMORY, KOLIBRI_START = "110-132 MB", "1.2-4.1 s"
ASSET = re.compile(r"""<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)\"""")
IN_STYLE = re.compile(r"""url\(["']?([^"')]+)""")
STARTS = 5


def at_rest(folder: Path) -> list[tuple[str, str]]:
    """Rows of the table: start to first answer and memory beside Kolibri's, first load of the counter."""
    with measured_stall(folder) as stall:
        loaded = first_load(stall.house.stall.url, stall.headers["Cookie"])
        stall.house.stall.stop()
        starts, memories = [], []
        for _ in range(STARTS):
            starts.append(stall.house.stall.start())
            process = stall.house.stall.process
            memories.append(resident_mb(process.pid) if process else 0.0)
            stall.house.stall.stop()
    return [
        (f"Start to first answer, {STARTS} starts", f"{min(starts):.2f}-{max(starts):.2f} s (Kolibri {KOLIBRI_START})"),
        ("Memory at rest", f"{max(memories):.0f} MB (Kolibri {KOLIBRI_MEMORY})"),
        *loaded,
    ]


def first_load(base: str, cookie: str) -> list[tuple[str, str]]:
    """Every byte a browser that knows nothing yet must fetch to show the counter, gzip -6 of each file."""
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"Cookie": cookie, "Accept": "text/html,*/*"})
    waiting, sizes = [f"{base}/"], dict[str, tuple[str, int, int]]()
    while waiting:
        address = waiting.pop()
        if address not in sizes and urlsplit(address).netloc == urlsplit(base).netloc:
            answer = session.get(address, timeout=30)
            body = answer.content
            sizes[address] = (answer.headers["Content-Type"], len(body), len(gzip.compress(body, 6)))
            waiting += _needed(answer)
    scripts = [size[2] for size in sizes.values() if "javascript" in size[0]]
    plain, packed = sum(size[1] for size in sizes.values()) / 1000, sum(size[2] for size in sizes.values()) / 1000
    return [
        ("First load of the counter", f"{packed:.1f} KB gzip in {len(sizes)} files ({plain:.1f} KB plain)"),
        ("Script in it", f"{sum(scripts) / 1000:.1f} KB gzip in {len(scripts)} files"),
    ]


def _needed(answer: requests.Response) -> list[str]:
    """What a page or a style sheet makes a browser fetch."""
    kind = answer.headers["Content-Type"]
    found = ASSET.findall(answer.text) if "html" in kind else IN_STYLE.findall(answer.text) if "css" in kind else []
    return [urljoin(answer.url, address) for address in found if not address.startswith("data:")]
