"""Knows how `synonyms.csv` and the catalogue's names become a lexicon; refuses to know language beyond the table.

A row: the terms that are meant, what people say for them, and its kind. Without a service code its words are the same
word; with one they are a topic. Kind `empty` means nothing, `root` lists words affixes are taken off down to, `short`
is also read in the catalogue's own text.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from layanan.service import catalogue
from offline_db.words import Lexicon, Phrases, Terms, is_code, merged, tokens


class Row(NamedTuple):
    """One row of the table, each saying as its words."""

    means: Terms
    says: tuple[list[str], ...]
    kind: str


def source() -> bytes:
    """Return the table as it is written, to tell one version from another."""
    return files(__package__).joinpath("synonyms.csv").read_bytes()


@cache
def rows() -> tuple[Row, ...]:
    """Return the table, read once."""
    lines = csv.DictReader(source().decode().splitlines())
    return tuple(
        Row(tuple(tokens(line["means"])), tuple(map(tokens, line["says"].split(";"))), line["kind"]) for line in lines
    )


@cache
def lexicon() -> Lexicon:
    """Return the words of the table and of the catalogue's names; made at the first search."""
    empty = frozenset(word for row in rows() if row.kind == "empty" for said in row.says for word in said)
    words = _with_every_word(_single_words(empty))
    phrases = _phrases(words, [row for row in rows() if row.means])
    names = _phrases(words, [row for row in rows() if row.kind == "short"])
    return Lexicon(words.single, words.same, phrases, names, empty)


def _single_words(empty: frozenset[str]) -> Lexicon:
    single: dict[str, Terms] = {}
    same: dict[str, str] = {}
    for row in rows():
        for word in (said[0] for said in row.says if len(said) == 1 and said[0] not in empty):
            single[word] = merged(single.get(word, ()), row.means or (word,))
            if row.means and not any(map(is_code, row.means)):
                same.setdefault(word, row.means[0])
        for term in row.means:
            single.setdefault(term, (term,))
    return Lexicon(single, same, Phrases({}), Phrases({}), empty)


def _with_every_word(words: Lexicon) -> Lexicon:
    """Add the words of phrases, names and outputs, by their root where one is known, so that slips are mended."""
    single, same = dict(words.single), dict(words.same)
    words = Lexicon(single, same, Phrases({}), Phrases({}), words.empty)
    written = {word for row in rows() for said in row.says for word in said}
    for service in catalogue().services:
        written.update(tokens(f"{service.code} {service.name} {service.output}"))
    for word in sorted(written - words.empty, key=lambda word: (len(word), word)):
        root = words.word(word)
        if root != word:
            single[word] = single.get(root, (word,)) if root else (word,)
            same[word] = same.get(root, root) if root else word
    return words


def _phrases(words: Lexicon, rows: Iterable[Row]) -> Phrases:
    phrases: dict[frozenset[str], Terms] = {}
    for row in rows:
        for heads in (frozenset(words.heads(said)) for said in row.says if len(said) > 1):
            if len(heads) > 1:
                phrases[heads] = merged(phrases.get(heads, ()), row.means)
    return Phrases(phrases)
