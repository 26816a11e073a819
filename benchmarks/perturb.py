"""Real sentences made wrong in one way each: a number, a unit, a name, a denial, a direction, who, how sure.

Every function takes a sentence and a random source and returns a grammatical sentence that says something else, or None
where the sentence holds nothing of the kind. The words come from perturb.toml and CIViC, not from the verifier.
"""

import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from finetune.retrieval.pairs import read_lines

_TABLE = Path(__file__).with_name("perturb.toml")
# A number that is an amount: not within a name (IL-6, p53, 18F), a range of a name or a reference in brackets.
_AMOUNT = re.compile(r"(?<![\w.,:/^;\-\[(×])\d+(?:,\d{3})*(?:\.\d+)?(?![\w^\]/;:]|[-.,]\w|\(\d)")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one kind that may stand in for each other."""

    drugs: tuple[str, ...]
    genes: tuple[str, ...]

    def kind_of(self, word: str) -> tuple[str, ...]:
        """The names that a word is one of; none for any other word."""
        return (
            self.genes if word in _members(self.genes) else self.drugs if word.lower() in _members(self.drugs) else ()
        )


@cache
def _members(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


@cache
def _table() -> dict[str, dict[str, object]]:
    return tomllib.loads(_TABLE.read_text("utf-8"))


def read_names(civic: Path, texts: Sequence[str]) -> Names:
    """Drugs and genes of CIViC, and drugs that the texts name by an international stem."""
    rows = list(read_lines(civic))
    drugs = {d.strip().lower() for row in rows for d in row["drugs"].split(",") if re.fullmatch(r" *[A-Z][a-z]+ *", d)}
    genes = {row["gene"] for row in rows if re.fullmatch(r"[A-Z][A-Z0-9]{2,}", row["gene"])}
    stems = "|".join(_strings("drugs", "stems"))
    found = re.compile(rf"\b[a-z]{{4,}}(?:{stems})\b")
    drugs |= {name for text in texts for name in found.findall(text)} - set(_strings("drugs", "not_drugs"))
    return Names(tuple(sorted(drugs)), tuple(sorted(genes)))


def number(sentence: str, rng: random.Random) -> str | None:
    """One amount becomes another one of the same form."""
    found = list(_AMOUNT.finditer(sentence))
    # "95% CI" stays: it names the interval.
    found = [m for m in found if not sentence[m.end() :].startswith("% CI") and m[0].replace(",", "") != "0"]
    if not found:
        return None
    match = rng.choice(found)
    return sentence[: match.start()] + _other_number(match[0], rng) + sentence[match.end() :]


def _other_number(written: str, rng: random.Random) -> str:
    digits = [place for place, c in enumerate(written) if c.isdigit()]
    while True:
        made = list(written)
        for place in rng.sample(digits, min(len(digits), rng.choice((1, 1, 2)))):
            made[place] = rng.choice("123456789")
        other = "".join(made)
        if float(other.replace(",", "")) != float(written.replace(",", "")):
            return other


def unit(sentence: str, rng: random.Random) -> str | None:
    """One unit after a number becomes another one."""
    units = dict(_table()["units"])
    listed = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    found = list(re.finditer(rf"(?<=\d)([ -]?)({listed})(?![A-Za-zµμ]|-?old)", sentence))
    found = [m for m in found if not sentence[m.end() :].startswith(" CI")]
    if not found:
        return None
    match = rng.choice(found)
    other = rng.choice(list(units[match[2]]))  # type: ignore[call-overload]
    gap = "" if other[0] in "%- " else match[1]
    return sentence[: match.start()] + gap + other + sentence[match.end() :]


def name(sentence: str, rng: random.Random, names: Names) -> str | None:
    """One drug or gene becomes another of its kind, wherever the sentence names it."""
    words = sorted(set(_WORD.findall(sentence)))
    lower = {word.lower() for word in words}
    choices = [(word, kind) for word in words if (kind := names.kind_of(word))]
    if not choices:
        return None
    old, kind = rng.choice(choices)
    new = rng.choice([n for n in kind if n.lower() not in lower])
    new = new.capitalize() if old[0].isupper() and kind is names.drugs else new
    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w])", new, sentence)


def negation(sentence: str, rng: random.Random) -> str | None:
    """A denial is taken out, or put in after an auxiliary."""
    for old, new in rng.sample(_pairs("denials", "pairs"), len(_pairs("denials", "pairs"))):
        made = _swap(sentence, old, new)
        if made and not re.search(r"\bnot only\b|\bnor\b", sentence):
            return made
    listed = "|".join(_strings("denials", "auxiliaries"))
    found = list(re.finditer(rf"\b(?:{listed})\b(?! (?:not|no|be|been|only|also|never)\b)(?= [a-z])", sentence))
    if not found or re.search(r"\b(?:not|no|none|nor|neither|without|whether|little|few)\b", sentence, re.IGNORECASE):
        return None
    match = rng.choice(found)
    return f"{sentence[: match.end()]} not{sentence[match.end() :]}"


def direction(sentence: str, rng: random.Random) -> str | None:
    """A word of direction becomes its contrary."""
    pairs = _pairs("directions", "pairs")
    both = [*pairs, *((new, old) for old, new in pairs), *_pairs("directions", "one_way")]
    made = [turned for old, new in both if (turned := _swap(sentence, old, new))]
    return rng.choice(made) if made else None


def population(sentence: str, rng: random.Random) -> str | None:
    """Who is meant becomes someone else."""
    groups: list[list[str]] = _table()["populations"]["groups"]  # type: ignore[assignment]
    pairs = [(old, new) for group in groups for old in group for new in group if old != new]
    made = [turned for old, new in pairs if new not in sentence and (turned := _swap(sentence, old, new))]
    return rng.choice(made) if made else None


def hedge(sentence: str, rng: random.Random) -> str | None:
    """A hedge becomes an assertion."""
    made = [turned for old, new in _pairs("hedges", "pairs") if (turned := _swap(sentence, old, new))]
    return rng.choice(made) if made else None


def roles(sentence: str, rng: random.Random, names: Names) -> str | None:
    """Two names of one kind change places."""
    words = list(dict.fromkeys(_WORD.findall(sentence)))
    for kind in (names.drugs, names.genes):
        found = [word for word in words if names.kind_of(word) is kind]
        # Side by side ("A and B", "A, B") the order says nothing; the words between must be a relation.
        for one, other in zip(found, found[1:], strict=False):
            between = sentence.partition(one)[2].partition(other)[0]
            if len(between.split()) >= 2 and not re.search(r"\b(?:and|or|plus|with|vs|versus)\b|[/(,;]", between):
                return re.sub(
                    rf"(?<![\w-])(?:{re.escape(one)}|{re.escape(other)})(?!\w)",
                    lambda m, one=one, other=other: other if m[0] == one else one,  # type: ignore[misc]
                    sentence,
                )
    return None


def _swap(sentence: str, old: str, new: str) -> str | None:
    """The sentence with one phrase replaced, where it stands exactly once; "a" and "an" follow."""
    if old not in sentence:
        return None
    found = list(_phrase(old).finditer(sentence))
    if len(found) != 1:
        return None
    match = found[0]
    before = sentence[: match.start()]
    article = re.search(r"\b([Aa])n? $", before)
    if article:
        before = before[: article.start()] + article[1] + ("n " if new[0] in "aeiou" else " ")
    return before + new + sentence[match.end() :]


@cache
def _phrase(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])")


@cache
def _strings(section: str, key: str) -> list[str]:
    return list(_table()[section][key])  # type: ignore[call-overload]


@cache
def _pairs(section: str, key: str) -> list[tuple[str, str]]:
    return [(old, new) for old, new in _table()[section][key]]  # type: ignore[attr-defined]
