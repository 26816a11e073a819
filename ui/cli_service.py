"""The service that commands of the command line work on."""

from ui.console import progress_bar
from ui.knowledge import ensure_starter_index
from ui.service import Service
from ui.settings import Settings, load_settings


def open_service(model: str | None = None) -> tuple[Settings, Service]:
    """The settings and the service they wire up, with another chat model than the one set or not; nothing is opened."""
    settings = load_settings()
    if model is not None:
        settings = settings.model_copy(update={"model": model})
    return settings, Service(settings)


def ready_service(model: str | None = None) -> Service:
    """The service with an index to search, built first where there is none or it is stale, as `marrow serve` does."""
    settings, service = open_service(model)
    with progress_bar() as progress:
        ensure_starter_index(service, settings, progress=progress)
    return service
