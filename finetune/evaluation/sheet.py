"""A sheet for people who judge answers without knowing which model wrote them: answers A and B in random order.

The key, which says who is who, is kept in a file of its own; see `review` for the score.
"""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from finetune.evaluation.records import Pair
from retriever.records import Record

_TEMPLATES = Path(__file__).parent
# What is judged: a column of the sheet, and what it asks. The cells are filled with A, B or =.
CRITERIA: dict[str, str] = {
    "correct": "Which says what the reference and the passages say, without error?",
    "cited": "Whose citations carry what is said?",
    "clear": "Which reads better?",
    "overall": "Which would you rather show to whom it concerns?",
}
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
DEFAULT_ROWS = 60


class Key(Record):
    """Which model wrote the answer A of each row: "base" or "tuned"."""

    base: str
    tuned: str
    seed: int
    a: dict[str, str]


def blinded(pairs: Sequence[Pair], *, seed: int, rows: int = DEFAULT_ROWS) -> tuple[list[Pair], dict[str, str]]:
    """At most `rows` pairs that a person can tell apart, in random order, with who is A in each.

    Returns:
        the pairs, and by their id "base" or "tuned".
    """
    chance = random.Random(seed)
    differing = [pair for pair in pairs if pair.base.said.text != pair.tuned.said.text]
    drawn = chance.sample(differing, min(rows, len(differing)))
    return drawn, {pair.id: chance.choice(("base", "tuned")) for pair in drawn}


def sheet_csv(pairs: Sequence[Pair], a: dict[str, str]) -> str:
    """The sheet as CSV with a byte order mark, which spreadsheets ask for, and empty columns to fill in."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "kind", "question", "passages", "reference", "answer A", "answer B", *CRITERIA, "remarks"])
    for pair in pairs:
        first, other = in_order(pair, a)
        passages = "\n".join(f"[{number}] {text}" for number, text in enumerate(pair.passages, start=1))
        cells = (pair.id, pair.kind, pair.question, passages, pair.reference, first, other)
        writer.writerow([*map(_plain, cells), *("" for _ in CRITERIA), ""])
    return "\ufeff" + out.getvalue()


def sheet_html(pairs: Sequence[Pair], a: dict[str, str]) -> str:
    """The sheet as a page to read beside the CSV."""
    page = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True).get_template("sheet.html")
    return page.render(rows=[(pair, *in_order(pair, a)) for pair in pairs], criteria=CRITERIA)


def in_order(pair: Pair, a: dict[str, str]) -> tuple[str, str]:
    """The answers A and B."""
    texts = pair.base.said.text, pair.tuned.said.text
    return texts if a[pair.id] == "base" else (texts[1], texts[0])


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
