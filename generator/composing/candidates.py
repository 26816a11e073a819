"""The statements of the passages found, scored against the question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.citations import Quote
from generator.composing.inquiry import Inquiry, concept_class
from generator.composing.statements import Statement, statements
from generator.records import AnswerAudience
from retriever.embedder import Vectors
from retriever.search import Found
from retriever.terms import surface_terms, terms
from retriever.vocabulary import MARK

# A title of so many words names what every statement under it speaks of ("Imatinib", "Symptoms of leukemia").
_SUBJECT_WORDS = 4
_HEADING_SHARE, _LIST_SHARE = 0.5, 0.9
_CARRIED_SHARE = 0.95
_OTHER_AUDIENCE_SHARE, _OWN_AUDIENCE_SHARE, _STUDY_SHARE = 0.9, 1.05, 0.9
_FOR_PROFESSIONALS = re.compile(r"health professional", re.IGNORECASE)
_FOR_PATIENTS = re.compile(r"patient version|package leaflet", re.IGNORECASE)
_DEFINING = re.compile(
    r"^(?:(?:an?|the)\s+)?[^.]{2,80}?\b(?:is|are|means|refers to)\s+"
    r"(?:an?|the|one|any|when|type|cancers?|caused|too)\b",
    re.I,
)
# "X (brands Y and Z) is a …": nothing but a name, and what is in brackets, stands before the verb.
_NAMED_AS = re.compile(
    r"^(?:(?:an?|the)\s+)?(?P<name>(?:(?!\b(?:in|at|of|after|with|should|must|can|for)\b)[^,.;()]){2,70}?"
    r"(?:\([^)]*\)\s*)?)(?:,[^,.]{3,50},\s*)?\b\s*(?:is|are|means)\s+(?:an?|the|one|any)\b",
    re.I,
)
_GLOSSED = re.compile(r" \((?:an?|the) \w+ (?:\w+ ){1,}")
_DEFINITION_BONUS, _LIST_BONUS, _WANTED_BONUS, _HEADED_BONUS, _GLOSSED_SHARE = 0.15, 0.06, 0.05, 0.05, 0.7
_BESIDE_SHARE = 0.85
_WEAK_KINDS = {"preclinical": 0.92, "case-report": 0.95}
_ENUMERATION_COMMAS = 2
_SURVIVAL = re.compile(r"\b(?:surviv\w*|mortality|died|deaths?|fatal\w*|life expectancy|cure rate|prognos\w*)\b", re.I)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that may be shown.

    `own` are its terms, `around` those of its title and headings; `coverage` is the share of the question's terms it
    has, 0..1; `cosine` and `score` are 0 until it is compared with the question.
    """

    found: Found
    statement: Statement
    order: int
    own: frozenset[str]
    around: frozenset[str]
    coverage: float
    cosine: float = 0.0
    score: float = 0.0

    @property
    def text(self) -> str:
        """Its words as they stand."""
        return self.found.stored.passage.text[self.statement.start : self.statement.end]

    def quote(self, subject: str = "") -> Quote:
        """Its quote; `subject` is what it speaks of without saying so."""
        made = self.statement
        score = round(min(max(self.score, 0.0), 1.0), 4)
        named = made.referent or subject
        return Quote(self.found.stored, made.start, made.end, score, named, made.opening, made.items)


def find_candidates(
    inquiry: Inquiry, found: Sequence[Found], *, audience: AnswerAudience, most: int
) -> list[Candidate]:
    """The statements worth comparing with the question, at most `most`, the likeliest first by terms and passage."""
    made: list[Candidate] = []
    for item in found:
        passage = item.stored.passage
        around = frozenset(terms(f"{item.hit.title} {' '.join(passage.section)}"))
        for statement in statements(passage.text, section=passage.section):
            words = passage.text[statement.start : statement.end]
            if audience == "patient" and not inquiry.outlook and _SURVIVAL.search(words) and _DIGIT.search(words):
                continue
            own = frozenset(terms(f"{statement.referent} {words}"))
            # What stands above a list says what it is a list of.
            covered = covered_share(
                inquiry.weights, own, around, heading=_LIST_SHARE if statement.items else _HEADING_SHARE
            )
            made.append(Candidate(item, statement, len(made), own, around, covered))
    return sorted(made, key=lambda c: (-(c.coverage + c.found.hit.score), c.order))[:most]


def covered_share(
    weights: Mapping[str, float], own: frozenset[str], around: frozenset[str], *, heading: float
) -> float:
    """The share of weighted terms that a statement has, 0..1; one that only its headings have counts `heading`."""
    covered = sum(w * (1.0 if t in own else heading if t in around else 0.0) for t, w in weights.items())
    return covered / (sum(weights.values()) or 1.0)


def scored(
    candidate: Candidate,
    inquiry: Inquiry,
    *,
    cosine: float,
    shares: tuple[float, float, float],
    audience: AnswerAudience,
) -> Candidate:
    """A candidate with its score: shares of cosine, coverage and passage, and what the kind of question asks for."""
    score = (
        shares[0] * max(cosine, 0.0)
        + shares[1] * candidate.coverage
        + shares[2] * candidate.found.hit.score
        + _fit(candidate, inquiry)
    )
    # Each sentence carried along has to earn its place: most of what a pair says is said by its first alone.
    score *= _CARRIED_SHARE**candidate.statement.carried * _standing(candidate.found, audience)
    if not on_the_point(candidate, inquiry):
        score *= _BESIDE_SHARE
    return replace(candidate, cosine=cosine, score=score)


