"""Drives one HTTP request over and over from several connections and counts. Knows no app."""

from __future__ import annotations

import http.client
import itertools
import ssl
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Ask = Callable[[int], tuple[str, str, bytes | None, dict[str, str]]]
"""From a running number to method, path, body and headers."""


@dataclass
class Tally:
    """What one run saw; `milliseconds` holds every answer's time."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds) if self.milliseconds else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def connect(port: int, trust: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """A connection to a port of this machine; with `trust` over https."""
    if trust:
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=trust)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def drive(
    port: int, ask: Ask, good: set[int], *, connections: int, seconds: float, most: int | None = None,
    trust: ssl.SSLContext | None = None,
) -> Tally:  # fmt: skip
    """Repeat `ask` on kept-alive connections for about `seconds` or `most` times; `good` statuses count."""
    tally, lock = Tally(), threading.Lock()
    numbers = itertools.count() if most is None else iter(range(most))
    began = time.perf_counter()
    ends = began + seconds

    def one_connection() -> None:
        connection = connect(port, trust)
        while time.perf_counter() < ends:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            took, status = _once(connection, ask(number))
            with lock:
                if status in good:
                    tally.milliseconds.append(took)
                else:
                    tally.wrong += 1
        connection.close()

    threads = [threading.Thread(target=one_connection) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds = time.perf_counter() - began
    return tally


def _once(
    connection: http.client.HTTPConnection, asked: tuple[str, str, bytes | None, dict[str, str]]
) -> tuple[float, int]:
    method, path, body, headers = asked
    began = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return (time.perf_counter() - began) * 1000, answer.status
