"""Pages of lab reports whose values are known: beside each file a JSON of the same stem says what it prints."""

import json
import logging
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from generator.labs.records import Comparator
from ingest.errors import BadRequest

logger = logging.getLogger(__name__)
_PAGES = (".png", ".jpg", ".jpeg", ".pdf", ".webp", ".tif", ".tiff")


class TrueForm(BaseModel):
    """What of a result's printed form the scores use."""

    model_config = ConfigDict(frozen=True)

    name: str = ""
    value: str = ""
    range: str = ""


class TrueResult(BaseModel):
    """A result that a page prints; `flag` by its printed range, None where it prints none."""

    model_config = ConfigDict(frozen=True)

    analyte: str
    value: float
    comparator: Comparator = ""
    unit: str
    flag: Literal["L", "N", "H"] | None = None
    critical: bool = False
    printed: TrueForm = TrueForm()


class PageTruth(BaseModel):
    """What a page says: results, the analytes it reports as absent, and by what its scores are told apart."""

    model_config = ConfigDict(frozen=True)

    results: tuple[TrueResult, ...]
    absent: tuple[str, ...] = ()
    layout: str = ""
    damage: str = ""
    unit_system: str = ""
    held_out: bool = False


def read_truths(folder: Path) -> list[tuple[Path, PageTruth]]:
    """The pages of a folder that have a truth beside them, by name.

    Raises:
        BadRequest: if the folder is not there, has no such page, or a truth is not as `PageTruth` says.
    """
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in _PAGES)
    pages = []
    for file in files:
        beside = file.with_suffix(".json")
        if not beside.is_file():
            logger.warning("%s has no truth beside it and is left out", file.name)
            continue
        try:
            pages.append((file, PageTruth.model_validate(json.loads(beside.read_text("utf-8")))))
        except (ValueError, ValidationError) as error:
            raise BadRequest(
                f"{beside} is no truth of a page: {error}", hint="See `generator/labs/truths.py` for its form."
            ) from error
    if not pages:
        raise BadRequest(
            f"{folder} holds no page with its truth",
            hint="Draw some with: python benchmarks/lab_pages.py FOLDER",
        )
    return pages
