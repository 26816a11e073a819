"""Lab reports, wired together: an upload is read, cleaned of the person, judged and explained; nothing is stored."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from generator.labs.analytes import analytes
from generator.labs.corrections import Typed, rechecked, typed_result
from generator.labs.errors import NoResults
from generator.labs.fhir import diagnostic_report
from generator.labs.interpret import interpret
from generator.labs.judging.resolve import Person
from generator.labs.parsing.matching import find_analyte
from generator.labs.read import MAX_VALUES, read_report
from generator.labs.records import Comparator, LabReading, LabResult, RangeSource, Sex, Unread
from generator.labs.redact import without_person
from generator.labs.summary import summary_pdf
from generator.labs.trends import Trend, trends
from generator.quoting import Search
from generator.records import AnswerAudience
from ingest.errors import BadRequest
from ingest.ocr import PageEngine, open_engine
from ingest.pages import ReadPage, complaint, open_upload
from ingest.reread import Reread, second_reading
from ingest.uploads import UploadLimits, too_many_pages
from retriever.records import Record
from ui.page_image import MUPDF

OcrChoice = Literal["rapidocr", "easyocr"]
SecondReader = Literal["auto", "easyocr", "none"]
MAX_AGE = 120.0
_SOME_LINE = "a line of the report"
_NOT_READ = "It could not be read on the report."


class GivenValue(Record, extra="ignore"):
    """A value as a client sends it for judging; one of `POST /api/labs` fits as it is.

    `unit` is UCUM or as printed, empty for the analyte's own. Limits are used where `range_source` is "printed"; else
    the table's for the patient are.
    """

    analyte: str = Field(max_length=60)
    value: float = Field(ge=0.0, le=1e9, allow_inf_nan=False)
    comparator: Comparator = ""
    unit: str = Field(default="", max_length=40)
    low: float | None = Field(default=None, ge=0.0, le=1e9, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=0.0, le=1e9, allow_inf_nan=False)
    range_source: RangeSource = "printed"
    needs_review: bool = False
    doubts: tuple[Annotated[str, Field(max_length=500)], ...] = Field(default=(), max_length=20)

    def result(self, patient: Person) -> LabResult:
        """The value as a result.

        Raises:
            BadRequest: if its analyte or unit is not known.
        """
        printed = self.range_source == "printed"
        typed = Typed(
            self.analyte,
            self.value,
            unit=self.unit,
            comparator=self.comparator,
            low=self.low if printed else None,
            high=self.high if printed else None,
        )
        return typed_result(typed, patient).model_copy(
            update={"needs_review": self.needs_review, "doubts": self.doubts if self.needs_review else ()}
        )


class JudgeRequest(Record):
    """Values that a person typed or corrected, to be judged again.

    `unread_lines` counts the lines of the report that could not be read, and `unread_names` are the analytes on them,
    as far as they can be told: what was not judged is said again. `notes` are those of the reading that the values come
    from, such as that it seems to be of two patients: what the reader found is kept, what judging adds is made anew.
    """

    results: tuple[GivenValue, ...] = Field(min_length=1, max_length=MAX_VALUES)
    unread_lines: int = Field(default=0, ge=0, le=1000)
    unread_names: tuple[Annotated[str, Field(max_length=100)], ...] = Field(default=(), max_length=MAX_VALUES)
    notes: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(default=(), max_length=50)
    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=MAX_AGE, allow_inf_nan=False)
    collected: date | None = None
    audience: AnswerAudience = "patient"

    def unread(self) -> tuple[Unread, ...]:
        """The lines that could not be read, of which no more than an analyte's name is known."""
        unnamed = [_SOME_LINE] * max(0, self.unread_lines - len(self.unread_names))
        return tuple(Unread(text=text, reason=_NOT_READ) for text in (*self.unread_names, *unnamed))


@dataclass(frozen=True, slots=True)
class ReadUpload:
    """A report without the person, not yet explained; `pages` still show the person and stay in memory."""

    reading: LabReading
    pages: tuple[ReadPage, ...]


