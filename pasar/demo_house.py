"""The demo's house: one folder with a stall and a headquarters enrolled to each other, and the link between them.

Knows the command lines of both and where the demo keeps its pass-phrases; refuses to know pages. Everything is made by
the same commands an office would type, so the demo shows nothing that a real start has not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pasar.cut_link import CutLink
from pasar.demo_children import ChildFailed, ChildServer, ask, free_port, is_free
from web_base.addresses import lan_addresses

STALL_NAME, STALL_PLACE = "Pasar Genteng", "Pasar Genteng Wetan, Banyuwangi"
STALL_PORT, STALL_TLS_PORT, HQ_PORT = 8080, 8443, 8090
OFFICERS = (("ratna", "Ratna", ""), ("dukcapil", "Agus", "DUKCAPIL"), ("dpmptsp", "Wulan", "DPMPTSP"))
PIN = "271828"


@dataclass(frozen=True)
class Account:
    """A made-up person of the demo and how they sign in; `agency` is empty for the office that runs the MPP."""

    login: str
    phrase: str
    agency: str = ""
    pin: str = ""


@dataclass(frozen=True)
class Ports:
    stall: int
    stall_tls: int
    hq: int


@dataclass(frozen=True)
class Secrets:
    """What the demo shows on its first page, kept so that a reused folder can show it again."""

    recovery: str
    operator: Account
    officers: tuple[Account, ...]


@dataclass(frozen=True)
class House:
    """Both servers, running, with the link between them."""

    folder: Path
    stall: ChildServer
    hq: ChildServer
    link: CutLink
    secrets: Secrets
    address: str
    ports: Ports

    def ask_stall(self, *words: str) -> str:
        return ask("pasar", words, self.stall.environment)

    def stall_is_quiet(self) -> bool:
        """Whether `pasar sync` says that everything is acknowledged."""
        try:
            self.ask_stall("sync")
        except ChildFailed:
            return False
        return True

    def ask_hq(self, *words: str) -> str:
        return ask("mpp", words, self.hq.environment)


def usual_ports() -> Ports:
    """The documented ports where they are free, others where they are taken."""
    return Ports(*(port if is_free(port) else free_port() for port in (STALL_PORT, STALL_TLS_PORT, HQ_PORT)))


def free_ports() -> Ports:
    return Ports(free_port(), free_port(), free_port())


@contextmanager
def open_house(folder: Path, ports: Ports) -> Iterator[House]:
    """Make what is missing in `folder`, start both servers, stop them at the end. Raises ChildFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    address = (*lan_addresses(), "127.0.0.1")[0]
    hq_setting = {
        "MPP_DATA": str(folder / "mpp"),
        "MPP_HOST": "0.0.0.0",
        "MPP_PORT": str(ports.hq),
        "MPP_PUBLIC_URL": f"http://{address}:{ports.hq}",
    }
    with ExitStack() as stack:
        link = stack.enter_context(CutLink(("127.0.0.1", ports.hq)))
        stall_setting = {
            "PASAR_DATA": str(folder / "gerai"),
            "PASAR_HTTP_PORT": str(ports.stall),
            "PASAR_HTTPS_PORT": str(ports.stall_tls),
            "PASAR_HQ_URL": link.url,
            "PASAR_SYNC_MINUTES": "1",
        }
        secrets = read_secrets(folder)
        if secrets is None:
            prepare_hq(hq_setting)
        hq = stack.enter_context(ChildServer("mpp", ports.hq, hq_setting, folder / "mpp.log"))
        if secrets is None:
            secrets = furnish(hq_setting, stall_setting)
            keep_secrets(folder, secrets)
        stall = stack.enter_context(ChildServer("pasar", ports.stall, stall_setting, folder / "gerai.log"))
        yield House(folder, stall, hq, link, secrets, address, ports)
