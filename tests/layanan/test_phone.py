"""Phone numbers as people say and type them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.phone import read_phone
from tests.layanan.vectors import vectors

KINDS = {"mobile", "landline", "service", "foreign", "empty", "bad"}


@pytest.mark.parametrize("row", vectors("phone_vectors"), ids=lambda row: row["note"])
def test_vector(row):
    kind = "mobile" if row["expect"] == "ok" else row["expect"]
    assert read_phone(row["input"]) == (kind, row["e164"] or None)


@pytest.mark.parametrize(
    "typed, kind, e164",
    [
        ("+62 812-3456-7890", "mobile", "+6281234567890"),
        ("+62 0812 3456 7890", "mobile", "+6281234567890"),
        ("0062 812 3456 7890", "mobile", "+6281234567890"),
        ("81234567890", "mobile", "+6281234567890"),
        ("+60 12-345 6789", "foreign", "+60123456789"),
        ("+852 5123 4567", "foreign", "+85251234567"),
        ("+1", "bad", None),
        ("421234", "bad", None),
        ("1500750", "service", None),
        ("٠٨١٢٣٤٥٦٧٨٩", "bad", None),
        ("-", "bad", None),
        ("9" * 400, "bad", None),
    ],
)
def test_other_ways_to_write(typed, kind, e164):
    assert read_phone(typed) == (kind, e164)


@given(st.text(max_size=30) | st.from_regex(r"\+?[0-9 ()./-]{0,25}", fullmatch=True))
def test_any_text_gets_a_kind(text):
    reading = read_phone(text)
    assert reading.kind in KINDS
    assert (reading.e164 is not None) == (reading.kind in {"mobile", "landline", "foreign"})


@given(st.from_regex(r"08[0-9]{8,11}", fullmatch=True))
def test_every_mobile_reads_back_from_its_e164(text):
    reading = read_phone(text)
    assert reading.kind == "mobile" and reading.e164 is not None
    assert read_phone(reading.e164) == reading


def test_a_mobile_number_does_not_load_the_library():
    program = "import sys, layanan.phone as p; p.read_phone('0812345678'); print('phonenumbers' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
