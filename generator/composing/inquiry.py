"""What a question asks for: its kind, what it names, and how much each of its terms counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

from retriever.facets import read_table
from retriever.terms import surface_terms
from retriever.vocabulary import MARK

InquiryKind = Literal["definition", "list", "comparison", "quantity", "yesno", "name", "open"]


class Lexicon(Protocol):
    """The terms of an index."""

    def idf(self, term: str) -> float:
        """The inverse document frequency of a term; large for one the index lacks."""

    def knows(self, term: str) -> bool:
        """Whether the index has a term."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as the composer reads it.

    Attributes:
        text: as asked.
        kind: how its answer is laid out.
        weights: the inverse document frequency of each of its terms.
        named: the words of each drug, gene and disease it names, by concept term ("§aml": "AML").
        subjects: the two things that a comparison compares, as written; empty for any other question.
        wanted: the classes of name that would answer it ("genes" for "which gene"), or "number".
        outlook: whether it asks about survival or the outlook.
    """

    text: str
    kind: InquiryKind
    weights: Mapping[str, float]
    named: Mapping[str, str]
    subjects: tuple[str, ...] = ()
    wanted: frozenset[str] = frozenset()
    outlook: bool = False

    @property
    def classes(self) -> frozenset[str]:
        """Which of "drugs", "genes" and "diseases" it names."""
        return frozenset(_classes()[term] for term in self.named)


_PLURALS = (
    r"symptoms|signs|(?:side|adverse|late|long-term|toxic) effects|adverse (?:events|reactions)|toxicities|types|kinds|"
    r"subtypes|forms|classes|causes|risk factors|factors|drugs|medicines|medications|agents|inhibitors|treatments|"
    r"therapies|options|stages|phases|tests|complications|foods|genes|mutations|proteins|diseases|disorders|conditions|"
    r"syndromes|indications|interactions|features|manifestations|criteria|biomarkers|markers|targets|pathways|methods|"
    r"tools|databases|ways|steps|reasons|goals|benefits|risks|precautions|warnings|vaccines|infections|organs|regions|"
    r"components|examples|species|bacteria|viruses|cells|hormones|enzymes|receptors|functions|roles|techniques"
)
_LIST = re.compile(
    rf"^\W*(?:list|name|enumerate)\b|\b(?:what|which|list|name|tell me|describe|are there|"
    rf"any)\b(?:\W+[\w'’/-]+){{0,5}}?"
    rf"\W+(?:{_PLURALS})\b|^\W*(?:{_PLURALS})\b|\b(?:symptoms|side effects) of\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(
    r"^\W*(?:what(?:'s|’s| is| are| does)\b(?! the (?!definition|meaning))(?:\W+[\w'’/():,-]+){1,6}?"
    r"(?:\s+(?:mean|used for))?\W*$|define\b|explain\b|who is\b)",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\bhow (?:many|much|often|long|high|low|common|likely|frequent\w*|old)\b|\bwhat (?:is the )?(?:percentage|dose|"
    r"dosage|prevalence|incidence|frequency|rate|risk|temperature|age|number|proportion)\b|\bhazard ratio\b",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^\W*(?:is|are|was|were|does|do|did|can|could|should|will|would|has|have|may|might|must)\b", re.IGNORECASE
)
_NAME = re.compile(
    r"^\W*(?:(?:in|of|for|to|from|by|with|under|on|at) )?(?:which|what|who|where)\b(?! (?:is|are|was|"
    r"were) (?:the )?(?:role|"
    r"effect|difference|relationship|mechanism|function|purpose|use)\b)(?! (?:does|do|did|can|happens?|should|"
    r"helps?)\b)",
    re.IGNORECASE,
)
_THING = r"(?P<{}>[^?,;]{{2,80}}?)"
_COMPARISONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bdifferen(?:ces?|t)\s+(?:is\s+there\s+)?between\s+{_THING.format('a')}\s+and\s+{_THING.format('b')}\W*$",
        rf"\bhow (?:does|do|is|are)\s+{_THING.format('a')}\s+differ(?:ent)?\s+from\s+{_THING.format('b')}\W*$",
        rf"\bcompare\s+{_THING.format('a')}\s+(?:and|with|to|against)\s+{_THING.format('b')}\W*$",
        rf"^(?:what is |is |are )?{_THING.format('a')}\s+(?:vs\.?|versus)\s+{_THING.format('b')}"
        r"(?:\s+(?:in|for|as)\s+(?P<scope>[^?]+))?\W*$",
    )
)
_WANTED = {
    "genes": re.compile(
        r"\b(?:which|what) (?!is |are |was |does |do )(?:\w+ ){0,2}?(?:genes?|mutations?|proteins?|fusions?|"
        r"kinases?)\b",
        re.I,
    ),
    "drugs": re.compile(
        r"\b(?:which|what) (?!is |are |was |does |do )(?:\w+ ){0,2}?(?:drugs?|medicines?|medications?|inhibitors?|"
        r"antibod(?:y|ies)|agents?)\b",
        re.I,
    ),
    "diseases": re.compile(
        r"\b(?:which|what) (?!is |are |was |does |do )(?:\w+ ){0,2}?(?:diseases?|disorders?|cancers?|leuka?emias?|"
        r"syndromes?|conditions?)\b",
        re.I,
    ),
    "number": _QUANTITY,
}
_OUTLOOK = re.compile(
    r"\b(?:surviv\w*|prognos\w*|outlook|life expectancy|mortality|die|dying|death|deaths|fatal|cur(?:e|es|ed|able)|"
    r"how long (?:do|does|will|can|have)|chance of recovery|overall survival|outcomes?)\b",
    re.IGNORECASE,
)


def read_inquiry(text: str, lexicon: Lexicon) -> Inquiry:
    """Read a question; its terms are weighed by the index it is put to."""
    subjects = compared(text)
    return Inquiry(
        text=text,
        kind=_kind(text, subjects),
        weights=_weights(text, lexicon),
        named=named_concepts(text),
        subjects=subjects,
        wanted=frozenset(name for name, pattern in _WANTED.items() if pattern.search(text)),
        outlook=bool(_OUTLOOK.search(text)),
    )


def _weights(text: str, lexicon: Lexicon) -> dict[str, float]:
    """The weight of each term; none for a word that the index lacks where it has the concept the word names."""
    placed = surface_terms(text)
    named = [(start, end) for term, start, end in placed if term.startswith(MARK) and lexicon.knows(term)]

    def stands_in(start: int, end: int) -> bool:
        return any(first <= start and end <= last for first, last in named)

    return {term: lexicon.idf(term) for term, start, end in placed if lexicon.knows(term) or not stands_in(start, end)}


def _kind(text: str, subjects: tuple[str, ...]) -> InquiryKind:
    kinds: tuple[tuple[InquiryKind, object], ...] = (
        ("comparison", subjects),
        ("quantity", _QUANTITY.search(text)),
        ("yesno", _YES_NO.search(text)),
        ("list", _LIST.search(text)),
        ("definition", _DEFINITION.search(text)),
        ("name", _NAME.search(text)),
    )
    return next((kind for kind, holds in kinds if holds), "open")


def compared(text: str) -> tuple[str, ...]:
    """The two things a question compares, as written; what they share at the end is given to both.

    "acute and chronic leukemia" are "acute leukemia" and "chronic leukemia".
    """
    match = next((found for pattern in _COMPARISONS if (found := pattern.search(text.strip()))), None)
    if match is None:
        return ()
    one, other = (re.sub(r"^(?:the|an?)\s+", "", match[name].strip(), flags=re.IGNORECASE) for name in "ab")
    if len(one.split()) == 1 and len(other.split()) == 2 and not concept_classes(one):
        one = f"{one} {other.split()[-1]}"
    return (one, other)


# Whom a question may be about, and money, as question and source name them; evidence on others does not hold for them.
_PEOPLE = (
    ("children", re.compile(r"\b(?:child\w*|kids?|pa?ediatric\w*|infants?|bab(?:y|ies)|toddlers?|juvenile)\b", re.I)),
    ("pregnancy", re.compile(r"\b(?:pregnan\w*|unborn|fo?etus|foetal|fetal|teratogen\w*)\b", re.I)),
    ("breastfeeding", re.compile(r"\b(?:breast-?\s?(?:feed|fed|milk)\w*|lactat\w*|nursing)\b", re.I)),
    ("costs", re.compile(r"\b(?:costs?|prices?|euros?|dollars?|expensive|afford\w*)\b|[€$£]", re.I)),
    ("older people", re.compile(r"\b(?:elderly|older|seniors?|frail\w*|geriatric|aged? \W*\d\d)\b", re.I)),
)


def people_missing(question: str, sources: str) -> list[str]:
    """The groups of people, or "costs", that a question is about and a text does not name: "children", "pregnancy"…"""
    return [name for name, people in _PEOPLE if people.search(question) and not people.search(sources)]


# What only a person's own records, people and places tell: no collection holds it.
_PRIVATE = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:Dr\.?|[Dd]octor|Prof\.?|Professor|Nurse) [A-Z][a-z]+",
        r"(?i:\b(?:says?|said|writes?|wrote|written|thinks?) (?:\w+ )?(?:about|of|to|for) (?:me|us|my|him|her)\b)",
        r"(?i:^\W*(?:what|which|when|where|who) (?:is|was|were|will) (?:my|our|(?:my|our) \w+['’]s) "
        r"(?!(?:\w+ )?(?:chances?|risks?|options?|outlook|prognosis|choices?|rights?)\b))",
        r"(?i:^\W*(?:has|have|did|is|was|are|were) (?:my|our) .{2,40}\b(?:come back|arrived|called|phoned|ready|"
        r"booked|scheduled|signed|sent|paid)\b)",
        r"(?i:\b(?:phone|telephone|fax|room|bed|email|address|number|password|name|birthday|salary) "
        r"(?:\w+ )?(?:of|for) my\b)",
        r"(?i:\b(?:my|our) (?:insurer|insurance|employer|doctor|nurse|hospital|clinic|pharmacy|ward)"
        r"(?:['’]s)? (?:pays?|covers?|phone|number|address|e-?mail|name|open|opens|called?|decided?|order(?:ed)?|"
        r"prescribed?)\b)",
        r"(?i:^\W*(?:which|what|who|where)\b.*\b(?:am i|are we|is my (?:son|daughter|wife|husband|mother|father|child))"
        r" (?:in|at|on|with)\b)",
        r"(?i:^\W*who\b.*\b(?:with|beside|next to) (?:me|us|my)\b)",
        r"(?i:^\W*(?:(?:where|when) )?did (?:i|we) (?:already )?(?:take|put|leave|sign|book|order|pay|tell|send)\b)",
        r"(?i:\b(?:did|do) they (?:find|see|write|say|tell)\b.*\bmy\b)",
        r"(?i:\b(?:which|what) (?:clinic|hospital|surgeon|doctor|cent(?:re|er)) (?:in|near|around|has|is)\b)",
    )
)


def private(text: str) -> bool:
    """Whether a question asks for what only a person's own records or surroundings tell: "What is my Rai stage?"."""
    return any(pattern.search(text) for pattern in _PRIVATE)


