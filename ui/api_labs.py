"""The REST routes of lab reports, and the papers of a conversation; all in memory, nothing written to disk."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from generator.labs.judging.resolve import Person
from generator.labs.records import LabReading, Sex
from generator.records import AnswerAudience
from ingest.errors import BadRequest
from ingest.uploads import UnreadableUpload
from retriever.records import Record
from ui.guard import MAX_UPLOAD_BYTES
from ui.lab_papers import Paper, PaperStore
from ui.labs import MAX_AGE, JudgeRequest, fhir, summary
from ui.service import NotFound, Service

PDF, FHIR = "application/pdf", "application/fhir+json"
_FORM_HINT = "Send multipart/form-data with the file as `file`, and sex (F or M), age and audience if known."
_FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "PDF, PNG, JPEG, WebP or TIFF."},
        "sex": {"type": "string", "enum": ["F", "M"]},
        "age": {"type": "number", "minimum": 0, "maximum": MAX_AGE, "description": "In years."},
        "audience": {"type": "string", "enum": ["patient", "clinician"], "default": "patient"},
    },
}
_FORM_BODY = {"required": True, "content": {"multipart/form-data": {"schema": _FORM_SCHEMA}}}


class UploadFields(Record):
    """What is said with an uploaded report."""

    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0.0, le=MAX_AGE, allow_inf_nan=False)
    audience: AnswerAudience = "patient"


class _InMemory(MultiPartParser):
    """Keeps files in memory; by default those over a megabyte go to disk."""

    spool_max_size = MAX_UPLOAD_BYTES


async def _upload(request: Request) -> tuple[bytes, UploadFields]:
    """The file and the fields of a form.

    Raises:
        BadRequest: if there is no file, or a field is wrong.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadRequest("the report is not sent as a form", hint=_FORM_HINT)
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1, max_fields=8).parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise BadRequest("the form cannot be read", hint=_FORM_HINT) from error
    file = form.get("file")
    data = await file.read() if isinstance(file, UploadFile) else None
    await form.close()
    if data is None:
        raise BadRequest("the form holds no file", hint=_FORM_HINT)
    given = {name: value for name, value in form.items() if name != "file" and value != ""}
    try:
        return data, UploadFields.model_validate(given)
    except ValidationError as error:
        # What was sent may be private; only the field is named.
        fault = error.errors()[0]
        raise BadRequest(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}", hint=_FORM_HINT) from error


def lab_routes(service: Service) -> APIRouter:
    """The routes under /api/labs."""
    router = APIRouter(tags=["lab reports"])

    @router.post("/api/labs", openapi_extra={"requestBody": _FORM_BODY})
    async def labs(form: Annotated[tuple[bytes, UploadFields], Depends(_upload)]) -> LabReading:
        """Read a report: values with flags, findings with citations, and what could not be read; nothing is kept."""
        data, fields = form
        patient = Person(fields.sex, fields.age)

        def read() -> LabReading:
            return service.labs.explain(service.labs.read([data], patient).reading, audience=fields.audience)

        return await run_in_threadpool(read)

    @router.post("/api/labs/judge")
    def judge(request: JudgeRequest) -> LabReading:
        """Judge values that a person corrected or typed; flags come from the tables, whatever was sent."""
        return service.labs.judge(request)

    @router.post("/api/labs/pdf", response_class=Response, responses={200: {"content": {PDF: {}}}})
    def pdf(request: JudgeRequest) -> Response:
        """Make a PDF to take along of values that a person gave."""
        made = summary(service.labs.judge(request), audience=request.audience)
        return _answer(Paper(made, PDF, "lab-report-summary.pdf"))

    @router.post("/api/labs/fhir", response_class=Response, responses={200: {"content": {FHIR: {}}}})
    def fhir_report(request: JudgeRequest) -> Response:
        """Make a FHIR R4 DiagnosticReport of values that a person gave."""
        made = json.dumps(fhir(service.labs.judge(request)), ensure_ascii=False).encode()
        return _answer(Paper(made, FHIR, "lab-report.fhir.json"))

    return router


def paper_routes(papers: PaperStore) -> APIRouter:
    """The routes under /labs: a report on its way into a conversation, and the papers made there."""
    router = APIRouter(include_in_schema=False)

    @router.post("/labs/uploads")
    async def put(request: Request) -> dict[str, str]:
        data = await request.body()
        if not data:
            raise UnreadableUpload("the file is empty", hint="Choose it again.")
        return {"upload": papers.put(Paper(data, "application/octet-stream"))}

    @router.get("/labs/papers/{token}")
    def get(token: str) -> Response:
        paper = papers.get(token)
        # What was uploaded still shows the person: it is read, never sent back.
        if paper is None or paper.media_type == "application/octet-stream":
            hint = "Upload the report again: papers are kept for an hour."
            raise NotFound("This paper is no longer there.", hint=hint)
        return _answer(paper)

    return router


def _answer(paper: Paper) -> Response:
    headers = {"cache-control": "no-store"}
    if paper.name:
        headers["content-disposition"] = f'attachment; filename="{paper.name}"'
    return Response(paper.content, media_type=paper.media_type, headers=headers)
