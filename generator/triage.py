"""Emergencies first: rules from a table, applied to a message before anything is retrieved.

A missed emergency is worse than a false alarm: what denies a sign, puts it long ago or asks in general has to be
beyond doubt, and misspelt signs count.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from os.path import commonprefix
from typing import Any

from generator.records import Triage, TriageLevel
from generator.temperature import FEVER_C, readings


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of triage.toml: it applies when `any` matches, or each list of `all_of` does, or a fever is read."""

    id: str
    level: TriageLevel
    message: str
    about: str
    source: str
    any: tuple[re.Pattern[str], ...] = ()
    all_of: tuple[tuple[re.Pattern[str], ...], ...] = ()
    fever: bool = False


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("generator").joinpath("triage.toml").read_text("utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in order of urgency, their messages filled in; read once."""
    made = [
        Rule(
            **{key: row[key] for key in ("id", "level", "about", "source")},
            message=_table()["messages"][row["message"]],
            any=_patterns(row.get("any", ())),
            all_of=tuple(_patterns(group) for group in row.get("all_of", ())),
            fever=row.get("fever", False),
        )
        for row in _table()["rule"]
    ]
    order = {"emergency": 0, "urgent": 1}
    return tuple(sorted(made, key=lambda rule: order[rule.level]))


def _patterns(sources: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"\b(?:{source})(?!\w)", re.IGNORECASE) for source in sources)


def triage(message: str) -> Triage:
    """How urgent a message is: the first rule that applies, emergencies before same-day rules.

    A sign that is denied ("no fever"), long past ("in 2010", "years ago"), or only asked about in general ("what is
    febrile neutropenia?") does not count.

    Source: rules and their sources in triage.toml.
    """
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n", _plain(message)) if s.strip()]
    told = [sentence for sentence in sentences if not _is_general(sentence)]
    for rule in rules():
        if _applies(rule, told) or (rule.fever and any(_has_reading(s) and not _DEFINES.search(s) for s in sentences)):
            return Triage(level=rule.level, reason=f"{rule.id}: {rule.about}", message=rule.message)
    return Triage(level="none")


def _applies(rule: Rule, told: Sequence[str]) -> bool:
    if rule.fever:
        # A reading below the threshold settles the matter, unless the sentence says that it has changed since.
        return any(_stands(rule.any, s) and (not readings(s) or bool(_CHANGED.search(s))) for s in told)
    if rule.all_of:
        whole = " ".join(told)
        return all(_stands(group, whole) for group in rule.all_of)
    return any(_stands(rule.any, sentence) for sentence in told)


def _stands(patterns: Sequence[re.Pattern[str]], sentence: str) -> bool:
    return any(
        not _denied(sentence, match) and not _past(sentence, match.start())
        for pattern in patterns
        for match in pattern.finditer(sentence)
    )


def _has_reading(sentence: str) -> bool:
    return any(r.celsius >= FEVER_C and not _past(sentence, r.start) for r in readings(sentence))


# --- spelling -----------------------------------------------------------------------------------------------------


def _plain(message: str) -> str:
    """The message with straight quotes, one way to write "not", and the words of the rules spelt right."""
    text = re.sub("[’‘`´]", "'", message)
    text = re.sub(r"\bcan ?not\b", "can't", text, flags=re.IGNORECASE)
    text = re.sub(
        r"\b(do|does|did|is|are|was|were|has|have|had|could|would) not\b", r"\1n't", text, flags=re.IGNORECASE
    )
    text = re.sub(r"\b(ca|wo|do|does|did|is|are|was|were|has|have|had|could|would)nt\b", r"\1n't", text, flags=re.I)
    text = re.sub(r"\bwill not\b", "won't", text, flags=re.IGNORECASE)
    return re.sub(r"[A-Za-z]{4,}", lambda match: _spelt(match.group()), text)


def _spelt(word: str) -> str:
    listed, lower = _table()["spelling"], word.casefold()
    if lower in listed["words"] or lower in listed["kept"]:
        return word
    near = (right for right in listed["words"] if right[0] == lower[0] and _one_slip(lower, right))
    return next(near, word)


