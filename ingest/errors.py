"""The error tree of Marrow.

    MarrowError
    ├── UnreadableSource      a file or answer that no document can be made of
    ├── NetworkError          a service that did not answer as its protocol says
    ├── CatalogError          the catalog cannot be opened or written
    ├── MissingPart           a package or model this feature needs is not installed
    ├── BadRequest            a question, option or profile that cannot be served
    ├── ConfigError           a setting that cannot be used
    ├── RetrieverError        (retriever/errors.py) the index
    └── GeneratorError        (generator/errors.py) the chat model

Every error says what happened (its message) and what to do next (its hint).
"""

from typing import ClassVar


class MarrowError(Exception):
    """An error that a user or their data caused and that a user can act on."""

    default_hint: ClassVar[str] = "Run `marrow doctor` to see what is missing."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Keep the one-line message and hint; the class's default hint stands in for None."""
        super().__init__(message)
        self.hint = hint or self.default_hint


class UnreadableSource(MarrowError):
    """A file or an answer that no document can be made of; the message is the named reason."""

    default_hint = "Repair or replace the file, then ingest it again; everything else was kept."


class NetworkError(MarrowError):
    """A remote service failed, or answered outside its protocol, after all retries."""

    default_hint = "Run the same command again later: it goes on where it stopped."


class CatalogError(MarrowError):
    """The catalog database cannot be opened, read or written."""

    default_hint = "Check MARROW_HOME, its free space and its permissions."


class MissingPart(MarrowError):
    """An optional package or a model file that this feature needs is not there."""


class BadRequest(MarrowError):
    """A question, filter or profile that cannot be served as it stands."""

    default_hint = "Correct the request and send it again."


class ConfigError(MarrowError):
    """A setting has an unknown name or an impossible value."""

    default_hint = "See `marrow doctor` for the settings in force."


def reason_of(error: Exception) -> str:
    """What went wrong, for a message that names the file itself: of an OSError without its number and path."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
