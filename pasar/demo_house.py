"""The demo's house: one folder with a stall and a headquarters enrolled to each other, and the link between them.

Knows the command lines of both and where the demo keeps its pass-phrases; refuses to know pages. Everything is made by
the same commands an office would type, so the demo shows nothing that a real start has not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pasar.cut_link import CutLink
from pasar.demo_children import ChildFailed, ChildServer, ask, free_port, is_free
from web_base.addresses import lan_addresses

STALL_NAME, STALL_PLACE = "Pasar Genteng", "Pasar Genteng Wetan, Banyuwangi"
STALL_PORT, STALL_TLS_PORT, HQ_PORT = 8080, 8443, 8090
OFFICERS = (("ratna", "Ratna", ""), ("dukcapil", "Agus", "DUKCAPIL"), ("dpmptsp", "Wulan", "DPMPTSP"))
PIN = "271828"
OPERATOR = "Budi"
KEPT = "demo.json"


@dataclass(frozen=True)
class Account:
    """A made-up person of the demo and how they sign in; `agency` is empty for the office that runs the MPP.

    `pin` is what a program chooses at the first sign-in; a person at the demo chooses another.
    """

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
        return ask("pasar", words, self.stall.setting)

    def stall_is_quiet(self) -> bool:
        """Whether `pasar sync` says that everything is acknowledged."""
        try:
            self.ask_stall("sync")
        except ChildFailed:
            return False
        return True

    def ask_hq(self, *words: str) -> str:
        return ask("mpp", words, self.hq.setting)


def usual_ports() -> Ports:
    """The documented ports where they are free, others where they are taken."""
    return Ports(*(port if is_free(port) else free_port() for port in (STALL_PORT, STALL_TLS_PORT, HQ_PORT)))


def free_ports() -> Ports:
    return Ports(free_port(), free_port(), free_port())


@contextmanager
def open_house(folder: Path, ports: Ports, database_url: str = "") -> Iterator[House]:
    """Make what is missing in `folder`, start both servers, stop them at the end. Raises ChildFailed.

    Headquarters keeps its rows in the folder too, or in the empty PostgreSQL database of `database_url`.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = (*lan_addresses(), "127.0.0.1")[0]
    with ExitStack() as stack:
        link = stack.enter_context(CutLink(("127.0.0.1", ports.hq)))
        hq_setting = {
            "MPP_DATA": str(folder / "mpp"),
            "MPP_DATABASE_URL": database_url,
            "MPP_HOST": "0.0.0.0",
            "MPP_PORT": str(ports.hq),
            "MPP_PUBLIC_URL": f"http://{address}:{ports.hq}",
        }
        stall_setting = {
            "PASAR_DATA": str(folder / "gerai"),
            "PASAR_HTTP_PORT": str(ports.stall),
            "PASAR_HTTPS_PORT": str(ports.stall_tls),
            "PASAR_HQ_URL": link.url,
            "PASAR_SYNC_MINUTES": "1",
        }
        secrets = read_secrets(folder)
        recovery = "" if secrets else prepare_hq(hq_setting)
        hq = stack.enter_context(ChildServer("mpp", ports.hq, hq_setting, folder / "mpp.log"))
        if secrets is None:
            secrets = furnish(hq_setting, stall_setting, recovery)
            keep_secrets(folder, secrets)
        stall = stack.enter_context(ChildServer("pasar", ports.stall, stall_setting, folder / "gerai.log"))
        yield House(folder, stall, hq, link, secrets, address, ports)


def prepare_hq(setting: Mapping[str, str]) -> str:
    """Keys, database and officers of an empty headquarters; returns the recovery phrase."""
    office = ("--name", "MPP Banyuwangi (contoh)", "--phone", "0333-000000", "--official-domain", "mpp.example")
    said = json.loads(ask("mpp", ("init", "--json", "--yes-i-wrote-it", *office), setting))
    return said["phrase"] or ""


def furnish(hq: Mapping[str, str], stall: Mapping[str, str], recovery: str) -> Secrets:
    """Officers, a stall enrolled through the running headquarters, and its operator."""
    officers = []
    for login, name, agency in OFFICERS:
        of_agency = ("--agency", agency) if agency else ()
        said = json.loads(ask("mpp", ("user", "add", login, "--name", name, *of_agency, "--json"), hq))
        officers.append(Account(login, said["passphrase"], agency))
    code = json.loads(ask("mpp", ("stall", "add", STALL_NAME, "--place", STALL_PLACE, "--label", "GTG", "--json"), hq))
    ask("pasar", ("init",), stall)
    ask("pasar", ("enroll", code["code"]), stall)
    budi = json.loads(ask("pasar", ("user", "add", OPERATOR, "--json"), stall))
    return Secrets(recovery, Account(OPERATOR, budi["passphrase"], pin=PIN), tuple(officers))


def read_secrets(folder: Path) -> Secrets | None:
    """The pass-phrases of a house that was furnished before; None for a new one."""
    path = folder / KEPT
    if not path.exists():
        return None
    kept = json.loads(path.read_text("utf-8"))
    officers = tuple(Account(**one) for one in kept["officers"])
    return Secrets(kept["recovery"], Account(**kept["operator"]), officers)


def keep_secrets(folder: Path, secrets: Secrets) -> None:
    """Only a demo keeps pass-phrases: everybody in it is invented."""
    handle = os.open(folder / KEPT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(secrets), file, indent=1)
