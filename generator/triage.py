"""Emergencies first: rules from a table, applied to a message before anything is retrieved.

A missed emergency is worse than a false alarm: what denies a sign, puts it long ago or asks in general has to be
beyond doubt, and misspelt signs count. A rule names combinations of signs (a part of the body, what is wrong with it,
how bad, for how long) that may stand in any order near each other, so that new wordings of old facts are met.
"""

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from generator.records import Triage, TriageLevel
from generator.urgency.combine import Combination, Place, combination, holds
from generator.urgency.context import defines, denied, is_general, is_gone, only_if, past, takes_back
from generator.urgency.signs import Sign, context_names, lexicon, spelling
from generator.urgency.temperature import FEVER_C, readings
from generator.urgency.values import alerts, names_value, value_signs
from generator.urgency.wording import Word, plain, words

# What lies inside a denied phrase of so many words is denied with it.
_SHORT_WORDS = 3
_GONE_FEVER = "gone_fever"
_ORDER = {"emergency": 0, "urgent": 1}

# A reading below the threshold settles the matter, unless the sentence says that it has changed since.
_CHANGED = re.compile(
    r"\b(?:but|and) (?:now|then|since|later)\b(?! (?:gone|normal|fine|better|ok))|"
    r"\b(?:rising|going up|went up|climbing|up again|came back|back again|after (?:taking )?(?:tylenol|paracetamol|"
    r"acetaminophen|ibuprofen|advil|nurofen|calpol)|took|gave|taken)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of triage.toml: it applies when every part of one of its combinations is told, or a fever is read."""

    id: str
    level: TriageLevel
    message: str
    about: str
    source: str
    signs: tuple[Combination, ...]
    fever: bool = False


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator.urgency").joinpath("triage.toml").read_text("utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in order of urgency, their messages filled in; read once.

    Raises:
        ValueError: if a rule names a sign that no table has.
    """
    table = _table()
    known = lexicon().names | {alert.sign for alert in alerts()} | {_GONE_FEVER}
    made = [
        Rule(
            **{key: row[key] for key in ("id", "level", "about", "source")},
            message=table["messages"][row["message"]],
            signs=tuple(combination(text, known) for text in row["signs"]),
            fever=row.get("fever", False),
        )
        for row in table["rule"]
    ]
    return tuple(sorted(made, key=lambda rule: _ORDER[rule.level]))


def triage(message: str) -> Triage:
    """How urgent a message is: the first rule that applies, emergencies before same-day rules.

    A sign that is denied ("no fever"), long past ("in 2010", "years ago"), only feared ("if I get a fever") or only
    asked about in general ("what is febrile neutropenia?") does not count. Time grows with the length of the message.

    Source: rules and their sources in triage.toml.
    """
    sentences = _sentences(message)
    told = _told(sentences)
    fever = any(_has_fever(sentence) for sentence in sentences)
    for rule in rules():
        if (rule.fever and fever) or any(holds(parts, told) for parts in rule.signs):
            return Triage(level=rule.level, reason=f"{rule.id}: {rule.about}", message=rule.message)
    return Triage(level="none")


def told_text(message: str) -> str:
    """The sentences of a message that tell of somebody and of now, and in which nothing takes a sign back.

    This is what the second look (`generator.urgency.alarm`) may read; "" where there is none. What a
    temperature or a value of the blood means is for the rules alone.
    """
    told = (s for s in _sentences(message) if not is_general(s) and not defines(s) and not _only_measures(s))
    return " ".join(s for s in told if not _takes_a_sign_back(s))


def second_words(level: Literal["emergency", "urgent"]) -> Triage:
    """What is said where no rule applies and a message still sounds like an emergency or urgent."""
    row = _table()["second"][level]
    return Triage(level=level, reason=f"{row['id']}: {row['about']}", message=row["message"])


def _sentences(message: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+|\n", plain(message, spelling())) if s.strip()]


def _only_measures(sentence: str) -> bool:
    return bool(readings(sentence)) or names_value(sentence)


def _takes_a_sign_back(sentence: str) -> bool:
    if not takes_back(sentence):
        return False
    parts = words(sentence)
    signs = [sign for sign in lexicon().find(parts) if sign.name not in context_names()]
    return any(
        denied(sentence, parts[sign.first].start, parts[sign.last].end) or past(sentence, parts[sign.first].start)
        for sign in signs
    )


def _told(sentences: Sequence[str]) -> Mapping[str, list[Place]]:
    """Where each sign is told of somebody and of now."""
    found: dict[str, list[Place]] = defaultdict(list)
    for number, sentence in enumerate(sentences):
        if not is_general(sentence):
            for name, places in _told_in(sentence, number).items():
                found[name] += sorted(places)
    return found


def _told_in(sentence: str, number: int) -> dict[str, list[Place]]:
    parts = words(sentence)
    here: dict[str, list[Place]] = defaultdict(list)
    for sign in _standing(sentence, parts):
        here[sign.name].append((number, sign.first, sign.last))
    starts = [part.start for part in parts]
    for name, start, end in value_signs(sentence):
        if not past(sentence, start) and not only_if(sentence, start) and not defines(sentence):
            here[name].append((number, bisect_left(starts, start), bisect_left(starts, end)))
    _settle_fever(sentence, here)
    return here


def _standing(sentence: str, parts: Sequence[Word]) -> list[Sign]:
    """The signs of a sentence that nothing takes back; what lies inside one that is taken back goes with it."""
    signs = lexicon().find(parts)
    if not takes_back(sentence):
        return signs
    spans = {(sign.first, sign.last) for sign in signs}
    refused = {span for span in spans if denied(sentence, parts[span[0]].start, parts[span[1]].end)}
    over = {span for span in spans if past(sentence, parts[span[0]].start)}
    close = [
        (first, last)
        for first, last in sorted(refused)
        if last - first < _SHORT_WORDS and "," not in sentence[parts[first].start : parts[last].end]
    ]
    inside = {place: last for first, last in close for place in range(first, last + 1)}
    return [
        sign
        for sign in signs
        if (span := (sign.first, sign.last)) not in refused
        and (span not in over or sign.name in context_names())
        and inside.get(sign.first, -1) < sign.last
    ]


def _settle_fever(sentence: str, here: dict[str, list[Place]]) -> None:
    """Take back a fever that the sentence itself says is over, or whose readings are all below the threshold."""
    named = [*here["fever"], *here["has_heat"]]
    gone = is_gone(sentence)
    if named and gone:
        here[_GONE_FEVER].append(named[0])
    if (gone or readings(sentence)) and not _CHANGED.search(sentence):
        for name in ("fever", "has_heat", "raised"):
            here.pop(name, None)


def _has_fever(sentence: str) -> bool:
    """Whether a reading is a fever, wherever it stands; a sentence about thresholds has none."""
    if defines(sentence):
        return False
    return any(
        r.celsius >= FEVER_C and not past(sentence, r.start) and not only_if(sentence, r.start)
        for r in readings(sentence)
    )
