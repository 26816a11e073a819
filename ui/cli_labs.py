"""`marrow labs`: read a lab report, compare several, take one along as PDF or FHIR."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from generator.labs.judging.fixed_words import triage_of
from generator.labs.judging.resolve import Person
from generator.labs.records import Flag, LabReading, LabResult, Sex, Unread
from generator.labs.redact import clean_image
from generator.labs.rules import judge
from generator.labs.telling.wording import (
    SEVERITY_WORDS,
    TABLE_NOTE,
    flag_words,
    interval_text,
    overview,
    unit_text,
    value_text,
)
from generator.labs.trends import Trend, trend_rows
from generator.records import AnswerAudience, Triage
from ingest.console import people, print_line, progress_bar, put_json
from ingest.errors import BadRequest, MarrowError
from ingest.pages import ReadPage
from ui.cli_service import ready_service
from ui.lab_pictures import picture_png
from ui.labs import MAX_AGE, JudgeRequest, LabDesk, OcrChoice, SecondReader, fhir, summary, unread_names

app = typer.Typer(no_args_is_help=True, help="Read lab reports: values, flags, findings, trends.")

_STYLES: dict[Flag | None, str] = {"LL": "bold red", "HH": "bold red", "L": "yellow", "H": "yellow"}
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object as the last line on stdout.")]
SexOption = Annotated[Sex | None, typer.Option(help="Of the patient; else as printed. It chooses intervals.")]
AgeOption = Annotated[float | None, typer.Option(min=0, max=MAX_AGE, help="In years; else as printed.")]
AudienceOption = Annotated[AnswerAudience, typer.Option(help="Whom the findings are worded for.")]
EngineOption = Annotated[OcrChoice | None, typer.Option(help="Reads pictures; else as set.")]
SecondOption = Annotated[SecondReader | None, typer.Option(help="Reads the values of pictures again; else as set.")]
FhirOption = Annotated[Path | None, typer.Option("--fhir", help="Write a FHIR R4 DiagnosticReport to this file.")]
PdfOption = Annotated[Path | None, typer.Option("--pdf", help="Write a summary to take along to this file.")]


@app.command()
def read(  # noqa: PLR0913 - Typer makes one option of each parameter
    files: Annotated[list[Path], typer.Argument(help="One report: a PDF, or the photos of its pages in order.")],
    sex: SexOption = None,
    age: AgeOption = None,
    audience: AudienceOption = "patient",
    engine: EngineOption = None,
    second_reader: SecondOption = None,
    fhir_file: FhirOption = None,
    pdf_file: PdfOption = None,
    image_file: Annotated[
        Path | None, typer.Option("--image", help="Keep the page without the person as this PNG; -2, -3 … for more.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a lab report: every value with unit, range and flag, what stands out, and what to do next."""
    desk = _desk(engine, second_reader)
    with progress_bar() as progress:
        progress("Reading the report", 0, 0)
        with _naming(*files):
            upload = desk.read([_bytes(file) for file in files], Person(sex, age))
        progress("Explaining the values", 0, 0)
        reading = desk.explain(upload.reading, audience=audience)
    _write(reading, audience, fhir_file=fhir_file, pdf_file=pdf_file)
    if image_file is not None:
        _write_images(upload.pages, image_file)
    if as_json:
        put_json(reading)
    else:
        _show(reading)


