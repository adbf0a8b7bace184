"""The tongue of both apps: every sentence people read passes here, so that a catalogue of words can change it."""

from __future__ import annotations

from flask_babel import gettext


def _(sentence: str, **slots: object) -> str:
    """The sentence in the reader's language (Indonesian is the source), its %(slots)s filled."""
    return str(gettext(sentence, **slots))
