"""Which door a page may be asked through. Knows addresses and schemes; refuses to know users and pages.

A counter page shows personal data: over plain http it may only travel inside the machine itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection

from flask import Flask, request

from layanan.problems import Refused

LOCAL_NAMES = frozenset({"localhost", "pasar.home.arpa", "pasar.local"})


def host_of(netloc: str) -> str:
    """Host name of `name:port` or `[v6]:port`, lower case, without brackets or a final dot."""
    if netloc.startswith("["):
        return netloc[1:].partition("]")[0].lower()
    return netloc.partition(":")[0].rstrip(".").lower()


def is_private_address(host: str) -> bool:
    """True for a literal address of this machine or of a local network (RFC 1918, RFC 4193, link-local)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private or address.is_loopback or address.is_link_local


def is_loopback(address: str | None) -> bool:
    """True when the other end of the connection is this very machine."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def init_trusted_hosts(app: Flask, names: Collection[str]) -> None:
    """Refuse a Host that is neither one of `names`, a name of the stall, nor a local address: a page elsewhere
    could otherwise point its own name at this machine and read the counter (DNS rebinding)."""
    known = LOCAL_NAMES | {name.lower() for name in names}

    @app.before_request
    def check_host() -> None:
        host = host_of(request.host)
        if host not in known and not is_private_address(host):
            raise Refused("host_unknown")


def require_private_transport(public_endpoints: Collection[str]) -> Callable[[], None]:
    """A `before_request` that lets every endpoint but the public ones through only on https or on this machine.

    Register it with `app.before_request(require_private_transport({"status.page", "static", ...}))`; raises
    Refused("not_https"). Unknown addresses (no endpoint) pass, they become a plain 404.
    """
    public = frozenset(public_endpoints)

    def guard() -> None:
        if request.endpoint is None or request.endpoint in public or request.is_secure:
            return
        on_this_machine = is_loopback(request.remote_addr) and is_local_host(host_of(request.host))
        if not on_this_machine:
            raise Refused("not_https")

    return guard


def is_local_host(host: str) -> bool:
    """True when a browser treats http on this host as private (secure context): localhost and loopback addresses."""
    return host == "localhost" or host.endswith(".localhost") or is_loopback(host)
