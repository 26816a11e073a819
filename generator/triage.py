"""Emergencies first: rules from a table, applied to a message before anything is retrieved."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from generator.records import Triage, TriageLevel

# The least temperature that counts as fever, in °C and °F.
# Source: CDC, Watch Out for Fever, https://www.cdc.gov/cancer/preventinfections/fever.htm
FEVER_C, FEVER_F = 38.0, 100.4
_HIGHEST_C, _HIGHEST_F = 43.5, 111.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of triage.toml: it applies when `any` matches, or each list of `all_of` does."""

    id: str
    level: TriageLevel
    message: str
    about: str
    source: str
    any: tuple[re.Pattern[str], ...] = ()
    all_of: tuple[tuple[re.Pattern[str], ...], ...] = ()
    fever: bool = False


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in order of urgency, their messages filled in; read once."""
    table = tomllib.loads(files("generator").joinpath("triage.toml").read_text("utf-8"))
    made = [
        Rule(
            **{key: row[key] for key in ("id", "level", "about", "source")},
            message=table["messages"][row["message"]],
            any=_patterns(row.get("any", ())),
            all_of=tuple(_patterns(group) for group in row.get("all_of", ())),
            fever=row.get("fever", False),
        )
        for row in table["rule"]
    ]
    order = {"emergency": 0, "urgent": 1}
    return tuple(sorted(made, key=lambda rule: order[rule.level]))


def _patterns(sources: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(source, re.IGNORECASE) for source in sources)


def triage(message: str) -> Triage:
    """How urgent a message is: the first rule that applies, emergencies before same-day rules.

    A sign that is denied ("no fever"), long past ("in 2010", "years ago"), or only asked about in general ("what is
    febrile neutropenia?") does not count.

    Source: rules and their sources in triage.toml.
    """
    sentences = [_present(sentence) for sentence in re.split(r"(?<=[.!?])\s+|\n", message.replace("’", "'"))]
    told = [sentence for sentence in sentences if sentence and _is_report(sentence)]
    for rule in rules():
        if _applies(rule, told):
            return Triage(level=rule.level, reason=f"{rule.id}: {rule.about}", message=rule.message)
    return Triage(level="none")


def _applies(rule: Rule, told: Sequence[str]) -> bool:
    if rule.fever:
        # A reading settles the matter; words for fever count where the sentence gives none.
        return any(has_fever(s) or (not _temperatures(s) and _stands(rule.any, s)) for s in told)
    if rule.all_of:
        whole = " ".join(told)
        return all(_stands(group, whole) for group in rule.all_of)
    return any(_stands(rule.any, sentence) for sentence in told)


def _stands(patterns: Sequence[re.Pattern[str]], sentence: str) -> bool:
    return any(not _denied(sentence, match) for pattern in patterns for match in pattern.finditer(sentence))


_DENIAL = re.compile(
    r"\b(?:no|not|never|without|denies|denied|don't|do not|doesn't|didn't|did not|haven't|have not|hasn't|isn't|nor|"
    r"no longer|if (?:i|he|she|we|they|you) (?:get|gets|have|has|develop|develops)|risk of|prevent|avoid|in case of)\b"
    r"[^,;.!?]*$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:in (?:19|20)\d\d|\d+ (?:years?|months?) ago|years ago|last year|as a child|history of|used to)\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:now|today|tonight|currently|again|still|right now)\b", re.IGNORECASE)
_GENERAL = re.compile(
    r"^\W*(?:what (?:is|are|does|do|causes?)|which|who|define|definition|explain|describe|tell me about|"
    r"how (?:is|are|does|do|can|common|often|long|many)|why (?:is|are|does|do|can)|"
    r"(?:can|could|does|do|is|are|will|should) (?!i\b|my\b|we\b|he\b|she\b|it\b)|when (?:is|are|does|should)|"
    r"incidence|management|treatment|symptoms? of|signs? of|risk)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:i|i'm|i've|im|me|my|mine|we|our|he|she|his|her|patient has|patient is|right now|today|tonight|this morning)\b",
    re.IGNORECASE,
)


def _denied(sentence: str, match: re.Match[str]) -> bool:
    before = sentence[: match.start()]
    return bool(_DENIAL.search(before[-60:])) and not re.search(r"\bbut\b", before[-60:])


def _present(sentence: str) -> str:
    """A sentence without the clauses that tell of long ago."""
    clauses = re.split(r"(?<=[,;])|\s(?=(?:and|but)\s)", sentence)
    return " ".join(c for c in clauses if not _PAST.search(c) or _NOW.search(c)).strip()


def _is_report(sentence: str) -> bool:
    """Whether a sentence tells of someone, rather than asking in general."""
    return not _GENERAL.match(sentence) or bool(_PERSONAL.search(sentence))


_READING = re.compile(
    r"(?<![\d.,/])(\d{2,3}(?:[.,]\d{1,2})?)\s*(°|º|deg(?:rees?)?)?\s*(c|f|celsius|centigrade|fahrenheit)?\b"
    r"(?!\s*(?:%|mg|kg|ml|g\b|mcg|years?|days?|weeks?|months?|hours?|bpm|/))",
    re.IGNORECASE,
)
_TEMPERATURE_WORD = re.compile(r"\b(?:temp\w*|fever\w*|febrile|thermometer|burning up)\b", re.IGNORECASE)


def _temperatures(sentence: str) -> list[float]:
    """Body temperatures that a sentence names, in °C: with a unit or degree sign, or beside a word for temperature."""
    found = []
    spoken = bool(_TEMPERATURE_WORD.search(sentence))
    for number, sign, unit in _READING.findall(sentence):
        value = float(number.replace(",", "."))
        scale = unit[:1].casefold()
        if not (sign or scale or spoken):
            continue
        if scale != "f" and 34 <= value <= _HIGHEST_C:
            found.append(value)
        elif scale != "c" and 93 <= value <= _HIGHEST_F:
            found.append(round((value - 32) / 1.8, 2))
    return found


def has_fever(sentence: str) -> bool:
    """Whether a sentence names a temperature of 38.0 °C (100.4 °F) or more, in the ways people write it."""
    return any(value >= FEVER_C for value in _temperatures(sentence))
