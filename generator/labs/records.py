"""What is read off a lab report, and what it can mean; these models cross the command line, REST and the chat."""

from datetime import date
from typing import Literal

from generator.records import Citation, Triage
from retriever.records import Record

Sex = Literal["F", "M"]
Flag = Literal["LL", "L", "N", "H", "HH"]
Comparator = Literal["", "<", "<=", ">", ">="]
RangeSource = Literal["printed", "table", "none"]
Severity = Literal["emergency", "urgent", "routine", "info"]
BoxOnPage = tuple[float, float, float, float]


class Printed(Record):
    """What the page shows for a result, as read, before anything is converted; empty where it prints nothing."""

    name: str
    value: str
    unit: str = ""
    range: str = ""
    flag: str = ""


class LabResult(Record):
    """One value of a report in the one unit of its analyte.

    Attributes:
        analyte: the key in analytes.toml, such as "platelets".
        name: its name for people.
        loinc: its LOINC code.
        value: the number in `unit`.
        comparator: what stands before the number: "<", ">" or nothing.
        unit: UCUM.
        low: the lower limit of the reference interval in `unit`, if there is one.
        high: the upper limit.
        range_source: "printed" on the report, from our "table" for age and sex, or "none".
        flag: where the value lies, worked out from it and the interval; where there is no interval, as printed, else
            None.
        critical: past the alert limit of analytes.toml.
        printed: the forms on the page.
        confidence: how sure the reading is, 0..1; 1 for a text layer and for what a person typed.
        needs_review: a person has to compare it with the page before it is used.
        doubts: why, one sentence each.
        page: the page, from 1.
        box: where the value stands, (x0, y0, x1, y1) as shares 0..1 of the upright page's width and height; None for
            what a person typed.
    """

    analyte: str
    name: str
    loinc: str
    value: float
    comparator: Comparator = ""
    unit: str
    low: float | None = None
    high: float | None = None
    range_source: RangeSource = "none"
    flag: Flag | None = None
    critical: bool = False
    printed: Printed
    confidence: float = 1.0
    needs_review: bool = False
    doubts: tuple[str, ...] = ()
    page: int = 1
    box: BoxOnPage | None = None


class Unread(Record):
    """A line that looks like a result and could not be read, with the reason."""

    text: str
    reason: str
    page: int = 1


class Finding(Record):
    """What values of a report can be consistent with; never a diagnosis.

    Attributes:
        rule: the key of the rule in rules.toml.
        title: the finding in the field's words, such as "Neutropenia, grade 4".
        severity: how soon to act.
        text: for the reader's audience: "Findings consistent with …, to be confirmed by …".
        used: the values it rests on, as "Neutrophils 0.3 10*9/L".
        also: what else the pattern can mean.
        next_steps: what to do or discuss.
        basis: the guideline or publication of the thresholds, with its year.
        basis_url: where to read it.
        citations: numbers of the report's citations.
        provisional: rests on a value that still needs review.
    """

    rule: str
    title: str
    severity: Severity
    text: str
    used: tuple[str, ...]
    also: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    basis: str
    basis_url: str
    citations: tuple[int, ...] = ()
    provisional: bool = False


class LabReading(Record):
    """A report, read and judged.

    `collected` is the day the sample was taken, where printed. `sex` and `age` (years) are those the intervals were
    chosen by: given with the report, else read off it. `notes` say what holds for the whole report (two patients on it,
    no blood count). `citations` carry the findings' sentences from the active index.
    """

    results: tuple[LabResult, ...]
    findings: tuple[Finding, ...] = ()
    triage: Triage = Triage(level="none")
    unread: tuple[Unread, ...] = ()
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    collected: date | None = None
    sex: Sex | None = None
    age: float | None = None
    pages: int = 1
    engine: str = ""
    index_version: str = ""
