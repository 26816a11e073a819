"""Pages of a report become its results: read, converted, checked against each other and flagged; doubt is said.

The way through the modules, each of which needs only those before it:

- parsing: what a word means: numbers (digits), names (abbreviations, matching), units, headings and dates
- layout.rows: pieces of text stand on lines; parting, marks: their words are names, numbers, ranges, units
- layout.blocks, columns: tables side by side, and what stands over a column
- layout.wraps, stacks, segments: names over several lines, values below their names, and the cells of one result
- layout.entries: a page's results as printed; particulars: whose report it is, and of which day
- judging.flags, intervals, measures (shares), resolve: analyte, unit, interval and flag of a result
- judging.second, duplicates, consistency: a second reading, analytes printed twice, and values that have to fit

What the values mean together comes after, in rules.
"""

from collections.abc import Sequence

from generator.labs.errors import NoResults
from generator.labs.judging.consistency import doubt_inconsistent
from generator.labs.judging.duplicates import one_each
from generator.labs.judging.resolve import Person, resolve
from generator.labs.judging.second import compare_readings
from generator.labs.judging.shares import expected_shares
from generator.labs.layout.entries import Entry, read_entries
from generator.labs.layout.particulars import Particulars, read_particulars
from generator.labs.parsing.numbers import decimal_mark
from generator.labs.records import LabReading, LabResult, Sex, Unread
from ingest.pages import ReadPage
from ingest.reread import Reread
from ingest.uploads import UnreadableUpload

MAX_VALUES = 300
NO_BLOOD_COUNT = "The report holds no blood count: white cells, haemoglobin and platelets are not on it."
TWO_PATIENTS = (
    "The report seems to be of two patients (it holds different {}); check every value, and read one patient at a time."
)
HEAD_DIFFERS = "The head of the report contradicts itself ({}); intervals that depend on it were not chosen."
OTHER_PATIENT = "The report prints another {} than was given: {} was used."
_BLOOD_COUNT = ("wbc", "hemoglobin", "platelets", "rbc", "hematocrit")
_OTHERS_VALUES = 2


def read_report(
    pages: Sequence[ReadPage], *, sex: Sex | None = None, age: float | None = None, reread: Reread | None = None
) -> LabReading:
    """Read the results of a report; nothing is interpreted.

    Args:
        pages: of one report, in order.
        sex: of the patient, if known; else as printed. It only chooses intervals.
        age: in years, likewise.
        reread: a second reading of the boxes of values; where it differs, the value needs review.

    Returns:
        Results in the order of the report, each with its flag, and every line that could not be read; no findings.

    Raises:
        NoResults: if no value was found.
        UnreadableUpload: if there are more than 300.
    """
    printed = read_particulars(pages)
    person = Person(sex or printed.sex, printed.age if age is None else age)
    results, unread = _converted(pages, person, days_first=printed.days_first)
    if reread is not None:
        results = compare_readings(results, pages, reread)
    results, repeated = one_each(results)
    results = doubt_inconsistent(results)
    if not results:
        raise NoResults(_nothing(pages, unread))
    several = printed.two_patients or (bool(printed.contradictions) and repeated >= _OTHERS_VALUES)
    if several:
        results = [_doubted(result, TWO_PATIENTS.format(", ".join(printed.contradictions))) for result in results]
    return LabReading(
        results=tuple(results),
        unread=tuple(unread),
        notes=_notes(results, printed, person, several=several),
        collected=printed.collected,
        sex=person.sex,
        age=person.age,
        pages=len(pages),
        engine="+".join(dict.fromkeys(page.engine for page in pages)),
    )


def _converted(
    pages: Sequence[ReadPage], person: Person, *, days_first: bool | None
) -> tuple[list[LabResult], list[Unread]]:
    """The results of all pages in their units, and what could not be read."""
    entries: list[tuple[ReadPage, Entry]] = []
    unread: list[Unread] = []
    for page in pages:
        found, missed = read_entries(page, days_first=days_first)
        entries += [(page, entry) for entry in found]
        unread += missed
        if len(entries) > MAX_VALUES:
            raise UnreadableUpload(
                f"the report holds more than {MAX_VALUES} values",
                hint="Send the pages of one report only, or fewer of them at once.",
            )
    decimal = decimal_mark(text for _, entry in entries for text in (entry.cells.value.text, entry.cells.range))
    read = [resolve(entry, page, person, decimal=decimal) for page, entry in entries]
    # What is unclear once more, with what the clear values tell of it.
    expected = expected_shares([result for result in read if isinstance(result, LabResult)])
    read = [
        resolve(entry, page, person, decimal=decimal, expected=expected)
        if isinstance(result, Unread) or result.needs_review
        else result
        for (page, entry), result in zip(entries, read, strict=True)
    ]
    unread += [result for result in read if isinstance(result, Unread)]
    return [result for result in read if isinstance(result, LabResult)], unread


def _doubted(result: LabResult, doubt: str) -> LabResult:
    return result.model_copy(update={"needs_review": True, "doubts": (*result.doubts, doubt)})


def _nothing(pages: Sequence[ReadPage], unread: Sequence[Unread]) -> str:
    if not any(page.pieces for page in pages):
        return "no text was found on the page"
    if len(unread) == 1:
        return "no lab value could be read; one line looks like a result but is unclear or of an unknown test"
    if unread:
        return f"no lab value could be read; {len(unread)} lines look like results but are unclear or of unknown tests"
    return "text was found, but no result of a laboratory in it"


def _notes(results: Sequence[LabResult], printed: Particulars, person: Person, *, several: bool) -> tuple[str, ...]:
    notes: list[str] = []
    if several:
        notes.append(TWO_PATIENTS.format(", ".join(printed.contradictions)))
    elif printed.contradictions:
        notes.append(HEAD_DIFFERS.format(", ".join(printed.contradictions)))
    if printed.sex and person.sex != printed.sex:
        notes.append(OTHER_PATIENT.format("sex", "the one given"))
    if printed.age is not None and person.age is not None and abs(person.age - printed.age) > 1:
        notes.append(OTHER_PATIENT.format("age", "the one given"))
    if not any(result.analyte in _BLOOD_COUNT for result in results):
        notes.append(NO_BLOOD_COUNT)
    return tuple(notes)