_OTHER_CANCER = re.compile(
    r"\b(?:kidney|renal|testicular|lung|breast|colon|colorectal|rectal|bowel|prostate|thyroid|cervical|ovarian|uterine|"
    r"endometrial|pancreatic|liver|stomach|gastric|o?esophageal|bladder|skin|brain|bone|eye|mouth|throat|laryngeal|"
    r"head and neck) (?:cancers?|carcinomas?|tumou?rs?)\b",
    re.I,
)


def cancer_missing(question: str, sources: str) -> bool:
    """Whether a question names the cancer of an organ that a text does not: a kidney here and a cancer there."""
    named = [match[0].casefold().removesuffix("s") for match in _OTHER_CANCER.finditer(question)]
    return any(name not in sources.casefold() for name in named)


def named_concepts(text: str) -> dict[str, str]:
    """The words of each drug, gene and disease of the tables that a text names, by its nearest concept term."""
    found: dict[tuple[int, int], str] = {}
    for term, start, end in surface_terms(text):
        if term in _classes():
            found.setdefault((start, end), term)
    return {term: text[start:end] for (start, end), term in found.items()}


def concept_classes(text: str) -> frozenset[str]:
    """Which of "drugs", "genes" and "diseases" a text names."""
    return frozenset(_classes()[term] for term in named_concepts(text))


@cache
def _classes() -> dict[str, str]:
    """The table of each concept term."""
    names = ("drugs", "genes", "diseases")
    return {MARK + row["id"]: name for name in names for row in read_table(f"{name}.toml")["concept"]}


def concept_class(term: str) -> str | None:
    """The table that a concept term comes from: "drugs", "genes", "diseases"; None for any other term."""
    return _classes().get(term)
