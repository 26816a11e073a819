"""Errors of the index and of searching it."""

from ingest.errors import MarrowError


class RetrieverError(MarrowError):
    """The index cannot be built, opened or searched."""

    default_hint = "Rebuild it with: marrow index build"


class NoIndex(RetrieverError):
    """No index version is active yet."""

    default_hint = "Add sources with `marrow ingest PATH`, or build one with `marrow index build`."


class IndexBroken(RetrieverError):
    """An index version is damaged, incomplete or of another format than this program writes."""


class IndexStale(RetrieverError):
    """The index was built with another embedding model or by other rules than are in use."""


class BuildFailed(RetrieverError):
    """A build stopped; the active version still serves."""

    default_hint = "Free disk space or memory, then run: marrow index build (it goes on where it stopped)"
