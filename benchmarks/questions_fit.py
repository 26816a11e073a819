"""Fits and cross-validates the decision whether the evidence is enough (generator/composing/enough.toml).

Run: .venv/bin/python benchmarks/questions_fit.py [--home DIR] [--beir DIR --cache DIR] [--write]
Without options it asks the starter index alone. DIR of --home holds a larger index on leukemia; --beir names a BEIR
folder, whose corpus is indexed in a temporary home, its vectors kept under --cache. Both are asked every fourth
question. It prints what the validation questions give with weights fitted to the others, and what all questions give by
folds; --write puts the weights fitted to all of them into generator/composing/enough.toml.
"""

import argparse
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import abstention
import numpy as np
from report import CHECKOUT, print_json, print_table
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from generator.compose import ComposeConfig
from generator.composing.candidates import Pool, find_candidates, scored
from generator.composing.enough import within_reach
from generator.composing.inquiry import read_inquiry
from generator.composing.signs import EvidenceSigns, Reading, evidence_signs
from generator.evaluation.questions import read_questions
from generator.question.rephrase import rephrased
from generator.scope import scope
from retriever.spelling import corrected
from ui.aside import indexed_aside
from ui.knowledge import ensure_starter_index
from ui.service import Service
from ui.settings import Settings

CONFIG = ComposeConfig()
SIGNS = [field.name for field in fields(EvidenceSigns)]
# What a question of an index weighs.
WEIGHTS = {"starter": 1.0, "larger": 1.0, "beir": 3.0}
FOLDS, EVERY = 8, 4
_TARGET = CHECKOUT / "generator" / "composing" / "enough.toml"
_HEAD = """# Weights of the signs in generator/composing/signs.py: logistic regression; both answers weigh alike in all.
# Fitted by: .venv/bin/python benchmarks/questions_fit.py --home DIR --beir DIR --cache DIR --write
source = "benchmarks/questions_{written,evidence,dev}.toml and the development half of benchmarks/abstention.toml"
"""
# What the starter handbook alone lacks.
_ELSEWHERE = ("nearby", "far", "missing")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and whether an index can answer it.

    `nowhere` tells that no larger collection can if the starter handbook cannot, `aside` that it is for validation.
    """

    text: str
    answerable: bool
    nowhere: bool = True
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A question put to an index; no signs where an answer is ruled out beforehand."""

    index: str
    asked: Asked
    signs: EvidenceSigns | None


def sample(service: Service, index: str, asked: Asked) -> Sample:
    """Search and score as the composer does."""
    lexicon = service.searcher.index().lexical
    question = corrected(rephrased(asked.text), lexicon).text
    findings = service.searcher.search(question, k=CONFIG.passages)
    inquiry = read_inquiry(question, lexicon)
    candidates = find_candidates(inquiry, findings.found, audience="patient", most=CONFIG.encoded)
    if scope(asked.text, "patient") or not candidates or not within_reach(inquiry, candidates, lexicon):
        return Sample(index, asked, None)
    vectors = service.embedder.encode([c.text for c in candidates])
    shares = (CONFIG.cosine_share, CONFIG.coverage_share, CONFIG.passage_share)
    candidates = [
        scored(candidate, inquiry, cosine=float(cosine), shares=shares, audience="patient")
        for candidate, cosine in zip(candidates, vectors @ findings.vector, strict=True)
    ]
    reading = Reading(findings.vector, service.embedder.encode)
    return Sample(index, asked, evidence_signs(inquiry, Pool(candidates, vectors), lexicon, reading=reading))


def written() -> Iterator[Asked]:
    """The questions of questions_written.toml."""
    table = tomllib.loads((CHECKOUT / "benchmarks" / "questions_written.toml").read_text("utf-8"))
    for part, aside in (("fit", False), ("validation", True)):
        for texts in table[part]["answerable"].values():
            yield from (Asked(text, True, aside=aside) for text in texts)
        for kind, texts in table[part]["unanswerable"].items():
            yield from (Asked(text, False, nowhere=kind not in _ELSEWHERE, aside=aside) for text in texts)


def questions() -> list[Asked]:
    """All questions that the decision may be fitted to; of the test questions only the half meant for it."""
    folder = CHECKOUT / "benchmarks"
    ours = tomllib.loads((folder / "questions_evidence.toml").read_text("utf-8"))
    dev = tomllib.loads((folder / "questions_dev.toml").read_text("utf-8"))
    return [
        *written(),
        *(Asked(text, True) for text in ours["answerable"] + dev["answerable"]),
        *(Asked(text, False) for text in ours["nowhere"]),
        *(Asked(text, False, nowhere=False) for text in ours["other_diseases"] + dev["unanswerable"]),
        *(Asked(question.text, bool(question.expect)) for question in abstention.read_questions(False, "dev")),
    ]


