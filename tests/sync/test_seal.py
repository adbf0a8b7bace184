"""Sealed at the stall, opened at headquarters, and by nobody else."""

from __future__ import annotations

import os
import threading

import pytest

from layanan.problems import Refused
from sync.keys import SealingKey, SigningKey, VerifyKey, fingerprint, verify_key
from sync.seal import CAPSULE_SIZE, OpenKey, ShiftKey, open_capsule, passphrase_key
from sync.words import normal, passphrase, words

HQ, DEVICE = "hq-genteng", "1122334455667788"
HERE = {"record": "r-1", "entry": "e-1", "part": "personal"}
OFFICE = SealingKey.new()


@pytest.fixture
def shift() -> ShiftKey:
    return ShiftKey.new(HQ, OFFICE.public, DEVICE)


@pytest.mark.clause("P9")
def test_headquarters_opens_what_the_stall_sealed(shift: ShiftKey) -> None:
    sealed = shift.seal(b"Siti Aminah", **HERE)
    assert len(shift.capsule) == CAPSULE_SIZE
    assert b"Siti" not in sealed
    opened = open_capsule(shift.capsule, OFFICE, HQ, DEVICE, shift.id)
    assert (opened.id, opened.open(sealed, **HERE), opened.mac(b"form")) == (
        shift.id,
        b"Siti Aminah",
        shift.mac(b"form"),
    )


@pytest.mark.clause("P9")
def test_a_capsule_opens_only_for_whom_it_was_made(shift: ShiftKey) -> None:
    attempts = [
        (shift.capsule, SealingKey.new(), HQ, DEVICE, shift.id),
        (shift.capsule, OFFICE, "another hq", DEVICE, shift.id),
        (shift.capsule, OFFICE, HQ, "8877665544332211", shift.id),
        (shift.capsule, OFFICE, HQ, DEVICE, "00" * 8),
        (shift.capsule[:-1], OFFICE, HQ, DEVICE, shift.id),
        (b"", OFFICE, HQ, DEVICE, shift.id),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match="sealed_unreadable"):
            open_capsule(*attempt)


@pytest.mark.clause("P12")
def test_a_sealed_part_cannot_be_moved_or_changed(shift: ShiftKey) -> None:
    sealed = shift.seal(b"Siti", **HERE)
    for elsewhere in ({"record": "r-2"}, {"entry": "e-2"}, {"part": "slip"}):
        with pytest.raises(Refused, match="sealed_unreadable"):
            shift.open(sealed, **(HERE | elsewhere))
    for damaged in (b"", sealed[:4], sealed[:-1], sealed + b"x", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(Refused, match="sealed_unreadable"):
            shift.open(damaged, **HERE)


@pytest.mark.clause("P10")
def test_no_counter_is_used_twice_whatever_the_threads_do(shift: ShiftKey) -> None:
    seen: list[bytes] = []

    def work() -> None:
        seen.extend(shift.seal(b"x", **HERE)[:4] for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 800


@pytest.mark.clause("P10")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_no_key(shift: ShiftKey) -> None:
    child = os.fork()
    if child == 0:
        refused = 0
        for use in (lambda: shift.seal(b"x", **HERE), lambda: shift.mac(b"x"), lambda: shift.open(b"x", **HERE)):
            try:
                use()
            except Refused as error:
                refused += error.code == "shift_key_gone"
        os._exit(0 if refused == 3 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shift.open(shift.seal(b"x", **HERE), **HERE) == b"x"


@pytest.mark.clause("P11")
def test_a_key_that_was_wrapped_opens_again_and_never_seals(shift: ShiftKey) -> None:
    _, kek = passphrase_key("sapu hujan lima pasar", b"0123456789abcdef")
    sealed, wrapped = shift.seal(b"Siti", **HERE), shift.wrap(kek)
    shift.wipe()
    opened = ShiftKey.unwrap(wrapped, kek, hq_id=HQ, device=DEVICE, key_id=shift.id)
    assert opened.open(sealed, **HERE) == b"Siti"
    assert type(opened) is OpenKey
    assert not hasattr(opened, "seal")
    with pytest.raises(Refused, match="shift_key_gone"):
        shift.seal(b"x", **HERE)


@pytest.mark.clause("P51")
def test_a_slip_comes_down_under_the_shifts_key(shift: ShiftKey) -> None:
    where = {"record": "r-1", "entry": "hq-entry"}
    office = open_capsule(shift.capsule, OFFICE, HQ, DEVICE, shift.id)
    one, two = (office.seal_slip(b"Siti", **where) for _ in range(2))
    assert one[:12] != two[:12]
    assert shift.open_slip(one, **where) == shift.open_slip(two, **where) == b"Siti"
    for damaged in (one[:-1], b"", one[12:]):
        with pytest.raises(Refused, match="sealed_unreadable"):
            shift.open_slip(damaged, **where)
    with pytest.raises(Refused, match="sealed_unreadable"):
        shift.open_slip(one, record="r-2", entry="hq-entry")
    with pytest.raises(Refused, match="sealed_unreadable"):
        shift.open(one, **where, part="slip")


@pytest.mark.clause("P13")
def test_another_pass_phrase_does_not_unwrap(shift: ShiftKey) -> None:
    _, kek = passphrase_key("sapu hujan lima pasar", b"0123456789abcdef")
    _, other = passphrase_key("sapu hujan enam pasar", b"0123456789abcdef")
    for wrapped, key, name in (
        (shift.wrap(kek), other, shift.id),
        (shift.wrap(kek), kek, "00" * 8),
        (b"", kek, shift.id),
    ):
        with pytest.raises(Refused, match="sealed_unreadable"):
            ShiftKey.unwrap(wrapped, key, hq_id=HQ, device=DEVICE, key_id=name)


@pytest.mark.clause("P13")
def test_a_pass_phrase_is_read_as_people_type_it() -> None:
    salt = b"0123456789abcdef"
    verifier, kek = passphrase_key("sapu hujan lima pasar", salt)
    assert passphrase_key("  Sapu-HUJAN  lima\tpasar ", salt) == (verifier, kek)
    assert verifier != kek
    assert passphrase_key("sapu hujan lima pasar", b"fedcba9876543210") != (verifier, kek)


def test_the_words_are_many_short_and_all_different() -> None:
    assert len(set(words())) == len(words()) >= 1_024
    assert all(word.isascii() and word.islower() and word.isalpha() and 3 <= len(word) <= 8 for word in words())
    picked = iter(["sapu", "hujan", "lima", "pasar"])
    assert passphrase(lambda choice: next(picked)) == "sapu hujan lima pasar"
    assert normal("Sapu  hujan") == "sapu hujan"


@pytest.mark.clause("P8")
def test_keys_have_names_and_come_back_from_their_bytes() -> None:
    key = SigningKey.new()
    assert SigningKey(bytes(key)).id == key.id == VerifyKey(bytes(key.public)).id
    assert SealingKey(bytes(OFFICE)).id == OFFICE.public.id
    assert len(key.id) == 16
    assert "SigningKey object" in repr(key)
    with pytest.raises(Refused, match="sync_malformed"):
        verify_key(b"short")


@pytest.mark.clause("P47")
def test_two_people_compare_the_same_fingerprint() -> None:
    one, two = SigningKey.new().public, OFFICE.public
    assert fingerprint(one, two) == fingerprint(bytes(two), bytes(one))
    assert fingerprint(one) != fingerprint(two)
    assert [len(group) for group in fingerprint(one, two).split("-")] == [4, 4, 4, 4]
