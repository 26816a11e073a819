"""The index that an evaluation on a BEIR folder searches: one made aside, or one that holds the folder already."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import BadRequest
from ingest.pipeline import Progress, no_progress
from retriever.aside import index_beir
from retriever.store import PassageStore
from ui.service import Service
from ui.settings import Settings


@contextmanager
def service_over(
    settings: Settings, beir: Path, *, home: Path | None, progress: Progress = no_progress
) -> Iterator[Service]:
    """A service over the data folder `home`, or, where that is None, over the corpus of a BEIR folder indexed aside.

    Raises:
        MarrowError: if the folder cannot be read, or the index cannot be built.
    """
    if home is not None:
        yield Service(settings.model_copy(update={"home": home}))
        return
    with indexed_aside(settings, beir, progress=progress) as service:
        yield service


def check_holds(service: Service, beir: Path) -> None:
    """Make sure that the active index holds a document of a BEIR folder (an absolute path); reads the whole store.

    Raises:
        BadRequest: if it holds none.
    """
    if not _holds(service.searcher.index().store, beir):
        raise BadRequest(f"the index holds no document of {beir}", hint=f"Add them: marrow ingest {beir}")


def _holds(store: PassageStore, beir: Path) -> bool:
    parts = (range(start, min(start + 1_000, store.passages)) for start in range(0, store.passages, 1_000))
    origins = (origin for part in parts for item in store.rows(part) for origin in item.document.origins)
    return any(origin.startswith(f"{beir}#") for origin in origins)


@contextmanager
def indexed_aside(settings: Settings, beir: Path, *, progress: Progress = no_progress) -> Iterator[Service]:
    """A service over nothing but the corpus of a BEIR folder, in a temporary home.

    Vectors are taken from and kept in `eval/cache` of the settings' home, so that the next time is fast.

    Raises:
        MarrowError: if the folder cannot be read, or the index cannot be built.
    """
    cache = settings.home.absolute() / "eval" / "cache"
    with tempfile.TemporaryDirectory(prefix="marrow-eval-") as folder:
        home = Path(folder)
        service = Service(settings.model_copy(update={"home": home, "database_url": None}))
        index_beir(beir, home, service.embedder, cache=cache, progress=progress)
        yield service