class LabDesk:
    """Reads and explains lab reports; engines are opened at first use and shared, one report being read at a time."""

    def __init__(self, *, engine: str, second: SecondReader, search: Search | None) -> None:
        """Wire the desk.

        Args:
            engine: reads pictures, see `open_engine`.
            second: reads the values of pictures again; "auto" is the same engine, which looks at each twice more.
            search: finds the sentences that findings cite; None for no citations.
        """
        self._engine_name = engine
        self._second = second
        self._search = search
        self._reading = threading.Lock()

    @cached_property
    def _engine(self) -> PageEngine:
        return open_engine(self._engine_name)

    @cached_property
    def _reread(self) -> Reread | None:
        if self._second == "none":
            return None
        second = self._engine if self._second == "auto" else open_engine(self._second)
        return second_reading(second, first=self._engine_name)

    def read(self, uploads: Sequence[bytes], patient: Person | None = None) -> ReadUpload:
        """Read the files of one report, such as photos of its pages, in order.

        Raises:
            UnreadableUpload: if a file is none that can be read.
            NoResults: if no value was found; the message says what the upload looks like.
            MissingPart: if a package it needs is not installed.
        """
        patient = patient or Person()
        with self._reading:
            pages = self._pages(uploads)
        told = complaint(pages)
        try:
            reading = self._values(pages, patient)
        except NoResults as error:
            raise (NoResults(told[:1].lower() + told[1:].rstrip("."), hint=error.hint) if told else error) from error
        if told and any(page.source == "ocr" for page in pages):
            reading = _doubted(reading, told)
        return ReadUpload(without_person(reading, pages), pages)

    def _pages(self, uploads: Sequence[bytes]) -> tuple[ReadPage, ...]:
        limits = UploadLimits()
        pages: list[ReadPage] = []
        for data in uploads:
            opened = open_upload(data, engine=self._engine)
            first = pages[-1].number if pages else 0
            pages += [replace(page, number=first + page.number) for page in opened]
            if len(pages) > 2 * limits.max_pages:
                raise too_many_pages(len(pages), limits)
        return tuple(pages)

    def _values(self, pages: Sequence[ReadPage], patient: Person) -> LabReading:
        with self._reading:
            reread = self._reread if any(page.source == "ocr" for page in pages) else None
            return read_report(pages, sex=patient.sex, age=patient.age, reread=reread)

    def explain(self, reading: LabReading, *, audience: AnswerAudience) -> LabReading:
        """Add findings, how urgent they are, and citations."""
        return interpret(reading, search=self._search, audience=audience)

    def judge(self, request: JudgeRequest) -> LabReading:
        """Explain values that a person gave.

        Raises:
            BadRequest: if an analyte or unit is not known.
        """
        patient = Person(request.sex, request.age)
        results = rechecked([given.result(patient) for given in request.results])
        reading = LabReading(
            results=results,
            unread=request.unread(),
            notes=request.notes,
            sex=request.sex,
            age=request.age,
            collected=request.collected,
            engine="typed",
        )
        return self.explain(reading, audience=request.audience)

    def trends(self, readings: Sequence[LabReading], *, audience: AnswerAudience) -> tuple[Trend, ...]:
        """How values changed from report to report.

        Raises:
            BadRequest: if the reports are of different people, or have nothing in common.
        """
        if len({reading.sex for reading in readings if reading.sex}) > 1:
            raise BadRequest(
                "the reports are of people of different sex, so they are not compared",
                hint="Compare reports of one person only; give the sex where it was misread.",
            )
        made = trends(readings, audience=audience)
        if not made:
            raise BadRequest("the reports have no value in common", hint="Compare reports of the same tests.")
        return made


def _doubted(reading: LabReading, doubt: str) -> LabReading:
    """A reading of which every value has to be compared with the page."""
    results = (
        result.model_copy(update={"needs_review": True, "doubts": (*result.doubts, doubt)})
        for result in reading.results
    )
    return reading.model_copy(update={"results": tuple(results), "notes": (doubt, *reading.notes)})


def unread_names(lines: Sequence[Unread]) -> tuple[str, ...]:
    """The names of the analytes that lines which could not be read begin with, each once."""
    found = (find_analyte(re.split(r"\d", line.text, maxsplit=1)[0]) for line in lines)
    return tuple(dict.fromkeys(analytes()[match.key].name for match in found if match))


def summary(reading: LabReading, *, audience: AnswerAudience, trend: Sequence[Trend] = ()) -> bytes:
    """A reading as a PDF to take along."""
    with MUPDF:
        return summary_pdf(reading, audience=audience, trends=trend)


def fhir(reading: LabReading, *, confirmed: bool = False) -> Mapping[str, Any]:
    """A reading as a FHIR R4 DiagnosticReport, preliminary until a person has `confirmed` its values.

    Raises:
        BadRequest: if there is nothing to export.
    """
    return diagnostic_report(reading, confirmed=confirmed)
