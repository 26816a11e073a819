"""Words of a question that the index does not have, put right: misspelled words and names, and shorthand."""

import json
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from os.path import commonprefix
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retriever.stems import SURE_STEM
from retriever.terms import STOP_WORDS, terms
from retriever.vocabulary import MARK, concepts
from retriever.weights import BUNDLED_MODEL, find_model

# What stands before the stem is the name.
_DRUG_STEM = re.compile(rf"{SURE_STEM}s?$")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_YEAR = re.compile(r"([A-Za-z]{2,})((?:19|20)\d\d)")
_ENDING_SENTENCE = re.compile(r"(?:^|[.!?:]\s*[\"“(]?)$")
# Spellings that sound alike; each is written the same way before words are compared.
_SOUNDS = (("ph", "f"), ("cks", "x"), ("ks", "x"), ("ck", "k"), ("ch", "k"), ("c", "k"), ("y", "i"), ("ae", "e"))
_SHORTEST, _LONGER = 5, 8
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ly")
_CLEARLY = 8  # how many times as frequent a candidate has to be to win over others as near


class Known(Protocol):
    """The terms of an index."""

    def knows(self, term: str) -> bool:
        """Whether the index has a term."""


@dataclass(frozen=True, slots=True)
class Change:
    """A word of a question as written, and what was searched for instead."""

    written: str
    searched: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A question to search for; equal to the one asked where there are no changes."""

    text: str
    changes: tuple[Change, ...] = ()


def corrected(question: str, lexical: Known) -> Corrected:
    """Replace words that no text of the index has by the one known word near them.

    A word of five letters may differ by one edit (a letter more, less, other, or two swapped), one of eight by two;
    it has to begin with the same sound. A drug's name has to be as near without its international stem, so that an
    invented name does not become a real one; a capitalised word within a sentence can become a name only. Where
    several words are as near, nothing is changed unless one is far more frequent. Shorthand is spelled out, and a
    brand that the index never writes becomes the drug: the embedder knows few brands.
    """
    changes: list[Change] = []

    def put_right(match: re.Match[str]) -> str:
        word = match[0]
        now = _spelled_out(word, lexical) or _respelled(question, match, lexical)
        if not now:
            return word
        changes.append(Change(word, now))
        return now

    text = _WORD.sub(put_right, question)
    return Corrected(text, tuple(dict.fromkeys(changes)))


def unknown(word: str, lexical: Known) -> bool:
    """Whether the index has neither a word nor its concept, in any of its forms."""
    found = terms(word)
    return bool(found) and not any(lexical.knows(term) for term in found)


def _spelled_out(word: str, lexical: Known) -> str | None:
    if not unknown(word, lexical):
        drug = _drugs().get(word.casefold())
        unwritten = not any(lexical.knows(term) for term in terms(word) if not term.startswith(MARK))
        return drug if drug and unwritten and lexical.knows(terms(drug)[0]) else None
    cased, any_case = _shorthand()
    long = cased.get(word) or any_case.get(word.casefold())
    if long is None and (dated := _YEAR.fullmatch(word)):
        long = " ".join(dated.groups())
    known = long and all(lexical.knows(term) for term in terms(long)[:1])
    return long if known else None


def _respelled(question: str, match: re.Match[str], lexical: Known) -> str | None:
    word = match[0]
    plain = word.casefold()
    if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()) or word[1:] != word[1:].lower():
        return None
    if plain in STOP_WORDS or ordinary(word) or not unknown(word, lexical):
        return None
    name_only = word[0].isupper() and not _ENDING_SENTENCE.search(question[: match.start()].rstrip())
    found = [near for near in _near(plain, name_only) if not unknown(near[1], lexical)]
    if not found:
        return None
    closest = min(distance for distance, _ in found)
    best = sorted((near for distance, near in found if distance == closest), key=lambda w: (-_counts()[w], w))
    # Forms of one word are one candidate.
    others = [near for near in best[1:] if set(terms(near)).isdisjoint(terms(best[0]))]
    clear = all(_counts()[best[0]] >= _CLEARLY * max(_counts()[near], 1) for near in others)
    return best[0] if clear else None


def _near(word: str, name_only: bool) -> list[tuple[int, str]]:
    """(distance, word) of the known words near a word."""
    sound = _sound(word)
    bucket = _buckets().get(sound[0])
    if bucket is None:
        return []
    allowed = 2 if len(word) >= _LONGER and not name_only else 1
    # Letters that differ: two for a replacement; a quick bound before words are compared letter by letter.
    likely = np.abs(bucket.letters - _letters(sound)).sum(axis=1) <= 2 * allowed
    found = []
    for place in np.flatnonzero(likely):
        other = bucket.words[place]
        if name_only and other not in _names():
            continue
        distance = _apart(word, other, sound, bucket.sounds[place])
        if distance <= allowed and _names_near(word, other) and not _other_form(word, other, distance):
            found.append((distance, other))
    return found


def _apart(word: str, other: str, sound: str, other_sound: str) -> int:
    """Edits between two words, or between their sounds where these are one nearer than the words may be."""
    heard = edits(sound, other_sound)
    return min(edits(word, other), heard + (heard > 0))


def _other_form(word: str, other: str, distance: int) -> bool:
    """Whether two words begin alike and end otherwise, as fibrosis and fibrotic, creatine and creatinine do."""
    shared = len(commonprefix((word, other)))
    return distance > 1 and shared >= _SHORTEST


def _names_near(word: str, other: str) -> bool:
    """Whether a drug's name is near without its stem too; any other pair is."""
    stem = _DRUG_STEM.search(other) if other in _names() else None
    mine = _DRUG_STEM.search(word)
    if stem is None or mine is None:
        # An invented name without the stem of the real one, or the other way round, is another name.
        return mine is None or other not in _names()
    one, two = word[: mine.start()], other[: stem.start()]
    shared = min(mine[0], stem[0], key=len)
    if word.endswith(shared) and other.endswith(shared):
        one, two = word.removesuffix(shared), other.removesuffix(shared)
    return edits(one, two) <= (2 if len(one) >= _LONGER else 1 if len(one) > 3 else 0)