def _one_slip(word: str, right: str) -> bool:
    """Whether one letter is wrong, missing, too many, or swapped with its neighbour."""
    if abs(len(word) - len(right)) > 1:
        return False
    same = len(commonprefix([word, right]))
    a, b = word[same:], right[same:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return (len(a) <= 1 and len(b) <= 1) or (len(a) == 2 and a == b[::-1])


# --- what takes a sign back ----------------------------------------------------------------------------------------

_SIGN = (
    r"(?:(?:chest |stomach |belly |abdominal )?pain|cough\w*|nausea|vomiting|diarrh\w+|chills|fevers?|rigors?|bleeding|"
    r"bruis\w+|rash|headaches?|shortness of breath|breathlessness|dyspno?ea|sweats?|dizz\w+|weakness|night sweats|"
    r"swelling|seizures?|"
    r"confusion|infections?|symptoms|shivering|sore throat|nosebleeds?)"
)
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:no|not|never|neither|nor|without|den(?:y|ies|ied|ying)|ruled? out|negative for|free of)|n't)"
    r"(?: (?:have|has|had|having|got|been|running|get|getting|feel|feeling|any|a|an|more|longer|new|(?:signs?|"
    r"symptoms?) of|"
    r"really|high|current|further|other))*"
    rf"(?P<list>(?: (?:any )?{_SIGN}(?:,|,? or|,? nor)(?: any)?)*)\s*$",
    re.IGNORECASE,
)
_LIST_GOES_ON = re.compile(rf"(?:, {_SIGN})*,? (?:or|nor) (?:any )?{_SIGN}", re.IGNORECASE)
# "Never had a fever this high" is no denial.
_AFTER_ALL = re.compile(
    r"^[^.!?]{0,30}\b(?:(?:this|that|so) (?:high|bad|long|much|strong|severe)|like (?:this|that)|before|until|till|"
    r"except|"
    r"but (?:now|today|tonight|this|since))\b",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\s*[:=]\s*(?:no|none|nil|negative|absent)\b|[- ](?:free|risks?|prevention|prophylaxis|gene|switch|disorders?|"
    r"diary|"
    r"chart|card|clinic|guidelines?|threshold)\b",
    re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"\b(?:(?:risk|chance|history) of|prevent\w*|avoid\w*|in case of|previous|prior|past|died (?:of|from)|"
    r"if (?:i|he|she|we|they|you|it) (?:ever |should )?(?:get|gets|develop|develops))(?: (?:a|an|any|more|serious|"
    r"severe))*\s*$",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:causes?|lead to|watch (?:out )?for|look out for|such as|side effects? (?:like|such as)|"
    r"(?:can|could|will|might|may|would) (?:i|he|she|we|it|this) (?:get|cause|develop))(?: (?:a|an|any|more|serious|"
    r"severe))*\s*$",
    re.IGNORECASE,
)
_LONG_AGO = (
    r"(?:(?:in|since|around) (?:19|20)\d\d|(?:\d+|a few|some|several|many|two|three|four|five|six|ten) (?:years?|"
    r"months?) "
    r"(?:ago|earlier)|years ago|last year|as a (?:child|kid|baby|teenager))"
)
_HAD = r"\b(?:had|got|suffered(?: from)?|experienced|developed)\b"
# The verb and the sign stand on one side of the time: "had a fever in 2010", "in 2010 he had a fever".
_PAST_BEFORE = re.compile(rf"\b{_LONG_AGO}\b[^;.!?]*?{_HAD}[^,;.!?]*$", re.IGNORECASE)
_PAST_AROUND = re.compile(rf"{_HAD}(?:(?!\b{_LONG_AGO}\b)[^,;.!?])*$", re.IGNORECASE)
_PAST_AFTER = re.compile(rf"[^;.!?]*?\b{_LONG_AGO}\b", re.IGNORECASE)
_NOW = re.compile(
    r"\b(?:now|today|tonight|currently|again|still|since(?! (?:19|20)\d\d)|this (?:morning|afternoon|evening|week)|"
    r"last night|yesterday|suddenly|help|urgent\w*|keeps?|hours?|minutes?|won't stop|can't)\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(r"\b(?:is|are|am|i'm|i've|he's|she's|has|have|having)\b", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:but|and) (?:now|then|since|later)\b|\b(?:rising|going up|went up|climbing|up again)\b", re.I
)


def _denied(sentence: str, match: re.Match[str]) -> bool:
    before, after = sentence[: match.start()], sentence[match.end() :]
    if _DENIED_AFTER.match(after) or _NOT_NOW.search(before):
        return True
    if _ASKED.search(before) and (sentence.rstrip().endswith("?") or _QUESTION.match(sentence)):
        return True
    denial = _DENIED_BEFORE.search(before)
    if denial is None or _AFTER_ALL.match(after):
        return False
    # "No energy, fever, chills" complains of fever; a list of signs is denied only with "or" before its last.
    listed = denial["list"].strip()
    return not listed.endswith(",") or bool(_LIST_GOES_ON.match(after))


def _past(sentence: str, start: int) -> bool:
    before, after = sentence[:start], sentence[start:]
    clause = re.split("[,;]", before)[-1] + re.split("[,;]", after)[0]
    if _NOW.search(sentence) or _PRESENT.search(clause):
        return False
    return bool(_PAST_BEFORE.search(before) or (_PAST_AROUND.search(before) and _PAST_AFTER.match(after)))


# --- questions in general ------------------------------------------------------------------------------------------

_QUESTION = re.compile(
    r"^\W*(?:what(?!'s the point)|which|who|how|why|when|where|can|could|does|do|is|are|will|should|has|have|would|"
    r"may)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"^\W*(?:define|definition|explain|describe|tell me (?:about|what|how|why)|incidence|management|treatment|"
    r"prevention|"
    r"symptoms?|signs?|causes?|risk)\b|"
    r"\b(?:patients|incidence|guidelines?|criteria|mechanisms?|prevalence|pathophysiology|randomi[sz]ed|"
    r"meta-analysis)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?<!phase )(?<!type )(?<!grade )(?<!class )i(?![\w.-])|\b(?:i'm|i've|i'd|my|mine|this|"
    r"(?<!tell )(?<!show )(?<!give )me|myself|we|we're|our|he|he's|she|"
    r"she's|his|her|him|im (?:not|so|on|very|\w+ing|\w+ed)|son|daughter|husband|wife|mom|mum|mommy|dad|mother|father|"
    r"brother|sister|partner|gran\w*|(?:the|this|our) (?:child|baby|kid|boy|girl|patient)|patient (?:has|is|"
    r"presents))\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"\b(?:defin\w+|criteri\w+|guidelines?|threshold|cut-?off)\b", re.IGNORECASE)


def _is_general(sentence: str) -> bool:
    """Whether a sentence asks about a subject, and tells nothing of anybody or of now."""
    asks = _QUESTION.match(sentence) or _TOPIC.search(sentence)
    return bool(asks) and not _PERSONAL.search(sentence) and not _NOW.search(sentence)
