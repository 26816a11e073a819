"""Packages that only some features need."""

from importlib.util import find_spec

from ingest.errors import MissingPart


def require(what: str, *packages: str, hint: str | None = None) -> None:
    """See that packages are installed, without importing them.

    Args:
        what: the feature that needs them, as the message names it.
        packages: as they are imported.
        hint: what to do where one is missing; else how to install it by its name.

    Raises:
        MissingPart: naming the first that is not.
    """
    for package in packages:
        if find_spec(package) is None:
            raise MissingPart(f"{what} needs {package}", hint=hint or f"Install it with: pip install {package}")
