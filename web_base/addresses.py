"""The addresses by which other devices on the local network reach this machine. Knows sockets; sends no packet."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import sys

PROBES = ("10.255.255.255", "172.31.255.255", "192.168.255.255", "203.0.113.1")
SIOCGIFADDR = 0x8915


def lan_addresses() -> tuple[str, ...]:
    """IPv4 addresses of this machine except loopback, sorted; empty when it has no network."""
    found = {*_by_name(), *_by_route(), *_by_interface()}
    real = (ipaddress.IPv4Address(text) for text in found)
    return tuple(str(each) for each in sorted(real) if not each.is_loopback and not each.is_unspecified)


def _by_name() -> set[str]:
    with contextlib.suppress(OSError):
        return {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return set()


def _by_route() -> set[str]:
    found = set()
    for probe in PROBES:
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((probe, 9))
            found.add(str(sock.getsockname()[0]))
    return found


if sys.platform == "linux":
    import fcntl

    def _by_interface() -> set[str]:
        # A stall that is its own access point has no route outwards; only the interface knows its address.
        found = set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for _, name in socket.if_nameindex():
                with contextlib.suppress(OSError):
                    answer = fcntl.ioctl(sock.fileno(), SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                    found.add(socket.inet_ntoa(answer[20:24]))
        return found
else:

    def _by_interface() -> set[str]:
        return set()
