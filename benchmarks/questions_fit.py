"""Fits and cross-validates the decision whether the evidence is enough (generator/composing/enough.toml).

Run: .venv/bin/python benchmarks/questions_fit.py [--home DIR] [--beir-home DIR --beir DIR]
Without options it asks the starter index alone. DIR of --home holds a larger index on leukemia; --beir-home one of the
corpus of the BEIR folder of --beir, of which every seventh question is asked (of the starter index, those without a
word of the field count as unanswerable). It prints the weights to put into
generator/composing/enough.toml; nothing is written.
"""

import argparse
import re
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import abstention
import numpy as np
from report import CHECKOUT, print_json, print_table
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from generator.compose import ComposeConfig
from generator.composing.candidates import find_candidates, scored
from generator.composing.enough import EvidenceSigns, evidence_signs, within_reach
from generator.composing.inquiry import read_inquiry
from generator.evaluation.questions import read_questions
from retriever.spelling import corrected
from ui.knowledge import ensure_starter_index
from ui.service import Service
from ui.settings import Settings

CONFIG = ComposeConfig()
# Added to the fitted intercept: larger indexes among the samples make the model stricter than the starter index needs.
RAISED = 0.35
FIELD_WORDS = re.compile(
    r"leuk|lymph|myelo|nib\b|mab\b|cancer|tumou?r|chemo|transplant|blood|cell|platelet|kinase|neutro|an[a]?emia|vaccin|"
    r"gene|protein|DNA|RNA|infection|thromb|pain|bcl|p53|BRAF",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A question put to an index, and whether that can answer it; no signs where that is ruled out beforehand."""

    index: str
    question: str
    answerable: bool
    signs: EvidenceSigns | None


def sample(service: Service, index: str, question: str, answerable: bool) -> Sample:
    """Search and score as the composer does."""
    lexicon = service.searcher.index().lexical
    question = corrected(question, lexicon).text
    findings = service.searcher.search(question, k=CONFIG.passages)
    inquiry = read_inquiry(question, lexicon)
    candidates = find_candidates(inquiry, findings.found, audience="patient", most=CONFIG.encoded)
    if not candidates or not within_reach(inquiry, candidates, lexicon):
        return Sample(index, question, answerable, None)
    cosines = service.embedder.encode([c.text for c in candidates]) @ findings.vector
    shares = (CONFIG.cosine_share, CONFIG.coverage_share, CONFIG.passage_share)
    candidates = [
        scored(candidate, inquiry, cosine=float(cosine), shares=shares, audience="patient")
        for candidate, cosine in zip(candidates, cosines, strict=True)
    ]
    return Sample(index, question, answerable, evidence_signs(inquiry, findings.found, candidates, lexicon))


def samples(given: argparse.Namespace, starter: Service) -> list[Sample]:
    """All questions put to all indexes there are."""
    folder = CHECKOUT / "benchmarks"
    ours = tomllib.loads((folder / "questions_evidence.toml").read_text("utf-8"))
    dev = tomllib.loads((folder / "questions_dev.toml").read_text("utf-8"))
    good = ours["answerable"] + dev["answerable"]
    bad = ours["other_diseases"] + ours["nowhere"] + dev["unanswerable"]
    # Of the test questions only the half on which thresholds may be set.
    tested = abstention.read_questions(True, "dev")
    good += [question.text for question in tested if question.expect]
    bad += [question.text for question in tested if not question.expect]
    asked = [(starter, "starter", q, True) for q in good] + [(starter, "starter", q, False) for q in bad]
    if given.home:
        larger = Service(Settings(home=given.home))
        nowhere = ours["nowhere"] + [q.text for q in abstention.read_questions(False, "dev") if not q.expect]
        asked += [(larger, "larger", q, True) for q in good] + [(larger, "larger", q, False) for q in nowhere]
    if given.beir_home:
        beir = Service(Settings(home=given.beir_home))
        some = [question.text for question in read_questions(given.beir)][::7]
        asked += [(beir, "beir", q, True) for q in some] + [(beir, "beir", q, False) for q in ours["nowhere"]]
        asked += [(starter, "starter", q, False) for q in some if not FIELD_WORDS.search(q)]
    return [sample(*each) for each in asked]


def model() -> LogisticRegression:
    """Classes weigh the same, however many questions each has."""
    return LogisticRegression(C=3, class_weight="balanced", max_iter=2000)


def held_out(made: Sequence[Sample], signs: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The probability of each sample by a model that never saw its question, shape (n_samples,)."""
    groups = [sample.question for sample in made]
    found = np.zeros(len(made))
    for train, test in GroupKFold(5).split(signs, truth, groups):
        odds = model().fit(signs[train], truth[train]).decision_function(signs[test]) + RAISED
        found[test] = 1 / (1 + np.exp(-odds))
    return found


def main() -> None:
    """Ask, fit, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--beir-home", type=Path)
    parser.add_argument("--beir", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="marrow-questions-") as folder:
        settings = Settings(home=Path(folder))
        starter = Service(settings)
        ensure_starter_index(starter, settings)
        everything = samples(given, starter)
    made = [each for each in everything if each.signs is not None]
    signs = np.array([astuple(each.signs) for each in made if each.signs is not None])
    truth = np.array([each.answerable for each in made])
    guessed = held_out(made, signs, truth) >= CONFIG.min_evidence
    right = dict(zip((id(each) for each in made), guessed == truth, strict=True))
    figures: dict[str, float] = {}
    rows = []
    for index in dict.fromkeys(each.index for each in everything):
        for answerable, name in ((True, "answered"), (False, "refused")):
            part = [each for each in everything if each.index == index and each.answerable is answerable]
            share = float(np.mean([right.get(id(each), not answerable) for each in part]))
            figures[f"{index}/{name}"] = round(share, 4)
            rows.append((f"{index}: {name}, of those to be", f"{share:.1%} of {len(part)}"))
    fitted = model().fit(signs, truth)
    names = [field.name for field in fields(EvidenceSigns)]
    weights = {"intercept": fitted.intercept_[0] + RAISED, **dict(zip(names, fitted.coef_[0], strict=True))}
    for each, hit in zip(made, guessed == truth, strict=True):
        if not hit:
            print(f"  wrong ({each.index}, {'answerable' if each.answerable else 'not'}): {each.question}")
    print("\n".join(f"{name} = {weight:.3f}" for name, weight in weights.items()))
    print_table("Is the evidence enough? Five folds by question", rows)
    print_json("questions_fit", figures)


if __name__ == "__main__":
    main()
