"""The score of a blinded sheet: wins, ties and losses of the tuned model, and how well two reviewers agree."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError
from scipy.stats import binomtest  # type: ignore[import-untyped]  # no types

from finetune.evaluation.sheet import CRITERIA, Key
from ingest.errors import UnreadableSource, reason_of
from retriever.records import Record

# A cell as it is filled in, in small letters.
_CELLS = {"a": "A", "b": "B", "=": "=", "tie": "=", "": ""}


class Count(Record):
    """How the tuned model fared; `p` is that of a two-sided sign test over wins and losses, ties left out.

    Source: Dixon and Mood, JASA 1946, doi:10.1080/01621459.1946.10501898.
    """

    wins: int
    ties: int
    losses: int
    p: float | None


class Review(Record):
    """The count of each criterion over all reviewers' cells, and Cohen's kappa where there are two reviewers."""

    base: str
    tuned: str
    rows: int
    criteria: dict[str, Count]
    kappa: dict[str, float | None]

    def lines(self) -> list[str]:
        """The review for people."""
        found = [f"{self.tuned} against {self.base}, {self.rows} rows:"]
        for name, count in self.criteria.items():
            p = "" if count.p is None else f"; sign test p {count.p:.4f}"
            kappa = self.kappa.get(name)
            agreed = "" if kappa is None else f"; the reviewers' kappa {kappa:.2f}"
            found.append(f"{name:10} {count.wins} wins, {count.ties} ties, {count.losses} losses{p}{agreed}")
        return found


def score_review(sheet: Path, key: Path, *, second: Path | None = None) -> Review:
    """Score a filled-in sheet, or the same sheet filled in by two reviewers.

    With two, every row counts once: where they differ in which is better it is a tie.

    Raises:
        UnreadableSource: if a file cannot be read, a cell holds something else than A, B or =, or a row is none of the
            key's.
    """
    known = _read_key(key)
    sheets = [_read_sheet(file, known) for file in (sheet, second) if file]
    counts, kappa = {}, {}
    for name in CRITERIA:
        columns = [{row: cells[name] for row, cells in one.items() if cells[name]} for one in sheets]
        counts[name] = _count(_merged(columns), known.a)
        if second:
            both = sorted(columns[0].keys() & columns[1].keys())
            kappa[name] = cohens_kappa([columns[0][row] for row in both], [columns[1][row] for row in both])
    return Review(base=known.base, tuned=known.tuned, rows=len(sheets[0]), criteria=counts, kappa=kappa)


def _merged(columns: Sequence[Mapping[str, str]]) -> dict[str, str]:
    rows = dict.fromkeys(row for column in columns for row in column)
    said = {row: {column[row] for column in columns if row in column} for row in rows}
    return {row: next(iter(cells)) if len(cells) == 1 else "=" for row, cells in said.items()}


def _count(cells: Mapping[str, str], a: Mapping[str, str]) -> Count:
    won = Counter("tie" if cell == "=" else (cell == "A") == (a[row] == "tuned") for row, cell in cells.items())
    wins, losses = won[True], won[False]
    p = float(binomtest(wins, wins + losses).pvalue) if wins + losses else None
    return Count(wins=wins, ties=won["tie"], losses=losses, p=p)


def cohens_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """How much more often two reviewers agree than by chance: 1 always, 0 as by chance; None where that is undefined.

    Source: Cohen, Educational and Psychological Measurement 1960, doi:10.1177/001316446002000104.
    """
    n = len(first)
    if not n:
        return None
    agreed = sum(one == other for one, other in zip(first, second, strict=True)) / n
    here, there = Counter(first), Counter(second)
    chance = sum(here[cell] * there[cell] for cell in here) / n**2
    return None if chance == 1 else round((agreed - chance) / (1 - chance), 5)


def _read_key(file: Path) -> Key:
    try:
        return Key.model_validate_json(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise UnreadableSource(f"{file} is no key of a sheet", hint="Name the key.json beside the sheet.") from error


def _read_sheet(file: Path, key: Key) -> dict[str, dict[str, str]]:
    """The cells of the criteria, by row id."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableSource(
            f"{file} cannot be read: {reason_of(error)}", hint="Save the sheet as CSV in UTF-8."
        ) from error
    # Spreadsheets of some countries write semicolons.
    header = text.partition("\n")[0]
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ","))
    missing = [name for name in ("id", *CRITERIA) if not rows or name not in rows[0]]
    if missing:
        raise UnreadableSource(f"{file} lacks the column {missing[0]}", hint="Fill in the sheet.csv as it was written.")
    return {row["id"]: _cells(row, f"{file}, row {row['id']}", key) for row in rows}


def _cells(row: Mapping[str, str], place: str, key: Key) -> dict[str, str]:
    if row["id"] not in key.a:
        raise UnreadableSource(f"{place}: the key knows no such row", hint="Name the key.json of this very sheet.")
    found = {}
    for name in CRITERIA:
        cell = _CELLS.get((row[name] or "").strip().lower())
        if cell is None:
            raise UnreadableSource(f"{place}: {name} holds {row[name]!r}", hint="Write A, B or =, or leave it empty.")
        found[name] = cell
    return found
