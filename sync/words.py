"""Knows the words pass-phrases are made of (short, common, easily typed Indonesian); refuses to know whose they are."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

WORDS_IN_A_PHRASE = 4


@cache
def words() -> tuple[str, ...]:
    """Return the list, alphabetical: at least 1,024 words, so four of them are at least 40 bits."""
    return tuple(files(__package__).joinpath("words.txt").read_text(encoding="ascii").split())


def passphrase(choose: Callable[[Sequence[str]], str]) -> str:
    """Return a new pass-phrase, `sapu hujan lima pasar`; `choose` picks by chance (`secrets.choice`)."""
    return " ".join(choose(words()) for _ in range(WORDS_IN_A_PHRASE))


def normal(phrase: str) -> str:
    """Return a typed pass-phrase as it is compared: small letters, one blank between words, hyphens as blanks."""
    return " ".join(phrase.casefold().replace("-", " ").split())
