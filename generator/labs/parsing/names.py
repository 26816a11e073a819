"""Names of analytes as laboratories print them, and as OCR damages them: folded, compared, and how far apart."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "β": " beta", "γ": " gamma", "μ": "u"}
)
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}[^\W\d_]?(?!\w)")
_EAST_ASIAN = "\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_EAST_ASIAN}]+|[^\W_{_EAST_ASIAN}]+|[#%]")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
# What OCR takes for one another; both sides of a comparison are rewritten, so the choice of the letter is free.
_CONFUSED = (("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("8", "b"), ("rn", "m"), ("vv", "w"))


@dataclass(frozen=True, slots=True)
class Spelling:
    """A known name for comparison: its skeleton without spaces, the letters its words start with, and a set of bits.

    `letters` has a bit for each letter that is in the name; `keys` are the analytes it means, none for another test.
    """

    text: str
    starts: tuple[str, ...]
    letters: int
    keys: frozenset[str]


def fold(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without accents, dots and brackets; "#" and "%" are words of their own.

    "T.L.C." is one word, as "TLC" is; East Asian script is parted from Latin.
    """
    text = unicodedata.normalize("NFKC", name)
    text = _DOTTED.sub(lambda match: match[0].replace(".", "") + " ", text)
    text = unicodedata.normalize("NFD", text.casefold().translate(_LETTERS))
    text = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", text))
    return tuple(_TOKEN.findall(text))


def part_camel(name: str) -> str:
    """A name whose spaces OCR lost, parted before its capitals: "TotalLeucocyteCount" has three words."""
    return _CAMEL.sub(" ", name)


def skeleton(words: Sequence[str]) -> str:
    """A name with what OCR confuses written alike, and one space between words: "P1atelet" is "Platelet"."""
    text = " ".join(words)
    for wrong, right in _CONFUSED:
        text = text.replace(wrong, right)
    return text


def allowance(length: int) -> int:
    """How many letters of a name of this length may be wrong: none below 6, one to 8, two to 14, then three."""
    return (length >= 6) + (length >= 9) + (length >= 15)


def distance(one: str, other: str, *, most: int) -> int:
    """The letters to insert, drop or change to make one name the other; `most` + 1 where it is more than `most`.

    Source: Levenshtein, Soviet Physics Doklady 1966;10:707.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, mate in enumerate(other, 1):
            before, row[j] = row[j], min(before + (letter != mate), row[j] + 1, row[j - 1] + 1)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def cover(
    words: Sequence[str], phrases: frozenset[tuple[str, ...]], *, longest: int
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The phrases in a name, the longest first at each word, and the words that belong to none."""
    found: list[tuple[str, ...]] = []
    left: list[str] = []
    at = 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + size])
            if phrase in phrases:
                found.append(phrase)
                at += size
                break
        else:
            left.append(words[at])
            at += 1
    return found, left


def spelling(bare: str, keys: frozenset[str]) -> Spelling:
    """A skeleton with its spaces, made ready for comparison."""
    text = bare.replace(" ", "")
    return Spelling(text, tuple(word[0] for word in bare.split()), _letters(text), keys)


def closest(words: Sequence[str], spellings: Sequence[Spelling], *, initials: bool = True) -> frozenset[str]:
    """What the one name means that is near enough, nothing where other names are nearly as near.

    Args:
        words: of a folded name.
        spellings: the known names.
        initials: whether words have to start alike: "typical" is no damaged "atypical", nor "direct" an "indirect".
    """
    bare = [skeleton([word]) for word in words]
    text, starts = "".join(bare), tuple(word[0] for word in bare)
    most = allowance(len(text))
    letters = _letters(text)
    near: dict[frozenset[str], int] = {}
    alike = [known for known in spellings if known.starts == starts] if initials else spellings
    _measure(text, letters, alike, near=near, most=most)
    # Names that start otherwise only make the nearest doubtful, which takes one that is as far as a name may be.
    if initials and min(near.values(), default=most + 1) == most:
        others: dict[frozenset[str], int] = {}
        _measure(text, letters, [known for known in spellings if known.starts != starts], near=others, most=most)
        for keys in others:
            near.setdefault(keys, most + 1)
    best = min(near.values(), default=most + 1)
    nearest = [keys for keys, away in near.items() if away <= best + 1]
    return nearest[0] if most and best <= most and len(nearest) == 1 else frozenset()


def _measure(
    text: str, letters: int, spellings: Sequence[Spelling], *, near: dict[frozenset[str], int], most: int
) -> None:
    """Put into `near` how far the nearest name of each meaning is, up to one letter more than may be wrong."""
    for known in spellings:
        # An edit puts at most one letter in and takes one out.
        if (letters ^ known.letters).bit_count() > 2 * (most + 1):
            continue
        away = distance(text, known.text, most=most + 1)
        if away <= most + 1:
            near[known.keys] = min(away, near.get(known.keys, away))


def _letters(text: str) -> int:
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) % 61)
    return bits
