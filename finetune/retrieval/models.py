"""Trained models on disk: complete or not there, with what they were made from, and adopted by a copy."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadRequest
from retriever.build import write_durably
from retriever.weights import checksum, find_model

MADE_FROM = "made_from.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """The folder of a model, and the losses of its training."""

    folder: Path
    losses: tuple[float, ...]


def trained_before(folder: Path, fingerprint: str) -> Trained | None:
    """The model in a folder, if a run on the same data with the same options ended its training; else None.

    Raises:
        BadRequest: if the folder holds another model.
    """
    if not folder.exists():
        return None
    try:
        made_from = json.loads((folder / MADE_FROM).read_text("utf-8"))
        if made_from["fingerprint"] == fingerprint:
            return Trained(folder, tuple(made_from["losses"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadRequest(
        f"{folder} holds a model of other data or options", hint="Name another folder by --out, or remove this one."
    )


def keep_trained(folder: Path, write: Callable[[Path], None], *, losses: Sequence[float], fingerprint: str) -> Trained:
    """Let `write` fill a folder aside, and give it its name when it is complete: a kill leaves no half model.

    Raises:
        BadRequest: if it cannot be written.
    """
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        write(part)
        write_durably(part / MADE_FROM, json.dumps({"fingerprint": fingerprint, "losses": list(losses)}))
        part.rename(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return Trained(folder, tuple(losses))


def adopt(model: Path, home: Path) -> Path:
    """Copy a model into the data folder, under its kind and checksum; what is there already stays.

    Returns:
        The folder in `home/models`, as an absolute path. No setting is changed.

    Raises:
        BadRequest: if it cannot be written.
    """
    name = f"{model.name}-{checksum(find_model(str(model)))}"
    target = home.absolute() / "models" / name
    if target.is_dir():
        return target
    part = target.with_name(f".{name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(model, part)
        part.rename(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    return target


def _unwritable(folder: Path, error: OSError) -> BadRequest:
    return BadRequest(f"{folder} cannot be written: {error}", hint="Check its disk's free space and its permissions.")