def _asked(inquiry: Inquiry) -> set[str]:
    """The terms of a question beside the names in it."""
    names = {term for words in inquiry.named.values() for term in terms(words)}
    return {term for term in inquiry.weights if term not in names and not term.startswith(MARK)}


def _headed(candidate: Candidate) -> frozenset[str]:
    return frozenset(terms(" ".join(candidate.found.hit.section[-1:])))


def on_the_point(candidate: Candidate, inquiry: Inquiry) -> bool:
    """Whether a statement, or the heading above it, has a word of the question beside its names."""
    asked = _asked(inquiry)
    return not asked or not inquiry.named or not asked.isdisjoint(candidate.own | _headed(candidate))


def _fit(candidate: Candidate, inquiry: Inquiry) -> float:
    """What a statement is worth beyond its words for being of the kind asked for, 0 or more."""
    text, bonus = candidate.text, 0.0
    if inquiry.kind == "definition":
        bonus += _DEFINITION_BONUS * _defines(text, inquiry.weights)
    if inquiry.kind == "list" and (candidate.statement.items or text.count(",") >= _ENUMERATION_COMMAS):
        bonus += _LIST_BONUS
    classes = {concept_class(term) for term in candidate.own - inquiry.weights.keys()}
    wanted = any(name in classes for name in inquiry.wanted) or ("number" in inquiry.wanted and _counts(text))
    headed = not _asked(inquiry).isdisjoint(_headed(candidate))
    return bonus + _WANTED_BONUS * wanted + _HEADED_BONUS * headed


def _defines(text: str, weights: Mapping[str, float]) -> float:
    """How far a text says what the question's subject is, 0..1: "X is a …", "X (a condition in which …)"."""
    opening = _opens_with(text, weights) if _DEFINING.match(text) else 0.0
    match = _GLOSSED.search(text)
    glossed = _opens_with(text[max(0, match.start() - 40) : match.start() + 1], weights) if match else 0.0
    return max(opening, _GLOSSED_SHARE * glossed)


def defines(candidate: Candidate, inquiry: Inquiry) -> bool:
    """Whether a statement says what the subject of a question is, with nothing else before it: "X (Y) is a …"."""
    match = _NAMED_AS.match(candidate.text)
    return match is not None and not inquiry.weights.keys() - set(terms(match["name"]))


def _counts(text: str) -> bool:
    return bool(_DIGIT.search(text))


def _opens_with(text: str, weights: Mapping[str, float]) -> float:
    """The share of weighted terms among the first words of a text, 0..1."""
    opening = {term for term, start, _ in surface_terms(text[:120]) if start < 60}
    return sum(w for t, w in weights.items() if t in opening) / (sum(weights.values()) or 1.0)


def _standing(found: Found, audience: AnswerAudience) -> float:
    """What a source is worth to a reader, 0.9 to 1.05: written for them, and for a patient no report of a study."""
    for_whom = written_for(found)
    share = _WEAK_KINDS.get(found.hit.evidence.kind, 1.0)
    if for_whom not in (None, "both", "other", audience):
        return share * _OTHER_AUDIENCE_SHARE
    if audience == "patient":
        if found.hit.kind == "handbook" or for_whom in ("patient", "both"):
            return share * _OWN_AUDIENCE_SHARE
        return share * (_STUDY_SHARE if found.hit.kind in ("pubmed", "abstract") else 1.0)
    return share


def written_for(found: Found) -> str | None:
    """Whom a source was written for: by its title and first heading, else as it says itself."""
    named = f"{found.hit.title} {found.hit.section[0] if found.hit.section else ''}"
    if _FOR_PROFESSIONALS.search(named):
        return "clinician"
    return "patient" if _FOR_PATIENTS.search(named) else found.hit.audience


def all_words(candidates: Iterable[Candidate]) -> str:
    """The words of some statements with those of their titles and headings."""
    return "\n".join(f"{c.text} {c.found.hit.title} {' '.join(c.found.hit.section)}" for c in candidates)


def unsaid_subject(candidate: Candidate, inquiry: Inquiry) -> str:
    """The title, where it is short and names what the question names and the statement's own words do not."""
    title = candidate.found.hit.title.removesuffix(" - NCI").strip()
    if len(title.split()) > _SUBJECT_WORDS:
        return ""
    missing = inquiry.named.keys() - candidate.own
    return title[:1].upper() + title[1:] if missing & candidate.around & set(terms(title)) else ""


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates with their unit vectors, shape (n_candidates, dimension), in the same order."""

    candidates: Sequence[Candidate]
    vectors: Vectors

    def ranked(self) -> list[int]:
        """The places of the candidates, best first; equal scores as found."""
        return sorted(range(len(self.candidates)), key=lambda i: (-self.candidates[i].score, self.candidates[i].order))

    def nearness(self, one: int, other: int) -> float:
        """The cosine of two candidates."""
        return float(self.vectors[one] @ self.vectors[other])

    def overlap(self, one: int, other: int) -> bool:
        """Whether two candidates quote some of the same words."""
        a, b = self.candidates[one], self.candidates[other]
        same = a.found.hit.passage_id == b.found.hit.passage_id
        return same and a.statement.start < b.statement.end and b.statement.start < a.statement.end
