"""Headquarters' keys change while its server runs and stalls sync: everybody goes on, and nothing is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mpp.keys import load_keys, save_keys, wrapped
from offline_db import open_stall
from offline_db.trust import present_trust
from pasar.demo_children import ask
from tests.faults.act import HQ, STALL, headquarters, save
from tests.faults.market import judged, morning

PHRASE = "halus asap wajan rancang anak tepuk nasib lurik cempaka negeri hormat sambung"


def change(folder: Path, *words: str) -> None:
    ask("mpp", ("keys", *words), {"MPP_DATA": str(folder / HQ)}, PHRASE + "\n")


@pytest.mark.clause("P91")
def test_the_running_server_signs_with_the_new_key_and_a_sync_under_way_takes_it(tmp_path: Path) -> None:
    folder = morning(tmp_path)
    first = load_keys(folder / HQ)
    save_keys(folder / HQ, first, wrapped(first, PHRASE))
    with headquarters(folder) as address:
        setting = {"PASAR_DATA": str(folder / "gerai"), "PASAR_HQ_URL": address}
        save(folder, 6)
        rotating = threading.Thread(target=change, args=(folder, "rotate"))
        rotating.start()
        ask("pasar", ("sync",), setting)
        rotating.join()
        save(folder, 2)
        ask("pasar", ("sync",), setting)
        change(folder, "retire", first.signing.id)
        save(folder, 2)
        ask("pasar", ("sync",), setting)
        ask("pasar", ("sync",), setting)
        with open_stall(folder / STALL):
            assert list(present_trust().accepted()) == [load_keys(folder / HQ).signing.id]
        assert first.signing.id != load_keys(folder / HQ).signing.id
    assert list(judged(folder).differences) == []
