"""The quoting composer: it selects and orders statements of the passages, so that nothing can be made up."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from generator.citations import Quote
from generator.composing.candidates import (
    Candidate,
    Pool,
    defines,
    find_candidates,
    on_the_point,
    scored,
    unsaid_subject,
)
from generator.composing.comparison import Sides, side_by_side
from generator.composing.corroborate import carriers, disagreeing
from generator.composing.enough import enough
from generator.composing.glossary import explain
from generator.composing.inquiry import Inquiry, Lexicon, read_inquiry
from generator.composing.notes import closing_notes, evidence_note, unsaid
from generator.composing.signs import Reading
from generator.records import AnswerAudience, Explanation, Part
from retriever.embedder import Vectors
from retriever.search import Findings

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class ComposeConfig:
    """How statements are chosen.

    At most `sentences` are shown, to a patient `patient_sentences`. Of the best `passages`, the likeliest `encoded`
    statements are compared with the question. The three shares make up a score; a passage below `min_passage` of the
    best passage's score, or a statement below `keep` of the best one's, is not worth showing; where a name is asked
    for, `keep_names` stands in for `keep`, and where even the best has none of the question's words but names,
    `keep_beside`. `novelty` is the cosine to a chosen statement from which on one repeats it. `same_source` is taken
    off for each statement that its document already gave. Below a probability of `min_evidence` that the evidence
    suffices, nothing is chosen. Set on 300 of BioASQ's development questions; see benchmarks/questions_fit.py too.
    """

    passages: int = 12
    encoded: int = 24
    sentences: int = 8
    patient_sentences: int = 6
    cosine_share: float = 0.5
    coverage_share: float = 0.3
    passage_share: float = 0.2
    min_passage: float = 0.65
    keep: float = 0.77
    keep_names: float = 0.7
    keep_beside: float = 0.88
    novelty: float = 0.9
    same_source: float = 0.02
    min_evidence: float = 0.33


@dataclass(frozen=True, slots=True)
class Point:
    """One statement of the answer: the quote that is shown, then others whose passages carry it too.

    `subject` is what a cell of a comparison speaks of; `evidence` is what its source is worth, in words.
    """

    quotes: tuple[Quote, ...]
    part: Part = "detail"
    subject: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The points of an answer in the order they are shown; none when the evidence is thin.

    `notes` are closing words of our own: what the sources do not say, a next step. `glossary` explains terms used.
    """

    points: tuple[Point, ...] = ()
    notes: tuple[str, ...] = ()
    glossary: tuple[Explanation, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The quote shown for each point."""
        return tuple(point.quotes[0] for point in self.points)


@dataclass(frozen=True, slots=True)
class _Place:
    """A candidate's place in the pool, and where in the answer it goes."""

    at: int
    part: Part
    subject: str = ""


def select_quotes(
    question: str,
    findings: Findings,
    *,
    encode: Encode,
    lexicon: Lexicon,
    audience: AnswerAudience,
    config: ComposeConfig,
) -> Selection:
    """Choose the statements that answer a question.

    A score weighs cosine to the question, share of its terms covered (by inverse document frequency, title and headings
    counted half), the passage's score, and whether the statement is of the kind asked for. Statements are taken best
    first, unless they repeat one taken or fall under the thresholds.

    Args:
        question: as asked.
        findings: passages, best first.
        encode: texts to unit vectors, shape (n, dimension).
        lexicon: the terms of the index; a question that names a gene or drug it lacks has no evidence.
        audience: sources written for it are preferred; a patient is shown numbers of survival only when asked for.
        config: the shares and thresholds.

    Returns:
        The points in reading order: the direct answer first. None when the evidence is thin.
    """
    if audience == "patient":
        config = replace(config, sentences=min(config.sentences, config.patient_sentences))
    inquiry = read_inquiry(question, lexicon)
    found = findings.found[: config.passages]
    candidates = find_candidates(inquiry, found, audience=audience, most=config.encoded)
    if not candidates:
        return Selection()
    vectors = encode([candidate.text for candidate in candidates])
    shares = (config.cosine_share, config.coverage_share, config.passage_share)
    candidates = [
        scored(candidate, inquiry, cosine=float(cosine), shares=shares, audience=audience)
        for candidate, cosine in zip(candidates, vectors @ findings.vector, strict=True)
    ]
    pool = Pool(candidates, vectors)
    if not enough(inquiry, pool, lexicon, reading=Reading(findings.vector, encode), least=config.min_evidence):
        return Selection()
    places = _places(inquiry, pool, config)
    points = tuple(
        _point(inquiry, pool, place, taken={p.at for p in places}, audience=audience, encode=encode) for place in places
    )
    return _selection(inquiry, points, [candidates[place.at] for place in places], audience)


def _selection(
    inquiry: Inquiry, points: tuple[Point, ...], shown: Sequence[Candidate], audience: AnswerAudience
) -> Selection:
    words = [candidate.text for candidate in shown]
    return Selection(
        points=points,
        notes=closing_notes(inquiry, shown, audience, compared=any(point.part == "cell" for point in points)),
        glossary=explain(words, inquiry.text) if audience == "patient" else (),
    )


def _point(
    inquiry: Inquiry, pool: Pool, place: _Place, *, taken: Collection[int], audience: AnswerAudience, encode: Encode
) -> Point:
    candidate = pool.candidates[place.at]
    quote = candidate.quote(unsaid_subject(candidate, inquiry))
    others = carriers(pool, place.at, taken=taken, encode=encode) if not quote.items else ()
    stated = audience == "clinician" or place.part == "contrast"
    evidence = evidence_note(candidate.found.hit.evidence) if stated else ""
    return Point((quote, *others), place.part, place.subject, evidence)


def _places(inquiry: Inquiry, pool: Pool, config: ComposeConfig) -> list[_Place]:
    """The statements to show: a comparison by subject; else the direct answer, what matters, studies that differ."""
    if inquiry.subjects:
        sides = side_by_side(inquiry, pool, novelty=config.novelty)
        if sides.rows:
            return _compared(inquiry, sides)
    keep = config.keep_names if inquiry.kind == "name" else config.keep
    if not on_the_point(pool.candidates[pool.ranked()[0]], inquiry):
        keep = config.keep_beside
    chosen = _chosen(pool, config, keep)
    against = disagreeing(pool, chosen)
    told = [at for at in chosen if at not in against]
    if told and unsaid(inquiry, [pool.candidates[at] for at in told]):
        told = told[:_BESIDE]  # what does not speak of all that was asked is no reason for many words
    first = _direct(inquiry, pool, told) if told else None
    detail: Part = "list" if inquiry.kind == "list" else "detail"
    rest = sorted((at for at in told if at != first), key=lambda at: _reading_order(pool.candidates[at]))
    opening = [_Place(first, "answer")] if first is not None else []
    return [*opening, *(_Place(at, detail) for at in rest), *(_Place(at, "contrast") for at in against)]


def _compared(inquiry: Inquiry, sides: Sides) -> list[_Place]:
    one, other = inquiry.subjects
    cells = [(_Place(a, "cell", one), _Place(b, "cell", other)) for a, b in sides.rows]
    return [*(_Place(at, "answer") for at in sides.both), *(place for row in cells for place in row)]


# A direct answer is short: of statements nearly as good as the best, the first that is.
_DIRECT_WORDS, _NEARLY = 40, 0.95
# A definition opens the answer to a question for one, unless another statement is far better.
_NOT_FAR = 0.75
_BESIDE = 3


def _direct(inquiry: Inquiry, pool: Pool, chosen: Sequence[int]) -> int:
    """The statement to open with: a definition if asked for one, else the best, or a short one nearly as good."""
    best = pool.candidates[chosen[0]].score
    for at in chosen if inquiry.kind == "definition" else ():
        candidate = pool.candidates[at]
        if candidate.score >= _NOT_FAR * best and defines(candidate, inquiry):
            return at
    for at in chosen if inquiry.kind != "list" else ():
        candidate = pool.candidates[at]
        short = len(candidate.text.split()) <= _DIRECT_WORDS and not candidate.statement.items
        if short and candidate.score >= _NEARLY * best:
            return at
    return chosen[0]


def _reading_order(candidate: Candidate) -> tuple[int, int]:
    return (candidate.found.hit.rank, candidate.statement.start)


def _chosen(pool: Pool, config: ComposeConfig, keep: float) -> list[int]:
    """The places of the statements worth showing, best first."""
    candidates, ranked = pool.candidates, pool.ranked()
    floor = keep * candidates[ranked[0]].score
    least = config.min_passage * max(candidate.found.hit.score for candidate in candidates)
    chosen: list[int] = []
    given: Counter[str] = Counter()
    waiting = [at for at in ranked if candidates[at].found.hit.score >= least or at == ranked[0]]
    while waiting and len(chosen) < config.sentences:
        worth = {
            at: candidates[at].score - config.same_source * given[candidates[at].found.hit.doc_id] for at in waiting
        }
        best = max(waiting, key=lambda at: (worth[at], -candidates[at].order))
        if worth[best] < floor:
            break
        chosen.append(best)
        given[candidates[best].found.hit.doc_id] += 1
        waiting = [at for at in waiting if at != best and not _repeats(pool, at, best, config.novelty)]
    return chosen


def _repeats(pool: Pool, one: int, other: int, novelty: float) -> bool:
    return pool.nearness(one, other) >= novelty or pool.overlap(one, other)
