"""Text for a printer of unknown code page: only printable ASCII, and nobody's name becomes a question mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from layanan.latin import plain_latin


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Siti Aminah", "Siti Aminah"),
        ("S••• A•••", "S*** A***"),
        ("Raden Ajeng Séruni Łukasz Ørsted", "Raden Ajeng Seruni Lukasz Orsted"),
        ("“Sa’adah” – Straße…", "\"Sa'adah\" - Strasse..."),
        ("Rp30.000\u00a0· ½", "Rp30.000 . 1/2"),
        ("م•••", "Meem***"),
        ("Ж•••", "Zhe***"),
        ("ꦱ", "Sa"),
        ("KK lama\nbuku nikah", "KK lama\nbuku nikah"),
        ("a\u200b\u0000b", "ab"),
    ],
)
def test_what_a_sign_becomes(text, written):
    assert plain_latin(text) == written


@given(some.text())
def test_whatever_the_text_only_printable_ascii_comes_out_and_no_new_question_mark(text):
    written = plain_latin(text)
    assert all(" " <= sign <= "~" or sign == "\n" for sign in written)
    asked = sum(sign in "?？﹖︖⁇⁈⁉" for sign in text)
    assert written.count("?") <= 2 * asked
