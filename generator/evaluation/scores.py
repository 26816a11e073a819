"""The figures of an evaluation of answers: of each question, and of all.

A refused question counts as a miss in `of_all`, and not at all in `of_answered`; the figures at the top of the scores
say which of the two they are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np

from generator.records import Verdict
from retriever.records import Record

Figures = dict[str, float | None]

# Of a question that is refused each of these is 0, where it can be measured at all.
QUALITY = (
    "citation_precision",
    "citation_recall",
    "factoid_hit",
    "list_recall",
    "yesno_accuracy",
    "yesno_implied",
    "rouge2",
    "rougeSU4",
    "rouge2_recall",
    "rougeSU4_recall",
)


class Result(Record):
    """One question: what was answered, and its figures.

    `expected` are the names or the yes or no of the exact answer; `cited` and `gold` are document ids of the folder;
    `figures` holds those of `QUALITY` that can be measured on it; `stated` is the yes or no that the answer opens with.
    """

    question: str
    text: str
    kind: str
    expected: tuple[str, ...]
    abstained: bool
    sentences: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    cited: tuple[str, ...]
    gold: tuple[str, ...]
    false_quotes: int
    figures: dict[str, float]
    stated: str
    words: int
    grade: float | None
    ms: float


class AnswerScores(Record):
    """The means over the questions of a folder; None where no question allows the measure.

    Citation precision and recall, at the top, are means over the answered questions that could cite (each question
    counts alike); all other measures there are over all questions of their kind, a refused one counting 0.

    Attributes:
        citation_precision: of the documents an answer cites, the share that is gold.
        citation_recall: of the gold documents, the share that is cited.
        factoid_hit: a name of the exact answer occurs in the answer's sentences (BioASQ's lenient accuracy).
        list_recall: the share of the entities asked for that occur.
        yesno_accuracy: the answer opens with the right yes or no; one that opens with neither is a miss.
        yesno_stated: the share of yes/no questions whose answer opens with yes or no.
        yesno_majority: what always answering the commoner of the two would score.
        rouge2: F1 in pairs of words with the nearest ideal answer.
        rougeSU4: F1 in words and pairs with up to four words between.
        abstained: the share of questions refused.
        unsupported_shown: the share of the sentences shown whose verdict is "unsupported".
        false_quotes: how many citations give words that do not stand where they say; must be 0.
        questions: how many were asked.
        ms: the median and 95th percentile of milliseconds an answer took.
        verdicts: the share of the sentences shown by verdict.
        sentences: mean count of sentences of an answer.
        words: mean count of words of an answer.
        grade: mean Flesch-Kincaid grade of an answer.
        of_all: every measure over all questions, a refused one counting 0; `yesno_implied` reads a yes or no from the
            first sentence (no where it denies), for answers that quote and so state neither.
        of_answered: the same over the answered questions.
        kinds: how many questions there are of each kind.
        unmeasured: how many questions lack what a measure needs, by what they lack.
    """

    citation_precision: float | None
    citation_recall: float | None
    factoid_hit: float | None
    list_recall: float | None
    yesno_accuracy: float | None
    yesno_stated: float | None
    yesno_majority: float | None
    rouge2: float | None
    rougeSU4: float | None
    abstained: float
    unsupported_shown: float | None
    false_quotes: int
    questions: int
    ms: dict[str, float]
    verdicts: dict[str, float]
    sentences: float | None
    words: float | None
    grade: float | None
    of_all: Figures
    of_answered: Figures
    kinds: dict[str, int]
    unmeasured: dict[str, int]


def summarise(results: Sequence[Result]) -> AnswerScores:
    """The means of the results of one system.

    Raises:
        ValueError: if there is no result.
    """
    answered = [result for result in results if not result.abstained]
    of_all, of_answered = _means(results), _means(answered)
    verdicts = Counter(verdict for result in answered for verdict in result.verdicts)
    shares: dict[str, float] = {
        verdict: round(count / verdicts.total(), 5) for verdict, count in sorted(verdicts.items())
    }
    yes = _mean(r.expected == ("yes",) for r in results if "yesno_accuracy" in r.figures)
    times = [result.ms for result in results]
    return AnswerScores(
        citation_precision=of_answered["citation_precision"],
        citation_recall=of_answered["citation_recall"],
        factoid_hit=of_all["factoid_hit"],
        list_recall=of_all["list_recall"],
        yesno_accuracy=of_all["yesno_accuracy"],
        yesno_stated=_mean(bool(r.stated) for r in results if r.kind == "yesno"),
        yesno_majority=None if yes is None else round(max(yes, 1 - yes), 5),
        rouge2=of_all["rouge2"],
        rougeSU4=of_all["rougeSU4"],
        abstained=round(1 - len(answered) / len(results), 5),
        unsupported_shown=shares.get("unsupported", 0.0) if shares else None,
        false_quotes=sum(r.false_quotes for r in results),
        questions=len(results),
        ms={"p50": round(float(np.percentile(times, 50)), 2), "p95": round(float(np.percentile(times, 95)), 2)},
        verdicts=shares,
        sentences=_mean(len(r.sentences) for r in answered),
        words=_mean(r.words for r in answered),
        grade=_mean(r.grade for r in answered if r.grade is not None),
        of_all=of_all,
        of_answered=of_answered,
        kinds=dict(sorted(Counter(r.kind for r in results).items())),
        unmeasured=_unmeasured(results),
    )


def _means(results: Sequence[Result]) -> Figures:
    return {name: _mean(r.figures[name] for r in results if name in r.figures) for name in QUALITY}


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return round(fmean(listed), 5) if listed else None


_NEEDED: Mapping[str, tuple[str, str]] = {
    "factoid": ("factoid_hit", "factoid questions without an exact answer"),
    "list": ("list_recall", "list questions without an exact answer"),
    "yesno": ("yesno_accuracy", "yes/no questions without an answer"),
}


def _unmeasured(results: Sequence[Result]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for result in results:
        measure, lack = _NEEDED.get(result.kind, ("", ""))
        counts[lack] += bool(measure) and measure not in result.figures
        counts["questions of unknown type"] += result.kind == "unknown"
        counts["questions without an ideal answer"] += "rouge2" not in result.figures
        counts["questions without a gold document"] += not result.gold
    return {lack: count for lack, count in counts.items() if count}
