"""Answers to `pasar.local` on the stall's own network, by zeroconf. Knows addresses; refuses to matter.

Whatever goes wrong here is tried again a minute later and stops nobody: every address also works as a number.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from pasar.bell import Bell
from web_base.authority import permitted

if TYPE_CHECKING:
    from zeroconf import Zeroconf

LOG = logging.getLogger("pasar.mdns")
NAME = "pasar.local"
LOOK_SECONDS = 60.0
_KIND = "_https._tcp.local."


class Announcement:
    """One per process. `addresses` are asked at every look; `through` are the cards to speak on, else these."""

    def __init__(
        self, port: int, addresses: Callable[[], Collection[str]], through: Collection[str] | None = None
    ) -> None:
        self._port, self._addresses, self._through = port, addresses, through
        self._bell = Bell("mdns")
        self._told: tuple[str, ...] = ()
        self._open: Zeroconf | None = None

    def start(self) -> None:
        """Look now and every minute, in a thread of its own."""
        self._bell.start(self._watch)

    def stop(self) -> None:
        """End, and take the name back."""
        self._bell.stop()
        self._attempt(self._close)

    def look(self) -> None:
        """Say anew where the stall is, if it has moved."""
        here = tuple(sorted(filter(permitted, self._addresses())))
        if here == self._told:
            return
        self._close()
        if here:
            self._say(here)
        self._told = here

    def _say(self, here: tuple[str, ...]) -> None:
        # A stall that has turned this off does without the library's memory.
        from zeroconf import IPVersion, ServiceInfo, Zeroconf

        through = list(self._through or here)
        for each in through:
            _check_card(each)
        numbers = [ipaddress.IPv4Address(each).packed for each in here]
        info = ServiceInfo(_KIND, f"Gerai Pasar.{_KIND}", self._port, addresses=numbers, server=f"{NAME}.")
        self._open = Zeroconf(interfaces=through, ip_version=IPVersion.V4Only)
        self._open.register_service(info, allow_name_change=True)

    def _close(self) -> None:
        opened, self._open, self._told = self._open, None, ()
        if opened is not None:
            opened.close()

    def _watch(self) -> None:
        while not self._bell.stopped:
            self._attempt(self.look)
            self._sleep_until(time.monotonic() + LOOK_SECONDS)

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  a name is a comfort: no failure of it may end the stall
            LOG.warning("pasar.local: %s", type(error).__name__)

    def _sleep_until(self, then: float) -> None:
        self._bell.sleep(lambda _rung: then, LOOK_SECONDS)


def _check_card(address: str) -> None:
    """Raises OSError where no card of this machine has the address: the library would leave a socket open."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
