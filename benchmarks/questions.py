"""Questions of the development set: how many are answered that should be, and refused that should be.

Run: .venv/bin/python benchmarks/questions.py [--home DIR]
Without --home it builds the starter index in a temporary folder. Every quote is compared with the text of its passage.
"""

import argparse
import tempfile
import tomllib
from pathlib import Path

from report import CHECKOUT, print_json, print_table

from generator.records import Answer
from ui.knowledge import ensure_starter_index
from ui.service import AskRequest, Service
from ui.settings import Settings


def quotes_hold(service: Service, answer: Answer) -> bool:
    """Whether every quote equals the text of its passage at its offsets."""
    return all(service.passage(c.passage_id).text[c.start : c.end] == c.quote for c in answer.citations)


def main() -> None:
    """Ask all and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    given = parser.parse_args().home
    table = tomllib.loads((CHECKOUT / "benchmarks" / "questions_dev.toml").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="marrow-questions-") as folder:
        settings = Settings(home=given or Path(folder))
        service = Service(settings)
        ensure_starter_index(service, settings)
        answers = {kind: [service.ask(AskRequest(question=q)) for q in table[kind]] for kind in table}
        exact = all(quotes_hold(service, answer) for kind in answers for answer in answers[kind])
    answered = sum(not a.abstained for a in answers["answerable"]) / len(answers["answerable"])
    refused = sum(a.abstained for a in answers["unanswerable"]) / len(answers["unanswerable"])
    for kind, wrong in (("answerable", True), ("unanswerable", False)):
        for question, answer in zip(table[kind], answers[kind], strict=True):
            if answer.abstained is wrong:
                print(f"  {'refused' if wrong else 'answered'}: {question}")
    rows = [
        ("answered, of those it can", f"{answered:.0%} of {len(answers['answerable'])}"),
        ("refused, of those it cannot", f"{refused:.0%} of {len(answers['unanswerable'])}"),
        ("every quote equals its passage", str(exact)),
    ]
    print_table("Questions (development set: thresholds were set on it)", rows)
    print_json("questions", {"answered": answered, "refused": refused, "quotes_exact": exact})


if __name__ == "__main__":
    main()
