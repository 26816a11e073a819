"""A token to its index terms: names of the field stay whole, spellings meet, words are stemmed."""

import re
import threading
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import Stemmer

# The stop words of Lucene's EnglishAnalyzer, and question words, which every question has and no passage is about.
# Source: https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/en/EnglishAnalyzer.html
STOP_WORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with what which who whom whose when where why how do does did can could should would may might
    i me my we our you your he she his her has have had been being am than from about""".split()
)
# A change of a chromosome: t(9;22)(q34;q11), t(v;11q23), del(17p), inv(16)(p13q22), i(17q).
# Source: ISCN 2020, doi:10.1159/isbn.978-3-318-06867-2.
_CHANGE = (
    r"(?=[A-Za-z]{1,4} ?\()"  # most tokens are none: this alone saves a third of the time
    r"(?i:(?:t ?\((?:v|[\dxy]{1,2});[\dxypqv.; ]{1,20}\)|"
    r"(?:(?:idic|dic|del|der|dup|inv) ?|ins|add|i)\([\dxy]{1,2}[\dxypq.;]{0,20}\))"
    r"(?:\([pq][pqtercn\d.;? ]{0,24}\))?)"
)
# Letters and digits of any script, joined by the characters that hold a name of the field together: BCR::ABL1, 6-MP,
# IDH1/2, p.R132H, 10^9/L; a number in thousands; a possessive ending is left out. The second group is what joins it to
# the next token, where that follows at once: white space, a bracket or slash with it, a plus, or a dash.
TOKEN = re.compile(
    rf"({_CHANGE}|\d{{1,3}}(?:,\d{{3}})+(?![^\W_])|[^\W_]+(?:(?:::|[-‐/.;^*+]|['’](?!s\b))[^\W_]+)*)(?:['’]s\b)?"
    r"((?:\)?\s|\)-|\s?/\s| \+ |[–−])(?=[^\W_])|)"
)
# How closely two parts stand: apart, with white space between them, or in one token. 7 + 3 and BCR–ABL1 are as one.
APART, SPACED, JOINED = 0, 1, 2
JOINTS = {"": APART, " + ": JOINED, "–": JOINED, "−": JOINED}
_PART = re.compile(r"\d+(?:\.\d+)+(?![\d.])|[^\W_]+")
# IDH1/2 names IDH1 and IDH2; CDKN2A/B names CDKN2A and CDKN2B.
_SHARED_STEM = re.compile(
    r"(?P<stem>[a-z]{2,})\d{1,2}[a-z]?/(?P<other>\d{1,2}[a-z]?)|(?P<stem2>[a-z]{2,}\d+)[a-z]/(?P<other2>[a-z])",
    re.IGNORECASE,
)
_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_GREEK = re.compile(r"[α-ω]")
_LONGEST_CACHED = 64
_LOCAL = threading.local()
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Token:
    """What a token gives: `terms` for the index, and its parts, stop words too, for the vocabulary.

    `spans` are the places of the terms in the token, `places` those of the parts; `keys` are the parts as the
    vocabulary looks them up, `written` as they stand; `inside` are the joints between them, one fewer.
    """

    terms: tuple[str, ...]
    spans: tuple[Span, ...]
    keys: tuple[str, ...]
    written: tuple[str, ...]
    places: tuple[Span, ...]
    inside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Notation:
    """notation.toml, compiled."""

    inside: dict[str, str]
    inside_pattern: re.Pattern[str]
    endings: dict[str, str]
    ending_lengths: tuple[int, ...]
    residues: dict[str, str]
    residue_change: re.Pattern[str]
    amount: re.Pattern[str]


def read_token(text: str) -> Token:
    """The terms and parts of a token: the first group of a match of `TOKEN`.

    A compound gives itself without its joints, then its parts; a chromosome change also itself without its bands. A
    part loses accents, Greek letters are spelled out, British spelling becomes American, an amino acid change takes
    its one-letter form, and words of more than three letters are stemmed (Snowball English). Stop words are no terms.
    """
    # A token may be as long as its text; such a one would only fill the memory.
    return _read_cached(text) if len(text) <= _LONGEST_CACHED else _read(text)


def _read(text: str) -> Token:
    if text.isalpha():
        word, whole = _fold(text), ((0, len(text)),)
        stem = (_stem(word),)
        return Token((), (), stem, (text,), whole) if word in STOP_WORDS else Token(stem, whole, stem, (text,), whole)
    parts = _parts(text)
    found: list[tuple[str, Span]] = []
    if len(parts) > 1:
        found.append(("".join(_fold(part) for part, _ in parts), (0, len(text))))
        if text.count("(") == 2:
            short = text.index(")") + 1
            found.append(("".join(_fold(part) for part, span in parts if span[1] < short), (0, short)))
        shared = _SHARED_STEM.fullmatch(text)
        if shared:
            other = (shared["stem"] or shared["stem2"]) + (shared["other"] or shared["other2"])
            parts[1] = (other, parts[1][1])
    folded = [_fold(part) for part, _ in parts]
    keys = tuple(_stem(word) for word in folded)
    changed = "(" in text  # of t(9;22), "t" alone would be met by every T cell
    for word, key, (_, span) in zip(folded, keys, parts, strict=True):
        if word not in STOP_WORDS and not (changed and len(word) == 1 and word.isalpha()):
            found.append((key, span))
    return Token(
        terms=tuple(term for term, _ in found),
        spans=tuple(span for _, span in found),
        keys=keys,
        written=tuple(part for part, _ in parts),
        places=tuple(span for _, span in parts),
        inside=(JOINED,) * (len(parts) - 1),
    )


_read_cached = lru_cache(maxsize=1 << 16)(_read)


def _parts(text: str) -> list[tuple[str, Span]]:
    if "," in text:  # only a number in thousands has one
        return [(text.replace(",", ""), (0, len(text)))]
    parts: list[tuple[str, Span]] = []
    for match in _PART.finditer(text):
        amount = _notation().amount.fullmatch(match[0])
        if amount:  # 400mg
            middle = match.start() + len(amount[1])
            parts += [(amount[1], (match.start(), middle)), (amount[2], (middle, match.end()))]
        else:
            parts.append((match[0], match.span()))
    return parts


def _fold(part: str) -> str:
    word = part.casefold()
    if not word.isascii():
        word = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", word)))
        # One Greek letter is a name's (TNF-α, NF-κB, µg); more are a Greek word.
        if len(_GREEK.findall(word)) == 1:
            word = _GREEK.sub(lambda letter: _greek_name(letter[0]), word)
    notation = _notation()
    change = notation.residue_change.fullmatch(word)
    if change:
        return notation.residues[change[1]] + change[2] + notation.residues[change[3]]
    if len(word) > 3 and word.isalpha():
        word = notation.inside_pattern.sub(lambda match: notation.inside[match[0]], word)
        for length in notation.ending_lengths:
            american = notation.endings.get(word[-length:])
            if american:
                return word[:-length] + american
    return word


def _greek_name(letter: str) -> str:
    return unicodedata.name(letter).split()[3].lower().replace("lamda", "lambda")


def _stem(word: str) -> str:
    # A PyStemmer is not safe to share between threads.
    if not hasattr(_LOCAL, "stemmer"):
        _LOCAL.stemmer = Stemmer.Stemmer("english")
    return str(_LOCAL.stemmer.stemWord(word)) if len(word) > 3 and word.isalpha() else word


@cache
def _notation() -> _Notation:
    table = tomllib.loads(files("retriever").joinpath("tables", "notation.toml").read_text("utf-8"))
    inside: dict[str, str] = table["spelling"]["inside"]
    endings: dict[str, str] = table["spelling"]["endings"]
    residues: dict[str, str] = table["residues"]["letters"]
    names = "|".join(residues)
    return _Notation(
        inside=inside,
        inside_pattern=re.compile("|".join(sorted(inside, key=len, reverse=True))),
        endings=endings,
        ending_lengths=tuple(sorted({len(ending) for ending in endings}, reverse=True)),
        residues=residues,
        residue_change=re.compile(rf"({names})(\d{{1,5}})({names})"),
        amount=re.compile(rf"(\d+)({'|'.join(table['amounts']['units'])})", re.IGNORECASE),
    )
