"""Near-identical passages put together: the same words again, from another copy of a text."""

import re
import unicodedata
from dataclasses import dataclass, field

from retriever.store import StoredPassage

# Words that may come and go without changing what is said. No negation, modal verb, comparison or preposition of
# direction is among them.
_LIGHT = frozenset(
    "a an the and that which this these those is are was were be been also in of for as by on at".split()
)
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+|[%<>≤≥=±+~−]")
_NOT = re.compile(r"(?<=[a-z])n['’]t\b")
# A copy may be cut elsewhere; the shorter one holds at least this share of the longer one's text.
_LEAST_SHARE = 0.8
_NEGATIONS = re.compile(r"\b(?:no|not|non|nor|never|none|neither|without|cannot|lacks?|absence|fail(?:s|ed)?)\b")
# A shorter text may be a bare heading or name, the same under different titles.
_LEAST_CHARS = 30


@dataclass(slots=True)
class Group:
    """A passage and, in the order they came, those that say the same."""

    first: StoredPassage
    others: list[StoredPassage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Words:
    """What of a text is compared: its `plain_words` between two spaces, and these joined; made once for each text."""

    plain: str
    joined: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """What of a passage is compared: the words of its title, its text, and its retraction."""

    title: frozenset[str]
    text: _Words
    retracted: bool


class Groups:
    """Passages of a ranking, best first, each put to the first group that says the same."""

    def __init__(self) -> None:
        """Start without any."""
        self.found: list[Group] = []
        self._readings: list[_Reading] = []

    def add(self, item: StoredPassage) -> None:
        """Put a passage to its group, or begin a new one."""
        meta, text = item.document.meta, item.passage.text
        reading = _Reading(frozenset(plain_words(meta.title).split()), _words(text), meta.retracted)
        for group, other in zip(self.found, self._readings, strict=True):
            if _same(reading, other):
                group.others.append(item)
                return
        self.found.append(Group(item))
        self._readings.append(reading)


def plain_words(text: str) -> str:
    """A text as what is compared of it: lower case, one spelling, numbers apart, no punctuation and no light words."""
    tokens = _TOKEN.findall(_NOT.sub(" not", unicodedata.normalize("NFKC", text)))
    # "A" may be vitamin A.
    words = (token if token == "A" else token.casefold() for token in tokens)
    return " ".join(word.replace("ae", "e").replace("oe", "e") for word in words if word not in _LIGHT)


def near_identical(one: str, other: str) -> bool:
    """Whether two texts say the same in the same words.

    They do when their `plain_words` are equal, spaces between letters aside ("follow-up", "followup"); or when one is
    the other cut shorter at its ends, holds at least 80 % of it, and the rest has neither number nor negation. Texts
    that differ in a number, a negation, a name or any other word are never the same; in doubt they are not.
    """
    return _same_text(_words(one), _words(other))


def _same(one: _Reading, other: _Reading) -> bool:
    # Under another title the same words may be about another drug.
    smaller, larger = (one.title, other.title) if len(one.title) <= len(other.title) else (other.title, one.title)
    titles_agree = smaller == larger or (bool(smaller) and smaller < larger)
    return titles_agree and one.retracted == other.retracted and _same_text(one.text, other.text)


def _words(text: str) -> _Words:
    plain = plain_words(text)
    return _Words(f" {plain} ", _joined(plain))


def _same_text(one: _Words, other: _Words) -> bool:
    short, long = (one, other) if (len(one.plain), one.plain) <= (len(other.plain), other.plain) else (other, one)
    n_short, n_long = len(short.plain) - 2, len(long.plain) - 2
    if n_short < _LEAST_SHARE * n_long:
        return False
    if short.joined == long.joined:
        return True
    if n_short < _LEAST_CHARS or short.plain not in long.plain:
        return False
    rest = long.plain.replace(short.plain, " | ", 1)
    return not (any(map(str.isdigit, rest)) or _NEGATIONS.search(rest))


def _joined(words: str) -> str:
    """Words without the spaces between letters; numbers, signs and negations stay apart ("no table" is not notable)."""
    apart = _NEGATIONS.sub(r"¬\g<0>¬", words)
    return re.sub(r"(?<=[^\W\d_]) (?=[^\W\d_])", "", apart)
