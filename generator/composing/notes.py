"""Closing words of an answer, our own and fixed: what the sources do not say, what evidence is, a next step."""

import re
from collections.abc import Sequence

from generator.composing.candidates import Candidate, all_words
from generator.composing.inquiry import Inquiry, people_missing
from generator.records import AnswerAudience
from retriever.records import Evidence

_NEXT_STEPS = (
    (re.compile(r"\b(?:side|adverse|toxic) effects?\b|\bside-effects?\b", re.I),
     "Ask your care team which of these to report at once, and whom to call at night."),
    (re.compile(r"\b(?:symptoms?|signs?)\b", re.I),
     "See a doctor about any of these that is new or does not go away."),
    (re.compile(r"\b(?:can|may|should|must) i\b|\bis it (?:safe|ok)\b|\ballowed\b", re.I),
     "Check with your care team before you act on this; your own situation may differ."),
    (re.compile(r"\b(?:treat\w*|therap\w*|drugs?|medicines?|chemotherapy|transplant\w*)\b", re.I),
     "Ask your care team which of these fits you. Do not start, change or stop a medicine on your own."),
    (re.compile(r"\b(?:tests?|diagnos\w*|biops\w*|blood counts?|results?)\b", re.I),
     "Ask your care team what your own results mean."),
)  # fmt: skip
_DRUG_STEP = "Do not start, change or stop a medicine on your own; talk to your care team first."
_USUAL_STEP = "Ask your care team what this means for you."


def closing_notes(
    inquiry: Inquiry, shown: Sequence[Candidate], audience: AnswerAudience, *, compared: bool
) -> tuple[str, ...]:
    """What is said below an answer: what the question asks of and no shown source speaks of; for patients a next step.

    Args:
        inquiry: the question.
        shown: the statements of the answer.
        audience: for whom.
        compared: whether the answer sets two subjects side by side.
    """
    told: list[str] = []
    if missing := unsaid(inquiry, shown):
        told.append(f"The sources found do not speak of {_joined(missing)}.")
    if inquiry.subjects and not compared:
        told.append(f"No source found sets {' beside '.join(inquiry.subjects)}.")
    if len({candidate.found.hit.doc_id for candidate in shown}) == 1 and len(shown) > 1:
        told.append("All of this comes from one source.")
    if audience == "patient":
        told.append(next_step(inquiry))
    return tuple(told)


def unsaid(inquiry: Inquiry, shown: Sequence[Candidate]) -> list[str]:
    """What a question names (drug, gene, disease, people) that no shown statement, title or heading does."""
    have = frozenset[str]().union(*(candidate.own | candidate.around for candidate in shown))
    missing = [named for term, named in inquiry.named.items() if term not in have]
    return missing + people_missing(inquiry.text, all_words(shown))


def next_step(inquiry: Inquiry) -> str:
    """What a patient can do next, by the kind of question; never a decision."""
    step = next((step for asked, step in _NEXT_STEPS if asked.search(inquiry.text)), None)
    return step or (_DRUG_STEP if "drugs" in inquiry.classes else _USUAL_STEP)


def evidence_note(evidence: Evidence) -> str:
    """Kind, year and size of a study or guideline, as far as known: "Randomised controlled trial, 2017, n = 1,106"."""
    if evidence.kind in ("other", "handbook"):
        return ""
    size = "" if evidence.sample_size is None else f"n = {evidence.sample_size:,}"
    return ", ".join(part for part in (evidence.label, str(evidence.year or ""), size) if part)


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
