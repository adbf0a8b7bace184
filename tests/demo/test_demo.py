"""The demo as a newcomer meets it: one command, a table, words that cut the link, a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from pasar.demo import obey, welcome
from pasar.demo_children import is_free
from pasar.demo_house import House, free_ports, open_house, read_secrets
from web_base.addresses import lan_addresses


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("demo"), free_ports()) as house:
        yield house


def told(house: House, *words: str) -> list[str]:
    heard: list[str] = []
    obey(house, [f"{word}\n" for word in words], heard.append)
    return heard


def test_the_table_has_every_door_and_every_pass_phrase(house: House) -> None:
    text = welcome(house)
    for account in (house.secrets.operator, *house.secrets.officers):
        assert account.phrase in text
    assert f"http://localhost:{house.ports.stall}/" in text
    assert f"https://{house.address}:{house.ports.stall_tls}/" in text


def test_the_address_in_the_qr_is_one_a_phone_beside_it_can_open(house: House) -> None:
    address = (*lan_addresses(), "127.0.0.1")[0]
    granted = requests.get(f"http://{address}:{house.ports.hq}/c", timeout=10)
    assert granted.ok
    assert f"http://{address}:{house.ports.hq}/c" in welcome(house)


def test_words_cut_and_join_the_link(house: House) -> None:
    _, failed, joined, sent = told(house, "putus", "kirim", "sambung", "kirim", "selesai", "putus")
    assert "MPP" in failed and "dikonfirmasi" not in failed
    assert "kembali" in joined
    assert sent.startswith("Semua dikonfirmasi MPP")
    assert house.link.joined


def test_status_and_an_unknown_word_explain_themselves(house: House) -> None:
    state, unknown = told(house, "status", "apa?")
    assert "Sinyal tersambung" in state and "dikonfirmasi" in state
    assert "putus" in unknown and "selesai" in unknown


def test_a_house_that_exists_is_used_again(house: House) -> None:
    assert read_secrets(house.folder) == house.secrets


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_ends_cleanly_and_leaves_no_server(house: House, tmp_path: Path, ending: signal.Signals) -> None:
    """The same folder again, as its own group of processes; afterwards none of it is left and nothing complains."""
    house.stall.stop()
    house.hq.stop()
    output = tmp_path / "demo.log"
    with output.open("wb") as log:
        demo = subprocess.Popen(
            [sys.executable, "-m", "pasar", "demo", "--data", str(house.folder)], stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"}, start_new_session=True,
        )  # fmt: skip
    try:
        assert not any(is_free(port) for port in ports_told(output, demo))
        demo.send_signal(ending)
        assert demo.wait(40) == 0, output.read_text("utf-8")
        with pytest.raises(ProcessLookupError):
            os.killpg(demo.pid, 0)
    finally:
        demo.kill()
    assert "Traceback" not in output.read_text("utf-8")


def ports_told(output: Path, demo: subprocess.Popen[bytes]) -> list[int]:
    """The ports of the counter and of headquarters, as soon as the table is printed."""
    for _ in range(600):
        lines = output.read_text("utf-8").splitlines()
        found = [line for line in lines if line.startswith(("Loket gerai", "Meja MPP"))]
        if len(found) == 2:
            return [int(line.split("localhost:")[1].split("/")[0]) for line in found]
        assert demo.poll() is None, output.read_text("utf-8")
        time.sleep(0.1)
    raise AssertionError("the demo never told its addresses")


def test_the_journey_refuses_a_folder_that_is_in_use(tmp_path: Path) -> None:
    (tmp_path / "sesuatu").write_text(json.dumps({}))
    answer = subprocess.run(
        [sys.executable, "-m", "pasar", "demo", "--journey", "1", "--data", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (answer.returncode, "folder kosong" in answer.stderr) == (64, True)