def edits(one: str, other: str) -> int:
    """The fewest letters to put in, take out, replace or swap with the next one, to make one word of the other.

    Source: optimal string alignment, Damerau 1964, doi:10.1145/363958.363994.
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            least = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, above = above, row
    return above[-1]


def ordinary(word: str) -> bool:
    """Whether a word is English, in any case: one of the bundled model's vocabulary, or a form of one."""
    word = word.casefold()
    if word in _english():
        return True
    return any(word.endswith(ending) and word.removesuffix(ending) in _english() for ending in _ENDINGS)


def _sound(word: str) -> str:
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", word)


def _letters(word: str) -> NDArray[np.int8]:
    """How often each letter stands in a word, shape (26,)."""
    return np.bincount([min(ord(letter) - 97, 25) for letter in word], minlength=26).astype(np.int8)


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Words whose sounds begin with the same letter; `letters` counts those of the sounds, shape (n_words, 26)."""

    words: tuple[str, ...]
    sounds: tuple[str, ...]
    letters: NDArray[np.int8]


@cache
def _buckets() -> dict[str, _Bucket]:
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(_counts()):
        by_first[_sound(word)[0]].append(word)
    made = {}
    for first, words in by_first.items():
        sounds = tuple(_sound(word) for word in words)
        made[first] = _Bucket(tuple(words), sounds, np.stack([_letters(sound) for sound in sounds]))
    return made


@cache
def _counts() -> Counter[str]:
    """How often the handbook has each word of five letters or more; a name of the tables counts once at least.

    The words of an index are stored as hashes and cannot be listed; which of these the index knows is looked up.
    """
    counts: Counter[str] = Counter()
    for article in sorted(files("ingest").joinpath("handbook").iterdir(), key=lambda file: file.name):
        if article.name.endswith(".md"):
            counts.update(re.findall(r"\b[a-z]{5,}\b", article.read_text("utf-8").casefold()))
    return counts + Counter({name: 1 for name in _names() if name not in counts})


@cache
def _names() -> frozenset[str]:
    """The words of the names in the tables of drugs, diseases and genes."""
    forms = (form for concept in concepts() for form in (*concept.forms, *concept.cased))
    return frozenset(word for form in forms for word in re.findall(r"\b[a-z]{5,}\b", form.casefold()))


@cache
def _english() -> frozenset[str]:
    """Some 20,000 frequent words: the whole words among the tokens of the bundled model."""
    folder = find_model(BUNDLED_MODEL).folder
    if folder is None:
        return frozenset()
    tokens = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return frozenset(token for token in tokens if len(token) >= _SHORTEST - 1 and token.isalpha())


@cache
def _drugs() -> dict[str, str]:
    """The generic name of each drug by its other names."""
    table = tomllib.loads(files("retriever").joinpath("tables", "drugs.toml").read_text("utf-8"))
    return {form.casefold(): row["id"] for row in table["concept"] for form in row["forms"] if form != row["id"]}


@cache
def _shorthand() -> tuple[dict[str, str], dict[str, str]]:
    table = tomllib.loads(files("retriever").joinpath("shorthand.toml").read_text("utf-8"))
    return table["cased"], table["any"]
