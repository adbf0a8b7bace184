"""Knows how people speak of services: old names, slang, regional words, affixes, slips; refuses to know where services are.

Every text, of a service or of a person, becomes *terms*: plain Indonesian words of the catalogue and service codes.
The words are in `synonyms.csv`: what people say, and the terms it means. A row of kind `empty` means nothing, one of
kind `root` lists words as they are, so that affixes can be taken off down to them.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import combinations
from typing import NamedTuple

from layanan.service import catalogue

_LONGEST_PHRASE = 4
_CODE = re.compile(r"\b([a-z]{2,4})-([0-9]{2})\b")
_IS_CODE = re.compile(r"[a-z]{2,4}[0-9]{2}")
# Affixes of Indonesian, of its everyday form and of Javanese, with the sound a nasal prefix swallowed.
_PREFIXES = (
    ("meny", "s"), ("peny", "s"), ("meng", "k"), ("meng", ""), ("peng", "k"), ("peng", ""), ("mem", "p"), ("mem", ""),
    ("pem", "p"), ("pem", ""), ("men", "t"), ("men", ""), ("pen", "t"), ("pen", ""), ("per", ""), ("ber", ""),
    ("ter", ""), ("nge", ""), ("ng", "k"), ("ng", ""), ("ny", "s"), ("ny", "c"), ("me", ""), ("pe", ""), ("be", ""),
    ("di", ""), ("ke", ""), ("se", ""), ("n", "t"), ("n", ""), ("m", "p"), ("m", ""),
)  # fmt: skip
_SUFFIXES = ("kan", "nya", "ake", "kah", "lah", "pun", "ne", "no", "ku", "mu", "an", "in", "en", "i", "e")


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text in small plain letters; a service code counts as one word."""
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return re.findall(r"[a-z0-9]+", _CODE.sub(r"\1\2", text))


def _without_affixes(word: str) -> Iterator[str]:
    """Yield shorter forms of a word, fewest letters taken off first."""
    forms = {word}
    for _ in range(2):
        forms |= {swallowed + form[len(prefix) :] for form in forms for prefix, swallowed in _PREFIXES
                  if form.startswith(prefix)}  # fmt: skip
        forms |= {form[: -len(suffix)] for form in forms for suffix in _SUFFIXES if form.endswith(suffix)}
    return iter(sorted((form for form in forms if 3 <= len(form) < len(word) + 1), key=lambda form: (-len(form), form)))


def _slips(word: str, other: str, most: int) -> int:
    """Return the number of wrong, missing, extra or swapped letters between two words, or `most` + 1 if there are more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        older, before, row = before, row, [i]
        for j, other_letter in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == other_letter:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


@dataclass(frozen=True)
class Lexicon:
    """Words with their terms, phrases (sets of words in any order) with theirs, and words that mean nothing."""

    single: Mapping[str, tuple[str, ...]]
    same: Mapping[str, str]
    phrases: Mapping[frozenset[str], tuple[str, ...]]
    names: Mapping[frozenset[str], tuple[str, ...]]
    empty: frozenset[str]

    @cached_property
    def _letters(self) -> list[tuple[str, frozenset[str]]]:
        return [(word, frozenset(word)) for word in sorted(self.single) if len(word) > 3]

    def word(self, token: str) -> str | None:
        """Return the known word behind a token: itself, or itself without affixes; None for a stranger."""
        if token in self.single or token in self.empty:
            return token
        return next((form for form in _without_affixes(token) if form in self.single), None)

    def guesses(self, token: str) -> list[str]:
        """Return the known words a strange token may be meant for: begun, mistyped, or two written as one."""
        begun = [word for word in self.single if len(token) >= 3 and word.startswith(token)]
        return begun[:8] or self._mistyped(token) or self._joined(token)

    def _mistyped(self, token: str) -> list[str]:
        most = 0 if len(token) < 4 else 1 if len(token) < 7 else 2
        letters, best = frozenset(token), []
        for word, signs in self._letters if most else ():
            if abs(len(word) - len(token)) <= most and len(signs ^ letters) <= 2 * most:
                slips = _slips(token, word, most)
                if slips <= most:
                    best.append((slips, word[0] != token[0], word))
        return [word for *_, word in sorted(best)[:1]]

    def _joined(self, token: str) -> list[str]:
        for cut in range(2, len(token) - 1):
            pair = [self.word(token[:cut]), self.word(token[cut:])]
            if pair[0] and pair[1]:
                return [pair[0], pair[1]]
        return []

    def heads(self, text: str) -> dict[str, tuple[str, ...]]:
        """Return head and terms of each word of a text; a word that means nothing has no terms, a strange one guesses."""
        found: dict[str, tuple[str, ...]] = {}
        for token in tokens(text):
            word = self.word(token)
            for known in [word] if word else self.guesses(token):
                head = self.same.get(known, known)
                found[head] = _merged(self.single.get(known, ()), self.single.get(head, ()))
        return found

    def terms(self, text: str) -> list[str]:
        """Return the terms a text means: of its phrases, and of the words no phrase has used up."""
        units = self.heads(text)
        terms: list[str] = []
        for _ in range(3):
            matched = _matched(self.phrases, units)
            if not matched:
                break
            used = frozenset[str]().union(*matched)
            units = {head: means for head, means in units.items() if head not in used}
            for means in (self.phrases[phrase] for phrase in matched):
                terms.extend(means)
                units.setdefault(means[0], ())
        return list(dict.fromkeys(terms + [term for means in units.values() for term in means]))

    def described(self, text: str) -> list[str]:
        """Return what a service's own text can be found by: its words as they are, and what they mean."""
        heads = self.heads(text)
        terms = [term for means in heads.values() for term in means]
        terms += [term for phrase in _matched(self.names, heads) for term in self.names[phrase]]
        return [*dict.fromkeys(tokens(text) + [term for term in terms if not _IS_CODE.fullmatch(term)])]


