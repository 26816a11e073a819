"""The service that commands of the command line work on."""

from ingest.console import progress_bar
from ui.knowledge import ensure_starter_index
from ui.service import Service
from ui.settings import Settings, load_settings


def open_service(**changes: str | None) -> tuple[Settings, Service]:
    """The settings and the service they wire up; `changes` that are not None stand in for settings of that name."""
    settings = load_settings().model_copy(update={name: value for name, value in changes.items() if value is not None})
    return settings, Service(settings)


def ready_service(**changes: str | None) -> Service:
    """The service with an index to search, built first where there is none or it is stale, as `marrow serve` does."""
    settings, service = open_service(**changes)
    with progress_bar() as progress:
        ensure_starter_index(service, settings, progress=progress)
    return service
