"""Errors as HTTP answers: {"error", "hint"} with a fitting status, never a stack trace."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from generator.errors import GeneratorError
from generator.labs.errors import NoResults
from ingest.errors import BadRequest, CatalogError, MarrowError, MissingPart, NetworkError, UnreadableSource
from retriever.errors import RetrieverError
from ui.service import NotFound

_STATUSES: tuple[tuple[type[MarrowError], int], ...] = (
    (NotFound, 404),
    (BadRequest, 422),
    (UnreadableSource, 422),
    (NoResults, 422),
    (NetworkError, 502),
    (CatalogError, 503),
    (MissingPart, 503),
    (RetrieverError, 503),
    (GeneratorError, 503),
)
_DOCS_HINT = "The requests that are understood are described at /docs."


class Problem(BaseModel):
    """An error as the API tells it: what happened, and what to do next."""

    error: str
    hint: str


def status_of(error: MarrowError) -> int:
    """The HTTP status of an error: 4xx where the request is at fault, 5xx where the server is."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def _answer(problem: Problem, status: int) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status_code=status)


def _validation_message(error: RequestValidationError) -> str:
    """One line that names every field at fault; the values themselves may be private and are left out."""
    faults = []
    for fault in error.errors()[:5]:
        place = ".".join(str(part) for part in fault["loc"][1:]) or "request"
        faults.append(f"{place}: {fault['msg']}")
    return "; ".join(faults)


def install_problem_answers(app: FastAPI) -> None:
    """Answer every error of the application's routes with a Problem."""

    @app.exception_handler(MarrowError)
    async def expected(request: Request, error: MarrowError) -> JSONResponse:
        return _answer(Problem(error=str(error), hint=error.hint), status_of(error))

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(Problem(error=_validation_message(error), hint=_DOCS_HINT), 422)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return _answer(Problem(error=str(error.detail), hint=_DOCS_HINT), error.status_code)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        hint = "Try again; the server's log says what happened."
        return _answer(Problem(error="The server failed on this request.", hint=hint), 500)
