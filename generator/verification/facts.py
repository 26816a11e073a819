"""What a text states that a sentence about it must keep: numbers and units, names, denials, contrasts, hedges."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from generator.verification.letters import with_latin_capitals
from ingest.sentences import split_sentences
from retriever.stems import ANY_STEM
from retriever.terms import surface_terms
from retriever.vocabulary import MARK
from retriever.words import STOP_WORDS, read_token

Kind = Literal["number", "name", "word", "stop"]
Sign = Literal["", "<", ">"]

# A number; letters of one script (a Greek letter alone); nothing else counts. Every part is bounded: no backtracking.
_PART = re.compile(
    r"\d+(?:,\d{3})+(?:\.\d+)?(?![\d])|\d+(?:\.\d+)?|\.\d+|[α-ωΑ-Ω]|[^\W\d_α-ωΑ-Ω]+(?:(?<=n)['’]t(?!\w))?|%"
)
_UNIT_SPACE = re.compile(r"[\s\-‐–]{0,2}")
_UNIT = re.compile(r"%|per ?cent\b|°?[^\W\d_]{1,14}(?:[23](?!\d))?")
_PER = re.compile(r"\s?/\s?|\s?per\s|\sa\s(?=day)")
_BREAK = re.compile(r"[,;:.()\[\]?!—]")
_SIGN_BEFORE = re.compile(
    r"(?:(?P<less>[<≤⩽]|less than(?: or equal to)?|fewer than|under|below|up to|at most|no more than|not more than|"
    r"within)|(?P<more>[>≥⩾]|(?:more|greater|higher|older) than(?: or equal to)?|over|above|exceed(?:ing|s|ed)?|"
    r"at least|no less than|not less than))\s?=?\s?$",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:[-–−‐/]|to|and|or|vs\.?|versus|,)\s?", re.IGNORECASE)
_COUNTS = dict(
    zip(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred".split(),
        [*range(2, 21), *range(30, 100, 10), 100],
        strict=True,
    )
)
_DRUG = re.compile(rf"\w{{2,}}{ANY_STEM}")
_ROOT = re.compile(r"(?:ation|ition|ator|itor|ing|ion|or|er|ive|iv|ic|al|ed|es|ly|ment|ance|ence|ant|ent|e|y|s|i)$")


_DENIES_BEFORE = {"fail": "to", "failed": "to", "fails": "to", "failure": "to", "free": "of", "rather": "than"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, name part or number of a text.

    `key` is what is compared; `root` a shorter stem, for words of one family; `start` and `end` its place. `unit` and
    `sign` are those of a number. `concept` is the term of the field that it is part of, if any. `opens` says that a
    clause opens with it; `sentence` counts the sentences of the text.
    """

    key: str
    text: str
    kind: Kind
    root: str
    start: int
    end: int
    unit: str = ""
    sign: Sign = ""
    concept: str = ""
    opens: bool = False
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """The tokens of a text, and where each key, root and concept stands."""

    tokens: tuple[Token, ...]
    places: dict[str, list[int]] = field(default_factory=dict)
    roots: dict[str, list[int]] = field(default_factory=dict)
    concepts: dict[str, list[int]] = field(default_factory=dict)
    sentences: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Tables:
    deny: frozenset[str]
    hedge: frozenset[str]
    judge: frozenset[str]
    weaken: frozenset[str]
    senses: dict[str, dict[str, int]]
    units: dict[str, str]


@cache
def _tables() -> _Tables:
    table = tomllib.loads(files("generator.verification").joinpath("contrasts.toml").read_text("utf-8"))
    senses: dict[str, dict[str, int]] = {}
    for group in table["group"]:
        for number, words in enumerate(group["senses"]):
            for word in words:
                senses.setdefault(_key(word), {})[group["name"]] = number
    units = {form: forms[0] for forms in table["units"]["forms"] for form in forms}
    lists = {name: frozenset(table["words"][name]) for name in ("deny", "hedge", "judge", "weaken")}
    return _Tables(**lists, senses=senses, units=units)


def senses(token: Token) -> dict[str, int]:
    """The groups of contrasts that a word belongs to, and its side in each."""
    return _tables().senses.get(token.key, {})


def hedges(token: Token) -> bool:
    """Whether a word makes a statement less than certain or less than general."""
    return token.text.casefold() in _tables().hedge


def judges(token: Token, *, less: bool = False) -> bool:
    """Whether a word says what to do or what is safe; `less`: whether it makes a duty or a danger less than it is."""
    return token.text.casefold() in (_tables().weaken if less else _tables().judge)


def denies(facts: Facts, place: int) -> bool:
    """Whether a word denies what follows: not where it is part of "not only", or "failure" of an organ."""
    tokens = facts.tokens
    word = tokens[place].text.casefold()
    after = tokens[place + 1].text.casefold() if place + 1 < len(tokens) else ""
    if word.endswith(("n't", "n’t")):
        return True
    needed = _DENIES_BEFORE.get(word)
    return word in _tables().deny and (after == needed if needed else (word, after) != ("not", "only"))


@lru_cache(maxsize=512)
def read_facts(text: str) -> Facts:
    """Read a text: about 1 ms for a passage, and nothing for one just read."""
    text = with_latin_capitals(text)
    sentences = split_sentences(text)
    tokens = _with_concepts(text, _tokens(text, sentences))
    facts = Facts(tuple(tokens), sentences=tuple(sentences))
    for place, token in enumerate(tokens):
        facts.places.setdefault(token.key, []).append(place)
        if token.kind in ("word", "name"):
            facts.roots.setdefault(token.root, []).append(place)
        if token.concept:
            facts.concepts.setdefault(token.concept, []).append(place)
    return facts


