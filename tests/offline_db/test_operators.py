"""Who may sign in: four words, six digits, five tries, and nothing that survives a reset."""

import pytest

from layanan.problems import Refused
from offline_db.operators import (
    add_operator,
    check_passphrase,
    check_pin,
    has_pin,
    operator_names,
    reset_operator,
    set_pin,
)
from offline_db.permohonan import accept, personal
from offline_db.shift import KeyRing
from tests.offline_db.desk import new_form


def refused(code, act, *given):
    with pytest.raises(Refused) as error:
        act(*given)
    assert error.value.code == code


def test_a_new_operator_has_four_words_and_chooses_a_pin(counter):
    phrase = add_operator("Dewi")
    assert len(phrase.split()) == 4
    assert operator_names() == ["Budi", "Dewi"]
    assert check_passphrase("Dewi", f"  {phrase.upper().replace(' ', '-')} ") == check_passphrase("Dewi", phrase)
    refused("passphrase_needed", check_pin, "Dewi", "123456")
    set_pin("Dewi", "271828")
    check_pin("Dewi", "271828")
    assert has_pin("Dewi") and not has_pin("Budi")


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_a_pin_is_six_plain_digits(counter, pin):
    refused("pin_format", set_pin, "Budi", pin)


def test_names_are_told_apart_and_unknown_ones_refused(counter):
    refused("operator_exists", add_operator, "Budi")
    refused("name_missing", add_operator, "  ")
    refused("operator_unknown", reset_operator, "Nobody")
    refused("passphrase_wrong", check_passphrase, "Nobody", "a b c d")
    refused("passphrase_wrong", check_passphrase, "Budi", "a b c d")


def test_five_wrong_pins_ask_for_the_pass_phrase_which_forgives(counter, path):
    set_pin("Budi", "271828")
    for _ in range(4):
        refused("pin_wrong", check_pin, "Budi", "000000")
    refused("pin_locked", check_pin, "Budi", "000000")
    refused("pin_locked", check_pin, "Budi", "271828")
    check_passphrase("Budi", path.with_suffix(".phrase").read_text())
    check_pin("Budi", "271828")
    for _ in range(4):
        refused("pin_wrong", check_pin, "Budi", "999999")
    check_pin("Budi", "271828")
    refused("pin_wrong", check_pin, "Budi", "999999")


def test_a_reset_shuts_out_the_old_phrase_the_pin_and_the_old_keys(counter, path):
    old = path.with_suffix(".phrase").read_text()
    stored = accept(new_form(), counter.desk())
    set_pin("Budi", "271828")
    new = reset_operator("Budi")
    refused("passphrase_wrong", check_passphrase, "Budi", old)
    refused("passphrase_needed", check_pin, "Budi", "271828")
    ring = KeyRing()
    ring.unlock("Budi", check_passphrase("Budi", new), counter.moment())
    assert personal(stored.record_id, ring.keys) is None


def test_a_second_operator_reads_what_the_first_took_today(counter):
    stored = accept(new_form(), counter.desk())
    kek = check_passphrase("Dewi", phrase) if (phrase := add_operator("Dewi")) else b""
    counter.ring.unlock("Dewi", kek, counter.moment())
    ring = KeyRing()
    ring.unlock("Dewi", kek, counter.moment())
    assert personal(stored.record_id, ring.keys).pemohon.name == "Siti Aminah"
    assert accept(new_form(), ring.desk("Dewi", counter.moment())).series == "GTG-261121-0002"
