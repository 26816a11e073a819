"""Why a plan is so: sentences of the index on its needs, exclusions and symptoms, the gravest first."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from generator.composing.layout import markdown
from generator.diet.advice import whom_of
from generator.diet.mentions import may_be_told
from generator.diet.profile import Profile
from generator.diet.records import DietPlan
from generator.diet.vocabulary import name_of
from generator.prompts import REFUSAL
from generator.records import Answer, Citation, Sentence, Triage

Ask = Callable[[str], Answer]
COMPUTED = (
    "The targets, the exclusions and the amounts of this plan were computed from tables with sources; no language "
    "model chose a food."
)
_WHO = "{who}"
_SHOWN = ("answer", "detail", "list")


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("generator.diet").joinpath("explain.toml").read_text("utf-8"))


def explain(profile: Profile, plan: DietPlan, answer: Ask) -> Answer:
    """Explain a plan by cited sentences, each as the answer pipeline gave and checked it.

    What touches safety and drugs comes first. A sentence that recommends a food which the person must not eat is left
    out, and so is one that does not speak of what was asked.

    Args:
        profile: whom the plan is for.
        plan: the plan; what it excludes is not recommended.
        answer: answers a question from the index.

    Returns:
        One answer with its citations numbered anew; a refusal if the index has nothing to say.

    Raises:
        MarrowError: if the index cannot be searched.
    """
    draft = _Draft(plan.triage)
    for asked in _asked(profile):
        found = answer(asked.question)
        if not found.abstained:
            draft.take(found, _fitting(found, asked.terms, profile, plan))
    return draft.finish()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the index, and what a sentence that answers it has to have."""

    question: str
    terms: tuple[str, ...]


def _asked(profile: Profile) -> list[_Asked]:
    whom = whom_of(profile)
    rows = [row for row in _tables()["ask"] if whom & set(row["for"]) and not whom & set(row.get("unless", ()))]
    asked = [(row, one) for row in rows for one in _filled(row, profile)]
    room = _tables()["most_questions"] - sum("always" in row for row, _ in asked)
    others = [one for row, one in asked if "always" not in row][:room]
    return [one for row, one in asked if "always" in row or one in others]


def _filled(row: dict[str, Any], profile: Profile) -> list[_Asked]:
    """A row with each drug of the person in the place of {who}; the row alone where it names none."""
    who = [name_of("drugs", key) for key in profile.drugs if key in row["for"]] if _WHO in row["question"] else [""]
    return [
        _Asked(row["question"].replace(_WHO, name), tuple(term.replace(_WHO, name) for term in row["terms"]))
        for name in who
    ]


def _fitting(found: Answer, terms: Sequence[str], profile: Profile, plan: DietPlan) -> Iterator[Sentence]:
    """The first sentences of an answer that speak of the question and recommend nothing that is excluded."""
    forbidden = {one.food_id for one in plan.excluded if one.food_id}
    never = (*profile.allergies, *profile.avoid)
    taken = 0
    for sentence in found.sentences:
        told = _retold(sentence)
        fits = sentence.part in _SHOWN and sentence.citations and _speaks(told, terms)
        if fits and taken < _tables()["most"] and may_be_told(told, forbidden=forbidden, never=never):
            taken += 1
            yield sentence


def _retold(sentence: Sentence) -> str:
    """All that a sentence shows: its text and, where it is a list, its entries."""
    return " ".join((sentence.text, *sentence.lines))


def _speaks(text: str, terms: Sequence[str]) -> bool:
    return any(
        all(re.search(rf"\b{re.escape(part)}", text, re.IGNORECASE) for part in term.split(" + ")) for term in terms
    )


@dataclass(slots=True)
class _Draft:
    """An explanation as it grows; the same words of a source have one number."""

    triage: Triage
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    index_version: str = ""
    model: str = ""

    def take(self, found: Answer, chosen: Iterator[Sentence]) -> None:
        """Add the chosen sentences of an answer that are not there yet."""
        by_number = {citation.n: citation for citation in found.citations}
        self.index_version, self.model = found.index_version, found.model
        for stage, ms in found.timings_ms.items():
            self.timings_ms[stage] = self.timings_ms.get(stage, 0.0) + ms
        for sentence in chosen:
            if any(sentence.text == known.text for known in self.sentences):
                continue
            numbers = tuple(self._number(by_number[n]) for n in sentence.citations)
            self.sentences.append(sentence.model_copy(update={"citations": numbers, "part": "detail"}))

    def _number(self, cited: Citation) -> int:
        for known in self.citations:
            if (known.passage_id, known.start, known.end) == (cited.passage_id, cited.start, cited.end):
                return known.n
        self.citations.append(cited.model_copy(update={"n": len(self.citations) + 1}))
        return len(self.citations)

    def finish(self) -> Answer:
        """The answer as it stands; a refusal without sentences."""
        words = markdown(self.sentences, notes=(COMPUTED,)) if self.sentences else f"{REFUSAL} {COMPUTED}"
        return Answer(
            answer=words,
            abstained=not self.sentences,
            sentences=tuple(self.sentences),
            citations=tuple(self.citations),
            triage=self.triage,
            index_version=self.index_version,
            model=self.model,
            timings_ms=self.timings_ms,
            notes=(COMPUTED,),
        )
