"""A message in one spelling: short forms written out, numbers in digits, and words of the signs spelt right."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from retriever.spelling import edits

_NOT = "ca|wo|do|does|did|is|are|was|were|has|have|had|could|would|should"
_WRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), right)
    for pattern, right in (
        ("[’‘`´]", "'"),
        (r"\bcan ?not\b", "can't"),
        (r"\bwill not\b", "won't"),
        (r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should) not\b", r"\1n't"),
        (rf"\b({_NOT})nt\b", r"\1n't"),
        (r"\b(i)(m|ve)\b(?! (?:injection|dose|inj)\b)", r"\1'\2"),
        (r"\b(he|she)s\b", r"\1's"),
        (r"\bw/o\b", "without"),
        (r"\bw/ ?", "with "),
        (r"\baint\b|\bain't\b", "isn't"),
        (r"\bwanna\b", "want to"),
        (r"\bgonna\b", "going to"),
        (r"\bgotta\b", "got to"),
        # British to American, so that a table holds one of the two.
        (r"(?<=h)aem(?!o?philus)|(?<=leuk)aem|(?<=leuc)aem|(?<=an)aem", "em"),
        (r"(?<=rrh)oea", "ea"),
        (r"(?<=pn)oea", "ea"),
        (r"\bfaec", "fec"),
        (r"\boedem", "edem"),
        (r"\btumour", "tumor"),
    )
)
_UNITS = dict(zip("one two three four five six seven eight nine".split(), range(1, 10), strict=True))
_TENS = {"thirty": 30, "forty": 40, "fourty": 40, "ninety": 90}
_DIGIT = "|".join(_UNITS)
_SPELT = re.compile(
    rf"\b(?:(?P<hundred>(?:a|one) hundred)(?: and)?(?:[ -](?P<ones>{_DIGIT}|ten))?|"
    rf"(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<unit>{_DIGIT}))?)"
    rf"(?:[ -](?:point|dot|comma)[ -](?P<tenth>{_DIGIT}|\d|o|zero))?\b",
    re.IGNORECASE,
)
_HALF = re.compile(r"\b(\d{2,3})(?: ?°)?,? and (?:a )?half\b", re.IGNORECASE)
_POINT = re.compile(r"\b(\d{2,3}) (?:point|dot|comma|pt) (\d)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*")
_SHORT_IS = frozenset("he's she's it's that's what's there's who's how's where's here's let's".split())
# A word is put right when it has at least so many letters.
_MIN_LETTERS, _MAX_LETTERS = 5, 30
# One whose vowels may all be wrong has at least so many letters, and so many consonants.
_LONG_WORD, _LONG_SKELETON = 7, 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word or number in lower case, and where it stands in the text."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words and numbers of a text, in order; hyphens part words, apostrophes do not ("dad's" counts as "dad")."""
    return [Word(_bare(match.group().casefold()), match.start(), match.end()) for match in _WORD.finditer(text)]


def _bare(word: str) -> str:
    return word[:-2] if word.endswith("'s") and word not in _SHORT_IS else word


def plain(message: str, spelling: "Spelling") -> str:
    """The message in one way of writing: "cannot" and "cant" are "can't", "thirty eight point six" is 38.6.

    Words one slip away from a word of `spelling` become that word.
    """
    text = unicodedata.normalize("NFC", message)
    for pattern, right in _WRITTEN:
        text = pattern.sub(right, text)
    text = _POINT.sub(r"\1.\2", _HALF.sub(r"\1.5", _SPELT.sub(_digits, text)))
    return re.sub(r"[A-Za-z]{4,}", lambda match: spelling.right(match.group()), text)


def _digits(match: re.Match[str]) -> str:
    if match["hundred"]:
        whole = 100 + (
            10 if (match["ones"] or "").casefold() == "ten" else _UNITS.get((match["ones"] or "").lower(), 0)
        )
    else:
        whole = _TENS[match["tens"].casefold()] + _UNITS.get((match["unit"] or "").casefold(), 0)
    tenth = (match["tenth"] or "").casefold()
    if not tenth:
        return str(whole)
    return f"{whole}.{tenth if tenth.isdigit() else _UNITS.get(tenth, 0)}"


class Spelling:
    """Words to recognise when they are misspelt.

    Misspelt is one letter wrong, missing, too many, or swapped with its neighbour; or, in a long word, any vowels and
    doubled letters wrong ("tempreture").
    """

    def __init__(self, right: Iterable[str], *, kept: Iterable[str] = ()) -> None:
        """Know the words `right`; those of `kept` are other words and stay as they are."""
        self._right = frozenset(word for word in right if len(word) >= _MIN_LETTERS and word.isascii())
        self._kept = self._right | frozenset(kept)
        self._near: dict[str, list[str]] = {}
        for word in sorted(self._right):
            for form in (*_shorter(word), _skeleton(word)):
                self._near.setdefault(form, []).append(word)

    def right(self, word: str) -> str:
        """The word as it should be spelt; itself where it is a known word or near none."""
        lower = word.casefold()
        if lower in self._kept or len(lower) > _MAX_LETTERS:
            return word
        forms = (*_shorter(lower), _skeleton(lower))
        near = (right for form in forms for right in self._near.get(form, ()) if right[0] == lower[0])
        return next((right for right in near if edits(lower, right) <= 1 or _sounds(lower, right)), word)


def _shorter(word: str) -> tuple[str, ...]:
    """The word, and it with each one letter left out: two words one slip apart share one of these."""
    return (word, *(word[:i] + word[i + 1 :] for i in range(len(word))))


def _skeleton(word: str) -> str:
    """The consonants of a word in capitals, without repeats."""
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiouy]", "", word)).upper()


def _sounds(word: str, right: str) -> bool:
    skeleton = _skeleton(right)
    return (
        len(skeleton) >= _LONG_SKELETON
        and len(right) >= _LONG_WORD
        and abs(len(word) - len(right)) <= 2
        and _skeleton(word) == skeleton
    )