def _matched(phrases: Mapping[frozenset[str], tuple[str, ...]], heads: Iterable[str]) -> list[frozenset[str]]:
    """Return the phrases among some words that are not part of a longer one among them."""
    matched: list[frozenset[str]] = []
    known = [head for head in heads if head]
    for size in range(min(_LONGEST_PHRASE, len(known)), 1, -1):
        for words in map(frozenset, combinations(known, size)):
            if words in phrases and not any(words < longer for longer in matched):
                matched.append(words)
    return matched


class _Row(NamedTuple):
    means: tuple[str, ...]
    says: tuple[str, ...]
    kind: str


@cache
def _table() -> tuple[_Row, ...]:
    with files(__package__).joinpath("synonyms.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            _Row(tuple(tokens(row["means"])), tuple(said.strip() for said in row["says"].split(";")), row["kind"])
            for row in csv.DictReader(lines)
        )


def _merged(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _singles() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return what each word written alone means, and the one word that stands for it inside phrases.

    Only a row without a code says that its words are the same; one with a code says what they are about.
    """
    single: dict[str, tuple[str, ...]] = {}
    same: dict[str, str] = {}
    for row in _table():
        for word in (words[0] for words in map(tokens, row.says) if len(words) == 1):
            single[word] = _merged(single.get(word, ()), row.means or (word,))
            if row.means and not any(map(_IS_CODE.fullmatch, row.means)):
                same.setdefault(word, row.means[0])
    for term in [term for row in _table() for term in row.means]:
        single.setdefault(term, (term,))
    return single, same


def _known(words: Lexicon) -> Lexicon:
    """Add the words of phrases, names and outputs, by their root where one is known, so that slips in them are mended."""
    single, same = dict(words.single), dict(words.same)
    texts = [said for row in _table() for said in row.says]
    texts += [f"{service.code.lower()} {service.name} {service.output}" for service in catalogue().services]
    words = Lexicon(single, same, {}, {}, words.empty)
    for token in sorted(
        {token for said in texts for token in tokens(said)} - words.empty, key=lambda word: (len(word), word)
    ):
        root = words.word(token)
        if root != token:
            single[token] = single[root] if root in single else (token,)
            same[token] = same.get(root, root) if root else token
    return words


@cache
def lexicon() -> Lexicon:
    """Return the words of `synonyms.csv` and of the catalogue's names; read at the first search."""
    empty = frozenset(token for row in _table() if row.kind == "empty" for said in row.says for token in tokens(said))
    single, same = _singles()
    words = _known(Lexicon({word: means for word, means in single.items() if word not in empty}, same, {}, {}, empty))
    phrases = _phrases(words, [row for row in _table() if row.means])
    names = _phrases(words, [row for row in _table() if row.kind == "short"])
    return Lexicon(words.single, words.same, phrases, names, empty)


def _phrases(words: Lexicon, rows: Iterable[_Row]) -> dict[frozenset[str], tuple[str, ...]]:
    phrases: dict[frozenset[str], tuple[str, ...]] = {}
    for row in rows:
        for heads in (frozenset(words.heads(said)) for said in row.says if len(tokens(said)) > 1):
            if len(heads) > 1:
                phrases[heads] = _merged(phrases.get(heads, ()), row.means)
    return phrases
