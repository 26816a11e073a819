"""The REST routes: the same JSON as the command line, from the same service."""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from generator.records import Answer, SentenceReady, StreamEvent
from ingest.errors import MarrowError
from retriever.records import PassageView, SearchResult
from ui.problems import Problem
from ui.service import AskRequest, SearchRequest, Service, Status

_PROBLEMS: dict[int | str, dict[str, object]] = {
    404: {"model": Problem, "description": "There is nothing under that id."},
    413: {"model": Problem, "description": "The request is too large."},
    422: {"model": Problem, "description": "The request cannot be served as it stands."},
    503: {"model": Problem, "description": "A part is missing: no index is open, or the model is not there."},
}


def api_routes(service: Service) -> APIRouter:
    """The routes under /api, and the two that say whether the server is up and ready."""
    router = APIRouter(responses=_PROBLEMS)

    @router.post("/api/ask", tags=["answers"])
    def ask(request: AskRequest) -> Answer:
        """Answer a question, each sentence with its citations."""
        return service.ask(request)

    @router.post("/api/stream", tags=["answers"], response_class=StreamingResponse)
    def stream(request: AskRequest) -> StreamingResponse:
        """Answer a question as server-sent events: `triage`, `sentence`…, then one `answer` or `error`."""
        return StreamingResponse(
            _events(service, request), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    @router.post("/api/search", tags=["passages"])
    def search(request: SearchRequest) -> SearchResult:
        """Find the passages that match a question best."""
        return service.search(request)

    @router.get("/api/passages/{passage_id}", tags=["passages"])
    def passage(passage_id: str) -> PassageView:
        """Show a passage with all that is known of its document."""
        return service.passage(passage_id)

    @router.get("/healthz", tags=["state"])
    async def healthz() -> dict[str, bool]:
        """Say that the process is up."""
        return {"ok": True}

    @router.get("/readyz", tags=["state"])
    def readyz(response: Response) -> Status:
        """Say whether questions can be answered; 503 with the problems until they can."""
        status = service.status()
        response.status_code = 200 if status.ready else 503
        return status

    return router


def _events(service: Service, request: AskRequest) -> Iterator[str]:
    try:
        for event in service.stream(request):
            yield f"event: {_event_name(event)}\ndata: {event.model_dump_json()}\n\n"
    except MarrowError as error:
        yield f"event: error\ndata: {Problem(error=str(error), hint=error.hint).model_dump_json()}\n\n"


def _event_name(event: StreamEvent) -> str:
    if isinstance(event, Answer):
        return "answer"
    return "sentence" if isinstance(event, SentenceReady) else "triage"
