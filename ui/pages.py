"""The pages of sources: the passage with its quote, a picture of its PDF page, and the PDF itself.

Everything is made on the server and escaped; the pages need no script.
"""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader

from generator.prompts import NOTICE
from ingest.errors import MarrowError
from retriever.records import PassageView
from ui.page_image import page_image
from ui.problems import status_of
from ui.service import NotFound, Service
from ui.sources import capitalised, cut, evidence_text, file_path, original_address, place, source_path, web_address

_TEMPLATES = Path(__file__).parent / "templates"


def page_routes(service: Service) -> APIRouter:
    """The routes under /sources and /files."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    templates.globals.update(web_address=web_address, place=place, evidence_text=evidence_text, notice=NOTICE)

    def problem_page(error: MarrowError) -> HTMLResponse:
        page = templates.get_template("problem.html").render(
            message=capitalised(str(error)), hint=capitalised(error.hint)
        )
        return HTMLResponse(page, status_code=status_of(error))

    @router.get("/sources/{passage_id}")
    def source(passage_id: str, start: str = "", end: str = "") -> HTMLResponse:
        try:
            view = service.passage(passage_id)
        except MarrowError as error:
            return problem_page(error)
        facts = _page_facts(view, start=_offset(start), end=_offset(end))
        return HTMLResponse(templates.get_template("source.html").render(view=view, **facts))

    @router.get("/sources/{passage_id}/page.png")
    def picture(passage_id: str, start: str = "", end: str = "") -> Response:
        view = service.passage(passage_id)
        path = _stored_file(service, view.doc_id)
        if view.page is None:
            raise NotFound("This passage stands on no page.")
        quoted = cut(view.text, start=_offset(start), end=_offset(end)).quoted
        image = page_image(path, page=view.page, quote=quoted, box=view.box)
        return Response(image, media_type="image/png", headers={"cache-control": "private, max-age=3600"})

    @router.get("/files/{doc_id:path}.pdf")
    def pdf(doc_id: str) -> Response:
        try:
            path = _stored_file(service, doc_id)
        except MarrowError as error:
            return problem_page(error)
        return FileResponse(
            path, media_type="application/pdf", filename=f"{doc_id}.pdf", content_disposition_type="inline"
        )

    return router


def _offset(value: str) -> int | None:
    """A character offset from an address; None for anything else, so that a mangled link still opens."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 12 else None


def _page_facts(view: PassageView, *, start: int | None, end: int | None) -> dict[str, object]:
    has_picture = view.has_file and view.page is not None
    return {
        "parts": cut(view.text, start=start, end=end),
        "address": original_address(view),
        "pdf": file_path(view.doc_id, page=view.page) if view.has_file else None,
        "picture": source_path(view.passage_id, start=start, end=end, page_image=True) if has_picture else None,
    }


def _stored_file(service: Service, doc_id: str) -> Path:
    """The original PDF of a document.

    Raises:
        NotFound: if the document is unknown or has none.
    """
    path = service.file(doc_id)
    if path is None or not path.is_file():
        raise NotFound("There is no PDF of this document.", hint="The page of the source shows its text.")
    return path