def _tokens(text: str, sentences: list[tuple[int, int]]) -> list[Token]:
    found: list[Token] = []
    bounds = [end for _, end in sentences]
    sentence = 0
    for match in _PART.finditer(text):
        while sentence < len(bounds) - 1 and match.start() >= bounds[sentence]:
            sentence += 1
        token = _token(text, match, found, sentence)
        if token is not None:
            found.append(token)
    return _share_units(text, found)


def _token(text: str, match: re.Match[str], before: list[Token], sentence: int) -> Token | None:
    written = match[0]
    start, end = match.span()
    previous = before[-1] if before else None
    gap = text[previous.end : start] if previous else " "
    opens = bool(_BREAK.search(gap)) or previous is None
    if written[0].isdecimal() or written[0] == ".":
        if previous is not None and previous.kind != "number" and _glued(previous, gap):
            return Token(f"{previous.key}{written}", written, "name", "", start, end, sentence=sentence)
        unit = _unit(text, end)
        return Token(_value(written), written, "number", "", start, end, unit, _sign(text, start), "", opens, sentence)
    if written == "%":
        return None
    count = _COUNTS.get(written.casefold())
    if count is not None:
        unit = _unit(text, end)
        return Token(
            str(float(count)), written, "number", "", start, end, unit, _sign(text, start), "", opens, sentence
        )
    key, root, kind = _word(written)
    if previous is not None and previous.kind == "name" and previous.key[-1].isdecimal() and gap == "":
        key, kind = f"{previous.key}{key}", "name"  # V600E is not V600K
    if previous is not None and previous.unit and _UNIT_SPACE.fullmatch(gap):
        kind = "stop"  # the unit itself
    return Token(key, written, kind, root, start, end, opens=opens, sentence=sentence)


def _glued(previous: Token, gap: str) -> bool:
    """Whether digits belong to the name before them: p53, IL-6, PD-1, but not the 3 of "grade-3" or "day 3"."""
    if gap == "":
        return previous.kind != "number"
    return gap in ("-", "‐", "–") and (previous.kind == "name" or len(previous.text) == 1 or previous.text.isupper())


@lru_cache(maxsize=1 << 15)
def _word(written: str) -> tuple[str, str, Kind]:
    """The key, root and kind of a word; a token is cut to a length no word has."""
    key = _key(written[:100])
    return key, _root(key), _kind(written)


def _kind(written: str) -> Kind:
    folded = written.casefold()
    if folded in STOP_WORDS and folded not in ("no", "not") and not (written.isupper() and len(written) > 1):
        return "stop"
    if any(c.isupper() for c in written[1:]) or _DRUG.fullmatch(folded) or not written.isascii():
        return "name"
    return "word"


def _key(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word)
    if len(folded) == 1:
        return (
            unicodedata.name(folded, folded).split()[-1].lower().replace("lamda", "lambda") if folded > "z" else folded
        )
    keys = read_token(folded).keys
    return "".join(keys) if keys else folded.casefold()


def _root(key: str) -> str:
    root = key
    for _ in range(2):
        shorter = _ROOT.sub("", root)
        if len(shorter) < 5:
            break
        root = shorter
    return root


def _value(written: str) -> str:
    return str(float(written.replace(",", "")[:300]))


def _unit(text: str, end: int) -> str:
    """The unit right behind a number, with what it is per: "mg", "mg/kg/day", "%"."""
    units = _tables().units
    at = _UNIT_SPACE.match(text, end).end()  # type: ignore[union-attr]
    found: list[str] = []
    while len(found) < 4:
        match = _UNIT.match(text, at)
        if match is None:
            break
        written = match[0].rstrip()
        unit = units.get(written) or units.get(written.casefold())
        if unit is None and written[-1:] in "23":
            unit = written
        if unit is None:
            break
        found.append(unit)
        joint = _PER.match(text, match.end())
        if joint is None:
            break
        at = joint.end()
    return "/".join(found)


def _sign(text: str, start: int) -> Sign:
    match = _SIGN_BEFORE.search(text[max(0, start - 28) : start])
    return "" if match is None else "<" if match["less"] else ">"


def _share_units(text: str, tokens: list[Token]) -> list[Token]:
    """Give the first number of "10 to 20 mg" its unit, from the last to the first."""
    shared = list(tokens)
    for place in range(len(tokens) - 2, -1, -1):
        one, other = shared[place], shared[place + 1]
        bare = one.kind == other.kind == "number" and not one.unit
        if bare and other.unit and _RANGE.fullmatch(text[one.end : other.start]):
            shared[place] = _replaced(one, unit=other.unit)
    return shared


def _with_concepts(text: str, tokens: list[Token]) -> list[Token]:
    spans: dict[tuple[int, int], str] = {}
    for term, start, end in surface_terms(text):
        if term.startswith(MARK) and not term[1:2].isdigit():
            spans.setdefault((start, end), term)
    found = list(tokens)
    place = 0
    for (start, end), term in sorted(spans.items()):
        while place < len(found) and found[place].end <= start:
            place += 1
        inside = place
        while inside < len(found) and found[inside].start < end:
            if found[inside].kind != "number":
                found[inside] = _replaced(found[inside], concept=term)
            inside += 1
    return found


def _replaced(token: Token, *, unit: str = "", concept: str = "") -> Token:
    return Token(
        token.key, token.text, token.kind, token.root, token.start, token.end,
        unit or token.unit, token.sign, concept or token.concept, token.opens, token.sentence,
    )  # fmt: skip
