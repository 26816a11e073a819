"""Lab reports in the chat: upload, the table to check beside the page, the explanation, papers to take along.

What is uploaded goes through memory only: never into Chainlit's files, and gone once it is read.
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar, cast

import chainlit as cl
from chainlit.server import app as chainlit_app
from pydantic import Field, ValidationError

from generator.labs.judging.fixed_words import triage_of
from generator.labs.judging.resolve import Person
from generator.labs.records import LabReading, Sex
from generator.labs.redact import clean_image
from generator.labs.rules import judge
from generator.labs.telling.wording import overview
from generator.records import AnswerAudience, Triage
from ingest.errors import BadRequest, MarrowError
from ingest.pages import ReadPage
from retriever.records import Record
from ui.api_labs import FHIR, PDF
from ui.chat_backend import ChatBackend
from ui.chat_memory import remember_sources
from ui.chat_text import ANSWER_NOTE, cited_items, error_text, triage_text
from ui.lab_edits import EditedRow, edited
from ui.lab_papers import Paper, PaperStore
from ui.lab_pictures import picture_jpeg, picture_size
from ui.lab_view import PageView, findings_text, rows_of, table_props, trend_props
from ui.labs import MAX_AGE, fhir, summary

UPLOAD_WORDS = (
    "Upload a photo, scan or PDF of a blood report. It is read on this computer, in memory: names, birth date and "
    "numbers of the person are painted over, and the file is not kept."
)
ANOTHER_WORDS = "To see how values changed, add another report of the same person."
GONE = "This report is no longer open here."
_Made = TypeVar("_Made")


class ReadPayload(Record):
    """What the upload element sends: the token of an upload, and whom to explain it to."""

    upload: str = Field(max_length=100)
    audience: AnswerAudience = "patient"


class ConfirmPayload(Record):
    """What the table sends: its rows as they stand, and the patient's sex and age."""

    report: str = Field(max_length=100)
    rows: tuple[EditedRow, ...] = Field(max_length=300)
    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=MAX_AGE, allow_inf_nan=False)
    audience: AnswerAudience = "patient"


@dataclass(slots=True)
class OpenReport:
    """A report of this conversation: as read, and as the reader confirmed it."""

    reading: LabReading
    confirmed: LabReading | None = None


@dataclass(slots=True)
class LabFolder:
    """The reports of one conversation in the order of upload, and the tokens of their papers."""

    reports: dict[str, OpenReport] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    def keep(self, papers: PaperStore, paper: Paper) -> str:
        """Put a paper into the store for as long as the conversation; its address."""
        token = papers.put(paper)
        self.tokens.append(token)
        return f"/labs/papers/{token}"


def _backend() -> ChatBackend:
    return cast(ChatBackend, chainlit_app.state.backend)


def _folder() -> LabFolder:
    folder: LabFolder | None = cl.user_session.get("labs")
    if folder is None:
        folder = LabFolder()
        cl.user_session.set("labs", folder)
    return folder


async def _in_thread(make: Callable[[], _Made]) -> _Made:
    return await asyncio.wrap_future(_backend().pool.submit(make))


async def offer_upload(words: str = UPLOAD_WORDS) -> None:
    """Send the element to upload a report with."""
    await _send(words, "LabUpload", {"audience": "patient"})


def forget_papers() -> None:
    """Drop the papers of a conversation that the reader ended.

    A connection that is merely lost may come back; its papers go by themselves after their time.
    """
    folder: LabFolder | None = cl.user_session.get("labs")
    if folder is not None and getattr(cl.context.session, "to_clear", False):
        _backend().papers.drop(folder.tokens)


@cl.action_callback("labs_read")
async def read_upload(action: cl.Action) -> dict[str, Any]:
    """Read an uploaded report: fixed words first where a value is critical, then the table to check."""
    try:
        payload = ReadPayload.model_validate(action.payload)
        paper = _backend().papers.take(payload.upload)
        if paper is None:
            raise BadRequest("the upload is no longer there", hint="Choose the file again.")
        await _read(paper.content, payload.audience)
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    return {"ok": True}


