"""Knows how people speak of services: old names, slang, regional words, affixes, slips; refuses to rank.

Every text, of a service or of a person, becomes *terms*: plain Indonesian words of the catalogue and service codes.
Inside phrases each word is stood for by its *head*, so that one phrase covers all spellings of its words.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

Terms = tuple[str, ...]
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
    text = text.casefold()
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.findall(r"[a-z0-9]+", _CODE.sub(r"\1\2", text))


def is_code(term: str) -> bool:
    """Whether a term is a service's code, as `tokens` writes it."""
    return _IS_CODE.fullmatch(term) is not None


def merged(old: Iterable[str], new: Iterable[str]) -> Terms:
    """Return both without repeats, the old ones first."""
    return tuple(dict.fromkeys((*old, *new)))


def _without_affixes(word: str) -> Iterator[str]:
    """Yield shorter forms of a word, fewest letters taken off first."""
    forms = {word}
    for _ in range(2):
        forms |= {swallowed + form[len(prefix) :] for form in forms for prefix, swallowed in _PREFIXES
                  if form.startswith(prefix)}  # fmt: skip
        forms |= {form[: -len(suffix)] for form in forms for suffix in _SUFFIXES if form.endswith(suffix)}
    return iter(sorted((form for form in forms if len(form) >= 3), key=lambda form: (-len(form), form)))


def _letters(word: str) -> int:
    """Return the set of a word's letters as bits: two words that differ much there need not be compared."""
    bits = 0
    for sign in word:
        bits |= 1 << (ord(sign) - 48)
    return bits


def _slips(word: str, other: str, most: int) -> int:
    """Return how many letters are wrong, missing, extra or swapped between two words; `most` + 1 when more."""
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
class Phrases:
    """Sets of heads, in any order, with the terms they mean together."""

    means: Mapping[frozenset[str], Terms]

    @cached_property
    def _by_first(self) -> Mapping[str, list[frozenset[str]]]:
        index: dict[str, list[frozenset[str]]] = {}
        for phrase in self.means:
            index.setdefault(min(phrase), []).append(phrase)
        return index

    def among(self, heads: Collection[str]) -> list[frozenset[str]]:
        """Return the phrases made of some heads, longest first, without those that are part of a longer one."""
        found = [phrase for head in heads for phrase in self._by_first.get(head, ()) if phrase.issubset(heads)]
        found.sort(key=lambda phrase: (-len(phrase), sorted(phrase)))
        return [phrase for phrase in found if not any(phrase < longer for longer in found)]


@dataclass(frozen=True)
class Lexicon:
    """What single words mean and their heads; phrases, as sets of heads in any order; words that mean nothing.

    `names` are the phrases a service's own text is read by: ways to write a thing, not wishes about it.
    """

    single: Mapping[str, Terms]
    same: Mapping[str, str]
    phrases: Phrases
    names: Phrases
    empty: frozenset[str]

    @cached_property
    def _by_length(self) -> Mapping[int, list[tuple[str, int]]]:
        index: dict[int, list[tuple[str, int]]] = {}
        for word in sorted(self.single):
            index.setdefault(len(word), []).append((word, _letters(word)))
        return index

    def word(self, token: str) -> str | None:
        """Return the known word behind a token: itself, or itself without affixes; None for a stranger."""
        if token in self.single or token in self.empty:
            return token
        return next((form for form in _without_affixes(token) if form in self.single or form in self.empty), None)

    def guesses(self, token: str, is_last: bool) -> list[str]:
        """Return the known words a strange token may stand for: mistyped, two in one, or still being typed."""
        begun = [word for word in self.single if is_last and len(token) >= 3 and word.startswith(token)]
        return self._mistyped(token) or self._joined(token) or begun[:8]

    def _mistyped(self, token: str) -> list[str]:
        most = 0 if len(token) < 4 else 1 if len(token) < 7 else 2
        letters = _letters(token)
        near = (pair for length in range(len(token) - most, len(token) + most + 1)
                for pair in self._by_length.get(length, ()) if most)  # fmt: skip
        close = [word for word, signs in near if (signs ^ letters).bit_count() <= 2 * most]
        slips = sorted((_slips(token, word, most), word[0] != token[0], word) for word in close)
        return [word for count, _, word in slips[:1] if count <= most]

    def _joined(self, token: str) -> list[str]:
        for cut in range(2, len(token) - 1):
            pair = [self.word(token[:cut]), self.word(token[cut:])]
            if pair[0] and pair[1]:
                return [pair[0], pair[1]]
        return []

    def heads(self, written: list[str], *, guessing: bool = False) -> dict[str, Terms]:
        """Return head and terms of each word: none for an empty or a strange word, unless `guessing` mends that one."""
        found: dict[str, Terms] = {}
        for token in written:
            word = self.word(token)
            guesses = self.guesses(token, token == written[-1]) if guessing and word is None else []
            for known in [word] if word else guesses:
                head = self.same.get(known, known)
                found[head] = merged(self.single.get(known, ()), self.single.get(head, ()))
        return found

    def terms(self, text: str) -> list[str]:
        """Return the terms a text means: of its phrases, and of the words no phrase has used up."""
        units = self.heads(tokens(text), guessing=True)
        terms: list[str] = []
        for _ in range(3):
            matched = self.phrases.among(units)
            if not matched:
                break
            used = frozenset[str]().union(*matched)
            units = {head: means for head, means in units.items() if head not in used}
            for means in (self.phrases.means[phrase] for phrase in matched):
                terms.extend(means)
                units.setdefault(means[0], self.single.get(means[0], ()) if len(means) == 1 else ())
        return list(dict.fromkeys(terms + [term for means in units.values() for term in means]))

    def described(self, text: str) -> list[str]:
        """Return what a service's own text can be found by: its words as they are, and what they mean."""
        heads = self.heads(tokens(text))
        terms = [term for means in heads.values() for term in means]
        terms += [term for phrase in self.names.among(heads) for term in self.names.means[phrase]]
        return [*dict.fromkeys(tokens(text) + [term for term in terms if not is_code(term)])]
