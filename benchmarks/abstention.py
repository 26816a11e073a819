"""Test questions: how many are answered that can be, and rightly; how many are refused that cannot be; by class.

Run: .venv/bin/python benchmarks/abstention.py [--home DIR] [--show] [--half dev|test] [--questions FILE]
Without --home it builds the starter index in a temporary folder. A home with a thousand documents or more counts as the
larger index (benchmarks/corpus.py), which the expected facts were not checked against: "right" is then a lower bound.
`--half dev` asks the first, third, fifth… of each list, on which thresholds were set; `--half test` the others, on
which nothing was. `--show` prints those that went wrong. `--questions benchmarks/abstention_new.toml` asks a set that
was written when the decision had been made, by people who did not look at how it is made.
"""

import argparse
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from report import CHECKOUT, print_json, print_table

from generator.records import Answer
from ui.knowledge import ensure_starter_index
from ui.service import AskRequest, Service
from ui.settings import Settings

QUESTIONS = CHECKOUT / "benchmarks" / "abstention.toml"
_MARK = re.compile(r"\[\^\d+\]")


@dataclass(frozen=True, slots=True)
class Question:
    """A test question; `expect` are the patterns of which a right answer quotes one, none where it has no answer."""

    kind: str
    text: str
    expect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question; a fixed answer without a cited sentence counts as refused."""

    question: Question
    answer: Answer

    @property
    def refused(self) -> bool:
        """Whether nothing was quoted."""
        return self.answer.abstained or not self.answer.sentences

    @property
    def right(self) -> bool:
        """Whether the quoted words hold an expected fact."""
        quoted = " ".join(" ".join(c.quote for c in self.answer.citations).split())
        return any(re.search(pattern, quoted, re.IGNORECASE) for pattern in self.question.expect)


def read_questions(starter: bool, half: str = "all", source: Path = QUESTIONS) -> list[Question]:
    """The questions, or one half of each list; those that only the larger index covers are left out for it."""
    part = {"all": slice(None), "dev": slice(0, None, 2), "test": slice(1, None, 2)}[half]
    table = tomllib.loads(source.read_text("utf-8"))
    can = [
        Question(kind, row["q"], tuple(row["expect"]))
        for kind, rows in table["answerable"].items()
        for row in rows[part]
    ]
    fields = ("both", "starter") if starter else ("both",)
    cannot = [
        Question(kind, text)
        for kind, parts in table["unanswerable"].items()
        for field in fields
        for text in parts.get(field, ())[part]
    ]
    return can + cannot


def unsupported_expectations(source: Path) -> Iterator[str]:
    """Expected facts whose first pattern the named article does not hold: mistakes in the questions themselves."""
    table = tomllib.loads(source.read_text("utf-8"))
    folder = files("ingest") / "handbook"
    for row in (row for rows in table["answerable"].values() for row in rows):
        article = _MARK.sub("", (folder / f"{row['article']}.md").read_text("utf-8"))
        if not re.search(row["expect"][0], article, re.IGNORECASE):
            yield row["q"]


def ask_all(service: Service, questions: Sequence[Question]) -> list[Outcome]:
    """Ask each once; clinicians' shorthand as a clinician."""
    return [
        Outcome(
            question,
            service.ask(
                AskRequest(question=question.text, audience="clinician" if question.kind == "shorthand" else "patient")
            ),
        )
        for question in questions
    ]


def _share(outcomes: Sequence[Outcome], name: str) -> float:
    return round(sum(getattr(o, name) for o in outcomes) / len(outcomes), 4)


def _by_class(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Shares by class: answered, right (of the answered) and right of all; or refused."""
    kinds = dict.fromkeys(o.question.kind for o in outcomes)
    table: dict[str, dict[str, float]] = {}
    for kind in kinds:
        own = [o for o in outcomes if o.question.kind == kind]
        table[kind] = {"questions": len(own), "refused": _share(own, "refused")}
        if own[0].question.expect:
            table[kind]["right"] = _share(own, "right")
    return table


def _show(outcomes: Sequence[Outcome]) -> None:
    """Print what went wrong, for people who look into it."""
    for outcome in outcomes:
        question = outcome.question
        if question.expect and not outcome.right:
            print(f"  {'refused' if outcome.refused else 'wrong'} ({question.kind}): {question.text}")
        elif not question.expect and not outcome.refused:
            print(f"  answered ({question.kind}): {question.text}\n      {outcome.answer.sentences[0].text}")


def main() -> None:
    """Ask all and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--show", action="store_true", help="print the questions that went wrong")
    parser.add_argument("--half", choices=("all", "dev", "test"), default="all")
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    given = parser.parse_args()
    mistakes = list(unsupported_expectations(given.questions))
    if mistakes:
        parser.exit(1, f"not in the article that should hold it: {mistakes}\n")
    with tempfile.TemporaryDirectory(prefix="marrow-abstention-") as folder:
        settings = Settings(home=given.home or Path(folder))
        service = Service(settings)
        manifest = ensure_starter_index(service, settings)
        starter = manifest.documents < 1_000
        outcomes = ask_all(service, read_questions(starter, given.half, given.questions))
    can = [o for o in outcomes if o.question.expect]
    cannot = [o for o in outcomes if not o.question.expect]
    if given.show:
        _show(outcomes)
    classes = {"answerable": _by_class(can), "unanswerable": _by_class(cannot)}
    figures: dict[str, object] = {
        "half": given.half,
        "file": given.questions.stem,
        "index": "starter" if starter else "large",
        "answered": round(1 - _share(can, "refused"), 4),
        "right": _share(can, "right"),
        "refused": _share(cannot, "refused"),
        "classes": classes,
    }
    _print(figures, can, cannot)


def _print(figures: dict[str, object], can: Sequence[Outcome], cannot: Sequence[Outcome]) -> None:
    answered = [o for o in can if not o.refused]
    rows = [
        ("answered, of those it can", f"{figures['answered']:.1%} of {len(can)}"),
        (
            "  and an expected fact is quoted",
            f"{figures['right']:.1%}, {_share(answered, 'right'):.1%} of the answered",
        ),
        *((f"  {kind}", _row(row)) for kind, row in _by_class(can).items()),
        ("refused, of those it cannot", f"{figures['refused']:.1%} of {len(cannot)}"),
        *((f"  {kind}", _row(row)) for kind, row in _by_class(cannot).items()),
    ]
    print_table(f"Abstention over the {figures['index']} index ({figures['half']} of the questions)", rows)
    name = str(figures["file"]) if figures["index"] == "starter" else f"{figures['file']}_large"
    print_json(name, figures)


def _row(row: dict[str, float]) -> str:
    if "right" in row:
        return f"{1 - row['refused']:.0%} answered, {row['right']:.0%} right, of {row['questions']}"
    return f"{row['refused']:.0%} refused, of {row['questions']}"


if __name__ == "__main__":
    main()
