"""The stall's name on its network, asked by a real resolver over loopback; and a stall that does without.

Every call of the library is made in a thread of its own: it looks for an event loop in the caller's, and a browser's
driver leaves one there.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from zeroconf import AddressResolverIPv4, IPVersion, Zeroconf

from pasar.mdns import NAME, Announcement
from pasar.settings import read_config

SERVICE = "_https._tcp.local."


@pytest.fixture
def apart():
    """Runs a call in another thread and returns what it returns."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda call, *given, **named: thread.submit(call, *given, **named).result()


@pytest.fixture
def resolver(apart):
    opened = apart(Zeroconf, interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    yield opened
    apart(opened.close)


@pytest.fixture
def found(apart, resolver):
    """The addresses that the name has now."""

    def ask():
        asked = AddressResolverIPv4(f"{NAME}.")
        apart(asked.request, resolver, 5000)
        return set(asked.parsed_addresses())

    return ask


def wait_until(true):
    for _ in range(300):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it never came true")


def test_a_phone_finds_the_stall_by_name_and_again_after_it_moved(apart, resolver, found):
    here = ["192.168.8.1", "203.0.113.5"]
    said = Announcement(8443, lambda: here, through=["127.0.0.1"])
    apart(said.look)
    try:
        assert found() == {"192.168.8.1"}, "an address that no local network has is not told"
        service = apart(resolver.get_service_info, SERVICE, f"Gerai Pasar.{SERVICE}", timeout=5000)
        assert (service.server, service.port) == (f"{NAME}.", 8443)
        here[:] = ["10.0.0.7"]
        apart(said.look)
        wait_until(lambda: found() == {"10.0.0.7"})
    finally:
        apart(said.stop)


def test_the_thread_speaks_by_itself_and_takes_the_name_back(apart, found):
    said = Announcement(8443, lambda: ["192.168.8.1"], through=["127.0.0.1"])
    said.start()
    wait_until(lambda: found() == {"192.168.8.1"})
    apart(said.stop)
    wait_until(lambda: not found())


@pytest.mark.parametrize("through", [["192.0.2.77"], ["not an address"]])
def test_a_network_that_refuses_stops_nobody(through, caplog):
    tried = []

    def addresses():
        tried.append(1)
        return ["192.168.8.1"]

    said = Announcement(8443, addresses, through=through)
    said.start()
    wait_until(lambda: "pasar.local" in caplog.text)
    said.stop()
    assert tried


def test_no_network_is_nothing_to_say():
    said = Announcement(8443, list, through=["192.0.2.77"])
    said.look()
    said.stop()


def test_it_is_on_by_default_and_can_be_turned_off():
    assert read_config({}).mdns
    assert not read_config({"PASAR_MDNS": "0"}).mdns