def samples(given: argparse.Namespace, starter: Service) -> list[Sample]:
    """The questions put to the indexes there are."""
    asked = questions()
    made = [sample(starter, "starter", each) for each in asked]
    if given.home:
        larger = Service(Settings(home=given.home))
        held = [each for each in asked if each.answerable or each.nowhere]
        made += [sample(larger, "larger", each) for each in held[::EVERY]]
    if given.beir:
        with indexed_aside(Settings(home=given.cache), given.beir) as service:
            made += [sample(service, "beir", Asked(q.text, True)) for q in read_questions(given.beir)[::EVERY]]
    return made


def model() -> Pipeline:
    """Logistic regression on scaled signs."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000))


def weights(made: Sequence[Sample]) -> np.ndarray:
    """Of each sample, shape (n_samples,): both answers weigh the same in all."""
    own = np.array([WEIGHTS[each.index] for each in made])
    truth = np.array([each.asked.answerable for each in made])
    return own * np.where(truth, 1.0, own[truth].sum() / own[~truth].sum())


def held_out(made: Sequence[Sample], signs: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The probability of each sample by weights that never saw its question, shape (n_samples,)."""
    groups = [each.asked.text.casefold() for each in made]
    weight = weights(made)
    found = np.zeros(len(made))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(signs, truth, groups):
        fitted = model().fit(signs[train], truth[train], logisticregression__sample_weight=weight[train])
        found[test] = fitted.predict_proba(signs[test])[:, 1]
    return found


def table(fitted: Pipeline) -> str:
    """The weights as enough.toml holds them, for signs that are not scaled."""
    scaler, regression = fitted[0], fitted[1]
    slopes = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - slopes @ scaler.mean_)
    lines = [f"{name} = {slope:.4f}" for name, slope in zip(SIGNS, slopes, strict=True)]
    return "\n".join([_HEAD, "[weights]", f"intercept = {intercept:.4f}", *lines, ""])


def fit(made: Sequence[Sample]) -> Pipeline:
    """The model fitted to some samples, all with signs."""
    signs, truth = tabled(made)
    return model().fit(signs, truth, logisticregression__sample_weight=weights(made))


def tabled(made: Sequence[Sample]) -> tuple[np.ndarray, np.ndarray]:
    """The signs, shape (n_samples, n_signs), and whether each can be answered."""
    signs = np.array([astuple(each.signs) for each in made if each.signs is not None])
    return signs, np.array([each.asked.answerable for each in made])


def report(everything: Sequence[Sample], found: dict[int, float], title: str) -> None:
    """Print what goes wrong, then the shares; `found` holds the probabilities by the samples' ids."""
    figures: dict[str, float] = {}
    rows = []
    for index in dict.fromkeys(each.index for each in everything):
        for answerable, name in ((True, "answered"), (False, "refused")):
            part = [each for each in everything if each.index == index and each.asked.answerable is answerable]
            right = [(found.get(id(each), 0.0) >= CONFIG.min_evidence) is answerable for each in part]
            for each, hit in zip(part, right, strict=True):
                if not hit:
                    print(f"  not {name} ({index}, {found.get(id(each), 0.0):.2f}): {each.asked.text}")
            if part:
                figures[f"{index}/{name}"] = round(float(np.mean(right)), 4)
                rows.append((f"{index}: {name}, of those to be", f"{np.mean(right):.1%} of {len(part)}"))
    print_table(title, rows)
    print_json("questions_fit", figures)


def validate(everything: Sequence[Sample]) -> None:
    """Report on the questions kept aside, with weights that saw none of them."""
    aside = [each for each in everything if each.asked.aside and each.index == "starter"]
    made = [each for each in aside if each.signs is not None]
    fitted = fit([each for each in everything if each.signs is not None and not each.asked.aside])
    found = fitted.predict_proba(tabled(made)[0])[:, 1].tolist()
    report(aside, dict(zip(map(id, made), found, strict=True)), "Is the evidence enough? Questions kept aside")


def main() -> None:
    """Ask, fit, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--beir", type=Path)
    parser.add_argument("--cache", type=Path, help="keeps the vectors of the BEIR corpus")
    parser.add_argument("--write", action="store_true", help="write the weights fitted to all questions")
    given = parser.parse_args()
    if given.beir and not given.cache:
        parser.error("--beir needs --cache")
    with tempfile.TemporaryDirectory(prefix="marrow-questions-") as folder:
        settings = Settings(home=Path(folder))
        starter = Service(settings)
        ensure_starter_index(starter, settings)
        everything = samples(given, starter)
    validate(everything)
    made = [each for each in everything if each.signs is not None]
    found = held_out(made, *tabled(made)).tolist()
    title = f"Is the evidence enough? {FOLDS} folds by question"
    report(everything, dict(zip(map(id, made), found, strict=True)), title)
    if given.write:
        _TARGET.write_text(table(fit(made)), "utf-8")


if __name__ == "__main__":
    main()
