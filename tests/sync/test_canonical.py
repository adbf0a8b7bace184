"""One value, one spelling: what is written is read again to the byte, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layanan.problems import Refused
from sync.canonical import MAX_DEPTH, MAX_INTEGER, decode, encode, spell, spelled

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
SCALAR = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
VALUE = st.recursive(
    SCALAR, lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXT, one, max_size=4), max_leaves=9
)


@pytest.mark.clause("P1")
@given(VALUE)
def test_every_value_has_one_spelling(value: Any) -> None:
    raw = encode(value)
    assert decode(raw) == value
    assert encode(decode(raw)) == raw


@pytest.mark.clause("P1")
def test_keys_stand_in_the_order_of_their_code_points() -> None:
    assert encode({"é": 1, "z": 2, "a": [True, None], "😀": 3, "\uffff": 4}) == (
        '{"a":[true,null],"z":2,"é":1,"\uffff":4,"😀":3}'.encode()
    )


def plainly(value: Any) -> bytes:
    """The spelling by the standard library: what every byte was hashed by before, and must be by."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.clause("P1")
@given(VALUE)
def test_the_spelling_is_that_of_the_standard_library(value: Any) -> None:
    assert encode(value) == plainly(value)


@pytest.mark.clause("P1")
@pytest.mark.parametrize("start", range(0, 0x110000, 0x10000))
def test_every_code_point_is_spelled_and_sorted_in_the_one_way(start: int) -> None:
    signs = [chr(point) for point in range(start, start + 0x10000) if point and not 0xD800 <= point < 0xE000]
    keyed = dict.fromkeys([*signs[::-7], "", "a", "\x7f", "\uffff"], 0)
    for value in ("".join(signs), keyed):
        assert encode(value) == plainly(value)
        assert decode(plainly(value)) == value


@pytest.mark.clause("P2")
@pytest.mark.parametrize("raw", [b"0.5", b"[1.5]", b'{"a":{"b":[0,1e300]}}', b"[-0.0]", b"[[],{},1.0]"])
def test_a_fraction_is_refused_wherever_it_stands(raw: bytes) -> None:
    with pytest.raises(Refused, match="sync_malformed"):
        decode(raw)


@pytest.mark.clause("P4")
def test_bytes_that_stand_in_a_larger_value_stay_as_they_are() -> None:
    raw = '{"é":["😀",1]}'.encode()
    assert spell({"b": [spelled(raw), None], "a": 1}) == b'{"a":1,"b":[' + raw + b",null]}"


@pytest.mark.clause("P2")
@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"b":1,"a":2}', b'{"a": 1}', b' {"a":1}', b'{"a":1}\n', b'{"a":1}x', b"",
        b"1.0", b"1e3", b"-0", b"01", b"NaN", b"Infinity", b"9007199254740992", b"1" * 5000, b'"\\u0000"', b'"\\ud800"',
        b'"\\u0041"', b'"\\/"', b'"\xff"', b"\xef\xbb\xbf1", b"[1,]", b"tru", b"[" * 100_000,
        b'{"a\\u0000":1}', b'"\t"',
    ],
)  # fmt: skip
def test_every_other_spelling_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match="sync_malformed"):
        decode(raw)


@pytest.mark.clause("P2")
def test_a_text_that_only_looks_like_nul_is_a_text() -> None:
    assert decode(encode("\\u0000")) == "\\u0000"


@pytest.mark.clause("P2")
def test_depth_has_an_end() -> None:
    nested: Any = 1
    for _ in range(MAX_DEPTH):
        nested = [nested]
    assert decode(encode(nested)) == nested
    with pytest.raises(Refused, match="sync_malformed"):
        encode([nested])
    with pytest.raises(Refused, match="sync_malformed"):
        decode(json.dumps([nested]).encode())


@pytest.mark.clause("P2")
@pytest.mark.parametrize("value", [1.5, {1: 2}, {"a": b"raw"}, "\ud800", "a\0b", {"\0": 1}, MAX_INTEGER + 1, {1, 2}])
def test_what_has_no_spelling_is_refused(value: Any) -> None:
    with pytest.raises(Refused, match="sync_malformed"):
        encode(value)


@pytest.mark.clause("P2")
@given(st.binary(max_size=40))
def test_bytes_of_strangers_are_read_whole_or_refused(raw: bytes) -> None:
    try:
        value = decode(raw)
    except Refused:
        return
    assert encode(value) == raw
