"""Routine values with a diagnosis become findings with one diagnosis, and with a ranked differential.

Wording: findings are "consistent with" a disease, and something has to confirm it; no diagnosis is stated as certain.
"""

import math
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from finetune.data.drafts import UNKNOWN_LICENCE, Draft
from finetune.data.rows import Row
from generator.labs.corrections import Typed, typed_result
from generator.labs.judging.resolve import Person
from generator.labs.records import LabResult
from generator.labs.telling.wording import flag_words, number_text, unit_text
from ingest.errors import BadRequest

_LEAST_COLUMNS, _LEAST_VALUES = 3, 3


class Column(BaseModel):
    """The headers of an analyte, and the unit of what stands below them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    names: tuple[str, ...]
    unit: str


class Diagnosis(BaseModel):
    """A diagnosis in words, what has to confirm it, and who says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    confirm: str
    source: str


class Table(BaseModel):
    """reports.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    age: tuple[str, ...]
    diagnosis_columns: tuple[str, ...]
    caution: str
    columns: Mapping[str, Column]
    diagnoses: Mapping[str, Diagnosis]


@cache
def table() -> Table:
    """The columns and diagnoses known."""
    return Table.model_validate(tomllib.loads((files("finetune.data") / "reports.toml").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a person, as text and as (analyte, flag) pairs, with the diagnosis made later."""

    place: str
    findings: str
    flags: tuple[tuple[str, str], ...]
    diagnosis: str
    source: str


@dataclass(frozen=True, slots=True)
class _Header:
    """Where a file has its diagnosis, its age ("" where it has none) and its analytes."""

    diagnosis: str
    age: str
    analytes: Mapping[str, str]


def is_report_table(row: Row) -> bool:
    """Whether a record has a diagnosis and at least three analytes."""
    header = _header(row)
    return bool(header.diagnosis) and len(header.analytes) >= _LEAST_COLUMNS


def read_reports(rows: Sequence[Row]) -> list[Report]:
    """The people of a table who have at least three values.

    Raises:
        UnreadableSource: for a diagnosis that is missing or unknown, or a value that is no number.
    """
    header = _header(rows[0])
    reports = []
    for number, row in enumerate(rows, start=1):
        diagnosis = row.text(header.diagnosis).upper()
        if diagnosis not in table().diagnoses:
            row.refuse(header.diagnosis, f"it has to be one of {', '.join(table().diagnoses)}, not {diagnosis!r}")
        age = _number(row, header.age) if header.age else None
        results = list(_results(row, header, age))
        if len(results) >= _LEAST_VALUES:
            lines = ([f"Age: {int(age)} years"] if age is not None else []) + [_line(result) for result in results]
            flags = tuple((result.analyte, result.flag or "") for result in results)
            reports.append(Report(f"{row.file.stem}:{number}", "\n".join(lines), flags, diagnosis, row.file.name))
    return reports


def report_drafts(reports: Sequence[Report]) -> list[Draft]:
    """For each report the single diagnosis, and the differential: its ranking is filled in by `ranked`."""
    licence = "MIT" if any(report.source.startswith("aipal") for report in reports) else UNKNOWN_LICENCE
    drafts = []
    for report in reports:
        single = Draft(
            kind="report",
            form="single",
            document=report.place,
            question=report.findings,
            answer=_single(report.diagnosis),
            source=report.source,
            licence=licence,
            label=report.diagnosis,
            published=False,
        )
        drafts += [single, replace(single, form="ranked", answer=f"Consistent with {report.diagnosis}.")]
    return drafts


def ranked(drafts: Sequence[Draft], reports: Sequence[Report], *, learnt_from: frozenset[str]) -> list[Draft]:
    """The drafts, differentials with their answers: ranked by how often people with such flags have each disease.

    Naive Bayes over the flags, each frequency smoothed by one.

    Args:
        drafts: of any form; others than differentials are returned as they are.
        reports: all that the differentials are of.
        learnt_from: the places of the reports that frequencies are counted in: those of the training split.
    """
    by_place = {report.place: report for report in reports}
    learnt = [report for report in reports if report.place in learnt_from]
    frequency = _Frequencies(learnt)
    found = []
    for draft in drafts:
        if draft.form == "ranked":
            order = frequency.rank(by_place[draft.document].flags)
            draft = replace(draft, ranking=order, answer=_differential(order))
        found.append(draft)
    return found


class _Frequencies:
    """How often a disease is, and how often each flag of an analyte is in it."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self._diseases = Counter(report.diagnosis for report in reports)
        self._flags = Counter((report.diagnosis, *flag) for report in reports for flag in report.flags)
        self._known = Counter((report.diagnosis, analyte) for report in reports for analyte, _ in report.flags)
        self._values: dict[str, set[str]] = {}
        for report in reports:
            for analyte, flag in report.flags:
                self._values.setdefault(analyte, set()).add(flag)

    def rank(self, flags: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """The diagnoses of the table, the most frequent first; equal ones by name."""
        return tuple(sorted(table().diagnoses, key=lambda disease: (-self._score(disease, flags), disease)))

    def _score(self, disease: str, flags: Sequence[tuple[str, str]]) -> float:
        score = math.log(self._diseases[disease] + 1)
        for analyte, flag in flags:
            choices = len(self._values.get(analyte, ())) + 1
            score += math.log((self._flags[disease, analyte, flag] + 1) / (self._known[disease, analyte] + choices))
        return score


def _single(disease: str) -> str:
    known = table().diagnoses[disease]
    return f"The findings are consistent with {known.name}, to be confirmed by {known.confirm}. {table().caution}"


def _differential(order: Sequence[str]) -> str:
    known = table().diagnoses
    lines = [f"{rank}. {known[disease].name}" for rank, disease in enumerate(order, start=1)]
    first = known[order[0]]
    return "\n".join(
        ["The findings are consistent with, the most likely first:", *lines,
         f"To be confirmed by {first.confirm}. {table().caution}"]
    )  # fmt: skip


def _header(row: Row) -> _Header:
    keys = {name.casefold().replace(" ", "_"): name for name in row.fields if isinstance(name, str)}

    def first(names: Sequence[str]) -> str:
        return next((keys[name] for name in names if name in keys), "")

    analytes = {analyte: first(column.names) for analyte, column in table().columns.items()}
    return _Header(
        first(table().diagnosis_columns), first(table().age), {key: name for key, name in analytes.items() if name}
    )


def _results(row: Row, header: _Header, age: float | None) -> Iterator[LabResult]:
    for analyte, name in header.analytes.items():
        value = _number(row, name)
        if value is not None:
            try:
                yield typed_result(Typed(analyte, value, unit=table().columns[analyte].unit), Person(age=age))
            except BadRequest as error:
                row.refuse(name, str(error))


def _number(row: Row, key: str) -> float | None:
    """The number of a field; None where it is empty or "NA"."""
    written = str(row.fields[key]).strip()
    if written.upper() in ("", "NA", "NAN"):
        return None
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        row.refuse(key, f"it has to be a number of at least 0, not {written!r}")
    return number


def _line(result: LabResult) -> str:
    flag = f" ({flag_words(result)[1]})" if result.flag else ""
    return f"{result.name}: {number_text(float(f'{result.value:.3g}'))} {unit_text(result.unit)}{flag}"
