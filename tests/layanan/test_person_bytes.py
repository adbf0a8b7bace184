"""A personal part in few bytes gives the very part back, whatever a person is called."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layanan import phrases
from layanan.nik import NIK_ABSENT_REASONS, NikOverride
from layanan.person import RELATIONS, Person, PersonalPart
from layanan.person_bytes import FORM, packed, unpacked
from layanan.tables import lines

SITI = Person("Siti Aminah", "3510095708959901", None, "+6281234567890", "Jl. Hasanudin No. 12, Genteng Wetan")
TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=60)
PEOPLE = st.builds(
    Person,
    TEXTS.filter(bool),
    st.none() | st.from_regex(r"[0-9]{16}", fullmatch=True),
    st.none() | st.sampled_from(sorted(NIK_ABSENT_REASONS)),
    st.none() | st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    TEXTS,
    st.none() | st.sampled_from([str(one) for one in NikOverride]),
)
PARTS = st.builds(PersonalPart, PEOPLE, st.none() | PEOPLE, st.sampled_from(sorted(RELATIONS)), TEXTS)


@pytest.mark.clause("P84")
@settings(max_examples=150, deadline=None)
@given(PARTS)
def test_every_part_comes_back_as_its_fields_say(part: PersonalPart) -> None:
    assert unpacked(packed(part)) == PersonalPart.from_fields(part.to_fields())


def test_a_part_is_a_quarter_of_its_json() -> None:
    part = PersonalPart(SITI, None, "diri_sendiri", "Untuk keperluan sekolah anak")
    raw = packed(part)
    assert raw[0] == FORM
    assert len(raw) * 4 < len(json.dumps(part.to_fields()))


@pytest.mark.parametrize("text", ["SITI AMINAH", "siti aminah", "Siti Aminah", "İzmir ﬀ ß", "😀 Ω\nbaris", ""])
def test_letters_of_every_size_and_script(text: str) -> None:
    bits = phrases.packed(text)
    assert phrases.unpacked(bits, 0) == (text, len(bits))


def test_capitals_cost_no_more_than_usual_letters() -> None:
    assert len(phrases.packed("SITI AMINAH")) == len(phrases.packed("Siti Aminah"))


@pytest.mark.clause("P84")
def test_a_part_of_the_earlier_form_is_read() -> None:
    part = PersonalPart(SITI, None, "diri_sendiri", "")
    assert unpacked(json.dumps(part.to_fields()).encode()) == part


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_wrong_bytes_are_refused_in_one_way(raw: bytes) -> None:
    """Or they are a part."""
    try:
        part = unpacked(bytes((FORM,)) + raw)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return
    assert isinstance(part, PersonalPart)


def test_what_stands_in_sealed_parts_does_not_move() -> None:
    """The list may grow at its end; a change of these lines would garble what is sealed already."""
    first = "\n".join(lines("phrases")[:7474])
    assert (
        hashlib.sha256(first.encode()).hexdigest() == "386c60067921a547b82ff4120a9df5145663c3c59d3d29135a4f6723fbf1d856"
    )
