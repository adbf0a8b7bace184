"""The tongue of both apps: every sentence people read passes here, so that a catalogue of words can change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, has_app_context
from flask_babel import force_locale, gettext
from markupsafe import Markup, escape

from layanan.reading import INDONESIAN, reading


def _(sentence: str, **slots: object) -> str:
    """The sentence in the reader's language (Indonesian is the source), its %(slots)s filled."""
    if not has_app_context() or "babel" not in current_app.extensions:  # a command in a terminal
        return sentence % slots if slots else sentence
    return str(gettext(sentence, **slots))


@contextmanager
def document() -> Iterator[None]:
    """What is made within is a document: Indonesian, whatever the reader has chosen. Also a decorator."""
    with reading(INDONESIAN), force_locale(INDONESIAN):
        yield


def as_written(text: object) -> Markup:
    """Words that exist in Indonesian only (papers, laws, what an officer wrote), marked so for a screen reader."""
    return Markup('<span lang="id">{}</span>').format(escape(text)) if text else Markup("")
