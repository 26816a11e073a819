"""The web application: REST, pages of sources, and the chat."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline

from ui.api import api_routes
from ui.api_diet import diet_paper_routes, diet_routes
from ui.api_labs import lab_routes, paper_routes
from ui.chat_mount import CHAT_PATH, mount_chat
from ui.chat_root import fill_chat_root, remove_chat_root
from ui.guard import LOCAL_HOSTS, BodyLimit, SameHost, SecurityHeaders
from ui.lab_papers import PaperStore
from ui.pages import page_routes
from ui.problems import install_problem_answers
from ui.service import Service

_PUBLIC = Path(__file__).parent / "public"
_DESCRIPTION = "Cited answers about leukemia. Information, not a diagnosis."


def build_app(service: Service, *, hosts: Sequence[str] = LOCAL_HOSTS) -> FastAPI:
    """Build the application around a service.

    Args:
        service: answers and searches; its methods block and are called in threads.
        hosts: the host names, without port, that requests may name; others are refused with 403.

    Returns:
        An application whose pages contact no other host.
    """
    app: FastAPI = FastAPIOffline(
        title="Marrow",
        description=_DESCRIPTION,
        docs_url="/docs",
        redoc_url=None,
        favicon_url="/static/favicon.svg",
        swagger_ui_parameters={"validatorUrl": None},
        lifespan=_lifespan,
    )
    # The one added last is passed first.
    app.add_middleware(BodyLimit)
    app.add_middleware(SameHost, hosts=hosts)
    app.add_middleware(SecurityHeaders)
    install_problem_answers(app)
    papers = PaperStore()
    app.include_router(api_routes(service))
    app.include_router(lab_routes(service))
    app.include_router(paper_routes(papers))
    app.include_router(diet_routes(service))
    app.include_router(diet_paper_routes(papers))
    app.include_router(page_routes(service))
    app.mount("/static", StaticFiles(directory=_PUBLIC), name="static")

    @app.get("/", include_in_schema=False)
    async def start() -> RedirectResponse:
        return RedirectResponse(f"{CHAT_PATH}/")

    app.state.backend = mount_chat(app, service, papers)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """A mounted Chainlit never hears of start and stop, so its folder is looked after here."""
    fill_chat_root()
    yield
    app.state.backend.pool.shutdown(wait=False, cancel_futures=True)
    remove_chat_root()