async def _read(content: bytes, audience: AnswerAudience) -> None:
    backend, folder = _backend(), _folder()
    async with cl.Step(name="Read the report", type="tool", show_input=False) as step:
        upload = await _in_thread(lambda: backend.service.labs.read([content]))
        pictures = await _in_thread(lambda: [picture_jpeg(clean_image(page)) for page in upload.pages])
        step.output = overview(upload.reading)
    reading = upload.reading
    findings = judge(reading.results, sex=reading.sex, age=reading.age, audience=audience)
    await _show_triage(triage_of(findings, audience=audience))
    report = uuid.uuid4().hex
    folder.reports[report] = OpenReport(reading)
    pages = _page_views(upload.pages, pictures, lambda paper: folder.keep(backend.papers, paper))
    props = table_props(reading, report=report, pages=pages, audience=audience)
    await _send("", "LabTable", props)


def _page_views(pages: Sequence[ReadPage], pictures: Sequence[bytes], keep: Callable[[Paper], str]) -> list[PageView]:
    return [
        PageView(page.number, keep(Paper(picture, "image/jpeg")), *picture_size(picture))
        for page, picture in zip(pages, pictures, strict=True)
    ]


async def _show_triage(triage: Triage) -> None:
    if triage.message:
        await cl.Message(triage_text(triage)).send()


@cl.action_callback("labs_confirm")
async def confirm(action: cl.Action) -> dict[str, Any]:
    """Judge the values as the reader left them, and explain them; nothing of what was sent is trusted but the edits."""
    try:
        payload = ConfirmPayload.model_validate(action.payload)
        report = _folder().reports.get(payload.report)
        if report is None:
            raise BadRequest(GONE, hint="Upload it again.")
        made = edited(report.reading.results, payload.rows, Person(payload.sex, payload.age))
    except (MarrowError, ValidationError) as error:
        return _refusal(error)
    if made.faults:
        return {"ok": False, "faults": made.faults, "error": "Some values cannot be used as they are.", "hint": ""}
    reading = report.reading.model_copy(update={"results": made.results, "sex": payload.sex, "age": payload.age})
    first, report.confirmed = report.confirmed is None, reading
    try:
        await _explain(report, payload.audience)
        await _compare(payload.audience)
    except MarrowError as error:
        await cl.ErrorMessage(content=error_text(error), author="Marrow").send()
    if first:
        await offer_upload(ANOTHER_WORDS)
    rows = rows_of(made.results, ids=made.ids)
    return {"ok": True, "rows": [asdict(row) for row in rows], "overview": overview(reading)}


async def _explain(report: OpenReport, audience: AnswerAudience) -> None:
    backend, folder = _backend(), _folder()
    assert report.confirmed is not None
    confirmed = report.confirmed
    reading = await _in_thread(lambda: backend.service.labs.explain(confirmed, audience=audience))
    pdf = await _in_thread(lambda: summary(reading, audience=audience))
    fhir_json = json.dumps(fhir(reading, confirmed=True), ensure_ascii=False).encode()
    links = (
        ("Download PDF", folder.keep(backend.papers, Paper(pdf, PDF, "lab-report-summary.pdf"))),
        ("Download FHIR", folder.keep(backend.papers, Paper(fhir_json, FHIR, "lab-report.fhir.json"))),
    )
    await _show_triage(reading.triage)
    remember_sources(reading.citations)
    message = cl.Message(f"{findings_text(reading)}\n\n{' '.join(f'[{name}]({href})' for name, href in links)}")
    if reading.citations:
        items = [asdict(item) for item in cited_items(reading.citations)]
        props = {"items": items, "heading": "Sources", "note": ANSWER_NOTE}
        message.elements = [_element("SourceList", props)]
    await message.send()


async def _compare(audience: AnswerAudience) -> None:
    """Show how values changed, where the conversation holds two confirmed reports and more."""
    confirmed = [report.confirmed for report in _folder().reports.values() if report.confirmed]
    if len(confirmed) > 1:
        trends = _backend().service.labs.trends(confirmed, audience=audience)
        await _show_triage(triage_of([notice for one in trends for notice in one.notices], audience=audience))
        await _send("", "LabTrends", trend_props(trends))


async def _send(words: str, element: str, props: dict[str, Any]) -> None:
    await cl.Message(words, elements=[_element(element, props)]).send()


def _element(name: str, props: dict[str, Any]) -> Any:
    return cl.CustomElement(name=name, props=props, display="inline")


def _refusal(error: MarrowError | ValidationError) -> dict[str, Any]:
    if isinstance(error, MarrowError):
        message = str(error)
        return {"ok": False, "error": message[:1].upper() + message[1:] + ".", "hint": error.hint}
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return {"ok": False, "error": f"{place}: {fault['msg']}.", "hint": "Correct it and try again."}
