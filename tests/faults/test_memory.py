"""An answer without end, a huge one and one that unpacks to fifty megabytes: the stall's process stays small."""

from __future__ import annotations

import os

import pytest

from tests.faults.conftest import Client
from tests.faults.faulty_proxy import FAULTS, HUGE, FaultyProxy
from tests.faults.test_faulty_proxy import begun

pytestmark = pytest.mark.faults
MORE = 12_000_000
"""Bytes above what the same command needs on a good link."""


def peak(client: Client, proxy: FaultyProxy) -> int:
    """Most bytes a `pasar sync` held at once, as the kernel counted."""
    sync = begun(client, proxy)
    assert sync.stdout is not None
    said = sync.stdout.read()
    _, status, used = os.wait4(sync.pid, 0)
    sync.returncode = os.waitstatus_to_exitcode(status)
    sync.stdout.close()
    assert "Traceback" not in said
    return used.ru_maxrss * 1024


@pytest.mark.parametrize("name", ["bomb", "huge", pytest.param("endless", marks=pytest.mark.full)])
def test_no_answer_can_fill_the_memory(client: Client, name: str) -> None:
    client.house.link.cut()
    with FaultyProxy(("127.0.0.1", client.house.ports.hq)) as proxy:
        usual = peak(client, proxy)
        proxy.always = FAULTS[name]
        met = peak(client, proxy)
        assert proxy.requests
    assert met < usual + MORE < usual + HUGE
