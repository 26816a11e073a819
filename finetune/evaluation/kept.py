"""Results of earlier runs, kept beside the report: a run that was broken off goes on where it stopped."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ingest.errors import BadRequest
from retriever.build import write_durably

Kept = TypeVar("Kept", bound=BaseModel)


def key_of(*parts: object) -> str:
    """16 hex digits over what a result depends on; the parts go through JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept(file: Path, record: type[Kept], make: Callable[[], Sequence[Kept]]) -> list[Kept]:
    """The records in a file; where there is none, or it is damaged, they are made and written in one step.

    Raises:
        BadRequest: if the file cannot be written.
    """
    try:
        return [record.model_validate_json(line) for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError, ValidationError):
        made = list(make())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_durably(file, "".join(one.model_dump_json() + "\n" for one in made))
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error.strerror}", hint="Choose another --out.") from error
    return made
