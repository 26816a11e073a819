"""A prepared folder appears whole or not at all, whatever happens while it is written."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finetune.records import CARD_FILE
from ingest.errors import BadRequest, reason_of


def check_target(out: Path, *, force: bool) -> None:
    """Make sure that a folder can be written here, before any work.

    Raises:
        BadRequest: if something else is there, a prepared folder without `force`, or the place cannot be written to.
    """
    _finish_replacing(out)
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        if not (out / CARD_FILE).is_file():
            raise BadRequest(f"{out} is there and no prepared folder", hint="Name a folder that is not there yet.")
        if not force:
            raise BadRequest(f"{out} holds prepared data already", hint="Add --force to replace it.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(out, error) from error
    if not os.access(out.parent, os.W_OK):
        raise BadRequest(f"{out.parent} cannot be written to", hint="Name another folder, or change its permissions.")


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A new folder beside `out` to write into; it takes the place of `out` when all went well, else it is removed.

    Raises:
        BadRequest: if writing fails, as on a full disk.
    """
    partial = _beside(out, "partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
        for file in sorted(partial.iterdir()):
            with file.open("rb") as written:
                os.fsync(written.fileno())
        if out.exists():
            out.rename(_beside(out, "replaced"))
        partial.rename(out)
        _finish_replacing(out)
    except OSError as error:
        raise _not_written(out, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _finish_replacing(out: Path) -> None:
    """Remove what was replaced; where a kill came between, put it back."""
    replaced = _beside(out, "replaced")
    if replaced.is_dir() and not out.exists():
        replaced.rename(out)
    shutil.rmtree(replaced, ignore_errors=True)


def _beside(out: Path, what: str) -> Path:
    whole = out.absolute()
    return whole.with_name(f".{whole.name}.{what}")


def _not_written(out: Path, error: OSError) -> BadRequest:
    return BadRequest(
        f"{out} could not be written: {reason_of(error)}; nothing was changed",
        hint="Make room on the disk or name another folder, then run the same command again.",
    )
