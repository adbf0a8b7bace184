"""A sync is under way when the stall is enrolled again or headquarters changes its keys: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mpp.db.trust import announce
from offline_db.identity import identity
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept
from offline_db.status_book import SqliteStatusBook
from offline_db.trust import present_trust, stall_keys
from sync.memory import MemoryLink
from sync.receive import HqKeys, receive
from sync.until_quiet import sync_until_quiet
from tests.mpp.cast import NOW, Headquarters
from tests.mpp.test_recovery import Pair
from tests.offline_db.desk import new_form


@pytest.fixture
def pair(office: Headquarters, tmp_path: Path) -> Pair:
    return Pair(office, tmp_path)


def enrolled_again(pair: Pair) -> None:
    pair.enrol()


def keys_changed(pair: Pair) -> None:
    pair.office.keys = pair.office.keys.rotated(signing=True, sealing=True)
    with pair.office.database.writing() as session:
        announce(session, pair.office.keys, NOW)


def old_key_retired(pair: Pair) -> None:
    before = pair.office.keys.signing.id
    keys_changed(pair)
    pair.office.keys = pair.office.keys.retiring(before)
    with pair.office.database.writing() as session:
        announce(session, pair.office.keys, NOW)


@pytest.mark.clause("P49", "P91")
@pytest.mark.parametrize("after_storing", [True, False])
@pytest.mark.parametrize("change", [enrolled_again, keys_changed, old_key_retired])
def test_what_changes_in_the_middle_of_a_sync_loses_nothing(
    pair: Pair, change: Callable[[Pair], None], after_storing: bool
) -> None:
    meanwhile = [change]

    def answer(frame: bytes) -> bytes:
        if meanwhile and not after_storing:
            meanwhile.pop()(pair)
        ring = pair.office.keys
        said = receive(frame, pair.office.inbox, HqKeys(ring.hq, ring.signing, ring.former), now=lambda: NOW)
        if meanwhile:
            meanwhile.pop()(pair)
        return said

    def sync() -> str | None:
        link = MemoryLink(answer)
        return sync_until_quiet(SqliteOutbox(), SqliteStatusBook(), link, stall_keys(), now=lambda: NOW).problem

    with pair.machine() as counter:
        for _ in range(3):
            accept(new_form(), counter.desk())
        sync()
        accept(new_form(), counter.desk())
        assert [sync(), sync()][-1] is None
        pair.equal()
        assert SqliteOutbox().pending(9, 10**6) == []
        assert present_trust().newest.id == pair.office.keys.signing.id
        assert identity().grant.epoch == (2 if change is enrolled_again else 1)
