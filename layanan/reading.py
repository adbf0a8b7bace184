"""Knows in which language what is said now will be read; refuses to know who chose it, and how.

The tables of this package hold both languages beside each other. Indonesian unless somebody chose English here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

INDONESIAN, ENGLISH = "id", "en"
_language = ContextVar("language", default=INDONESIAN)


def language() -> str:
    """Return the code of the language read now, in this thread."""
    return _language.get()


def read_in(code: str) -> None:
    """Let everything said from now on in this thread be read in this language."""
    _language.set(code)


@contextmanager
def reading(code: str) -> Iterator[None]:
    """Within the block (or the function it decorates) this language is read."""
    before = _language.set(code)
    try:
        yield
    finally:
        _language.reset(before)


def said(indonesian: str, english: str) -> str:
    """Return the English words for a reader of English where there are any, else the Indonesian."""
    return english if english and language() == ENGLISH else indonesian