@app.command()
def trend(  # noqa: PLR0913 - Typer makes one option of each parameter
    files: Annotated[list[Path], typer.Argument(help="Two or more reports of one person, each a file.")],
    sex: SexOption = None,
    age: AgeOption = None,
    audience: AudienceOption = "patient",
    engine: EngineOption = None,
    second_reader: SecondOption = None,
    pdf_file: PdfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare reports: each value over time with its interval, and what stands out between two days."""
    if len(files) < 2:
        raise BadRequest("there is one report only", hint="Name two or more reports of one person.")
    desk = _desk(engine, second_reader)
    with progress_bar() as progress:
        readings = []
        for number, file in enumerate(files):
            progress("Reading the reports", number, len(files))
            with _naming(file):
                readings.append(desk.read([_bytes(file)], Person(sex, age)).reading)
        trends = desk.trends(readings, audience=audience)
        newest = max(readings, key=lambda one: one.collected or date.min)
        if pdf_file is not None:
            made = summary(desk.explain(newest, audience=audience), audience=audience, trend=trends)
            _save(pdf_file, made)
    findings = judge(newest.results, sex=newest.sex, age=newest.age, audience=audience)
    triage = triage_of((*findings, *(notice for one in trends for notice in one.notices)), audience=audience)
    if as_json:
        put_json({"triage": triage.model_dump(), "trends": [one.model_dump(mode="json") for one in trends]})
    else:
        _show_triage(triage)
        _show_trends(trends)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="What `marrow labs read --json` wrote, corrected by hand or not.")],
    audience: AudienceOption = "patient",
    fhir_file: FhirOption = None,
    pdf_file: PdfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the values of a saved reading again, and write them as FHIR or PDF."""
    request = _saved(file, audience)
    reading = _desk(None, None).judge(request)
    _write(reading, audience, fhir_file=fhir_file, pdf_file=pdf_file)
    if as_json:
        put_json(reading)
    elif fhir_file is None and pdf_file is None:
        _show(reading)


def _desk(engine: OcrChoice | None, second: SecondReader | None) -> LabDesk:
    return ready_service(ocr=engine, lab_second_reader=second).labs


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadRequest(f"the file cannot be opened: {error.strerror}", hint="Name a PDF or picture.") from error


@contextmanager
def _naming(*files: Path) -> Iterator[None]:
    """Say with an error which file it is about."""
    try:
        yield
    except MarrowError as error:
        names = ", ".join(file.name for file in files)
        error.args = (f"{names}: {error}",)
        raise


def _saved(file: Path, audience: AnswerAudience) -> JudgeRequest:
    try:
        saved = json.loads(_bytes(file))
        kept = {
            name: saved[name] for name in ("results", "notes", "sex", "age", "collected") if saved.get(name) is not None
        }
        lines = [Unread.model_validate(line) for line in saved.get("unread", ())]
        unread = {"unread_lines": len(lines), "unread_names": unread_names(lines)}
        return JudgeRequest.model_validate({**kept, **unread, "audience": audience})
    except (ValueError, AttributeError) as error:
        fault = error.errors()[0] if isinstance(error, ValidationError) else None
        reason = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault else "it is no JSON object"
        hint = "Make one with: marrow labs read FILE --json > reading.json"
        raise BadRequest(f"{file.name} is no saved reading: {reason}", hint=hint) from error


def _write(reading: LabReading, audience: AnswerAudience, *, fhir_file: Path | None, pdf_file: Path | None) -> None:
    if fhir_file is not None:
        _save(fhir_file, (json.dumps(fhir(reading), ensure_ascii=False, indent=2) + "\n").encode())
    if pdf_file is not None:
        _save(pdf_file, summary(reading, audience=audience))


def _write_images(pages: Sequence[ReadPage], file: Path) -> None:
    for number, page in enumerate(pages, start=1):
        name = file if number == 1 else file.with_stem(f"{file.stem}-{number}")
        _save(name, picture_png(clean_image(page)))


def _save(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another file.") from error


def _show(reading: LabReading) -> None:
    _show_triage(reading.triage)
    people.print(_values_table(reading.results))
    if any(result.range_source == "table" for result in reading.results):
        print_line(TABLE_NOTE)
    print_line(overview(reading))
    for result in (result for result in reading.results if result.needs_review):
        print_line(
            f'? {result.name}: printed "{result.printed.value} {result.printed.unit}". {" ".join(result.doubts)}'
        )
    _show_findings(reading)
    for line in reading.unread:
        print_line(f"Not read, page {line.page}: {line.text} ({line.reason})")
    for note in reading.notes:
        print_line(f"Note: {note}")
    print_line("Compare every value with the report itself. Information, not a diagnosis.")


def _values_table(results: Sequence[LabResult]) -> Table:
    table = Table("Test", "Value", "Unit", "Range", "Flag", "Check", box=None, pad_edge=False)
    for result in results:
        style = "bold red" if result.critical else _STYLES.get(result.flag, "")
        table.add_row(
            Text(result.name),
            Text(value_text(result), style=style),
            Text(unit_text(result.unit)),
            Text(interval_text(result)),
            Text(" ".join(flag_words(result)), style=style),
            Text("? please check" if result.needs_review else "", style="bold cyan"),
        )
    return table


def _show_triage(triage: Triage) -> None:
    if triage.message:
        people.print(Text(triage.message, style="bold red" if triage.level == "emergency" else "bold yellow"))


def _show_findings(reading: LabReading) -> None:
    for finding in reading.findings:
        marks = "".join(f"[{n}]" for n in finding.citations)
        print_line(f"\n{SEVERITY_WORDS[finding.severity]}: {finding.title} ({'; '.join(finding.used)})")
        print_line(f"  {finding.text} {marks}".rstrip())
        if finding.also:
            print_line(f"  Can also mean: {'; '.join(finding.also)}")
        for step in finding.next_steps:
            print_line(f"  - {step}")
        print_line(f"  Threshold: {finding.basis}")
    for cited in reading.citations:
        print_line(f'[{cited.n}] {cited.title}: "{cited.quote}"')


def _show_trends(trends: Sequence[Trend]) -> None:
    heading, *rows = trend_rows(trends)
    table = Table(*heading, "Range", "Last change", box=None, pad_edge=False)
    for row, one in zip(rows, trends, strict=True):
        change = f"{one.direction} by {abs(one.change):g} in {one.days} days" if one.change else one.direction
        table.add_row(*(Text(unit_text(cell)) for cell in row), Text(interval_text(one)), Text(change))
    people.print(table)
    for one in trends:
        for notice in one.notices:
            print_line(f"{SEVERITY_WORDS[notice.severity]}: {notice.title} ({'; '.join(notice.used)}). {notice.text}")
    for note in dict.fromkeys(note for one in trends for note in one.notes):
        print_line(f"Note: {note}")
