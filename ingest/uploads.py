"""An upload is told by its bytes, bounded before it is unpacked, and becomes RGB images.

Names are never trusted: a drawing renamed to .png is refused as the drawing it is. Bounds are checked on the header,
as a picture of a few kilobytes can claim gigabytes.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from ingest.errors import BadRequest, MarrowError
from ingest.ocr import Image

Kind = Literal["pdf", "png", "jpeg", "webp", "tiff"]

_WANTED = "Send a photo or scan as PNG or JPEG, or the report as a PDF."
_TOO_LARGE = "Send one page at a time, as a JPEG with its longer side at 2,000 to 4,000 pixels."
# Pixels beyond this on the longer side only cost time.
KEPT_SIDE = 3000
_ORIENTATION = 0x0112
_TURNS = Pillow.Transpose
_ROTATIONS = {
    2: _TURNS.FLIP_LEFT_RIGHT,
    3: _TURNS.ROTATE_180,
    4: _TURNS.FLIP_TOP_BOTTOM,
    5: _TURNS.TRANSPOSE,
    6: _TURNS.ROTATE_270,
    7: _TURNS.TRANSVERSE,
    8: _TURNS.ROTATE_90,
}
_LIGHT = 128
# Letters and rules cover less of a page than this.
_LINES_SHARE = 0.5


class UnreadableUpload(BadRequest):
    """An upload that no page can be made of; the message says what it is."""

    default_hint = _WANTED


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What an upload may ask for: bytes, pixels of an image in all and along a side, pages that are read, and the
    seconds of computing that drawing a PDF may take.
    """

    max_bytes: int = 25_000_000
    max_pixels: int = 64_000_000
    max_side: int = 16_000
    max_pages: int = 20
    max_seconds: int = 20


def kind_of(data: bytes) -> Kind:
    """Tell what an upload is by its first bytes.

    Raises:
        UnreadableUpload: for everything that is no PDF, PNG, JPEG, WebP or TIFF, with its name where it is known.
    """
    if not data:
        raise UnreadableUpload("the file is empty", hint="The upload may have broken off: send it again.")
    head = data[:1024]
    # Readers of PDFs allow for bytes before the mark; mail programs leave some.
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    what, hint = _refused(head)
    raise UnreadableUpload(f"this is {what}, which cannot be read as a report", hint=hint)


def _refused(head: bytes) -> tuple[str, str]:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc", b"avif"):
            return "a HEIC or AVIF photo", "Share or save it as a JPEG, or send a screenshot of it."
        return "a video", _WANTED
    if b"<svg" in text:
        return "an SVG drawing", "Save it as a PDF or PNG and send that."
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page", "Print it to a PDF and send that."
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "a ZIP archive or an Office document", "Unpack it, or save the document as a PDF, and send that."
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old Office document", "Save it as a PDF and send that."
    if head.startswith((b"GIF8", b"BM")):
        return "a GIF or BMP picture", "Save it as a PNG and send that."
    if head[128:132] == b"DICM":
        return "a DICOM picture", _WANTED
    return "a file of another kind", _WANTED


def images_of(data: bytes, *, kind: Kind, limits: UploadLimits) -> list[Image]:
    """Unpack a picture; a TIFF may hold several pages.

    Args:
        data: the bytes of a PNG, JPEG, WebP or TIFF.
        kind: which of them.
        limits: checked before pixels are unpacked.

    Returns:
        RGB images (height, width, 3), turned as their EXIF orientation says; see-through parts become paper.

    Raises:
        UnreadableUpload: if the picture is too large, broken or cut short.
    """
    with _refusing(kind), warnings.catch_warnings():
        # Pillow warns of half of what it refuses; the limits here are checked on their own.
        warnings.simplefilter("ignore")
        with Pillow.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
            frames = int(getattr(picture, "n_frames", 1)) if kind == "tiff" else 1
            if frames > limits.max_pages:
                raise too_many_pages(frames, limits)
            return [_frame(picture, number, limits) for number in range(frames)]


def too_many_pages(pages: int, limits: UploadLimits) -> UnreadableUpload:
    """The refusal of a file of more pages than are read at once."""
    return UnreadableUpload(
        f"the file has {pages} pages; at most {limits.max_pages} are read at once",
        hint="Send only the pages with the results.",
    )


@contextmanager
def _refusing(kind: Kind) -> Iterator[None]:
    try:
        yield
    except MarrowError:
        raise
    except Pillow.DecompressionBombError as error:
        raise UnreadableUpload("the picture claims more pixels than are unpacked", hint=_TOO_LARGE) from error
    # What Pillow's readers raise on bytes that are damaged.
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, MemoryError, EOFError) as error:
        cut = "truncated" in str(error) or isinstance(error, EOFError)
        reason = "is cut short" if cut else "is broken and cannot be opened"
        raise UnreadableUpload(
            f"the {kind.upper()} picture {reason}", hint="Send it again, or take a new photo or screenshot."
        ) from error


def _frame(picture: Pillow.Image, number: int, limits: UploadLimits) -> Image:
    picture.seek(number)
    width, height = picture.size
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise UnreadableUpload(f"the picture has {width} x {height} pixels, which is too large", hint=_TOO_LARGE)
    if picture.format == "JPEG":
        # Unpacks only as many pixels as are looked at.
        picture.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    picture.load()
    flat = _rgb(picture)
    flat.thumbnail((KEPT_SIDE, KEPT_SIDE), Pillow.Resampling.LANCZOS)
    turned = _ROTATIONS.get(picture.getexif().get(_ORIENTATION, 1))
    return np.array(flat.transpose(turned) if turned is not None else flat, dtype=np.uint8)


def _rgb(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode in ("I", "F", "I;16", "I;16B", "I;16L", "I;16N"):
        return Pillow.fromarray(_from_deep(np.asarray(picture, dtype=np.float32))).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    # White paper, or black where what is drawn is itself light.
    drawn = picture.convert("RGBA")
    small = np.asarray(drawn.resize((256, 256), Pillow.Resampling.BOX), dtype=np.float64)
    shown = small[:, :, 3] / 255
    light = float((small[:, :, :3].mean(axis=2) * shown).sum() / max(1e-9, shown.sum())) > _LIGHT
    page = Pillow.new("RGB", drawn.size, "black" if light and shown.mean() < _LINES_SHARE else "white")
    page.paste(drawn, mask=drawn.getchannel("A"))
    return page


def _from_deep(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Grey of 16 bits or more: by its whole range of 65,536 values where it fits, else by what it uses."""
    values = np.nan_to_num(values)
    low, high = float(values.min()), float(values.max())
    if 255 < high <= 65_535 and low >= 0:
        low, high = 0.0, 65_535.0
    return ((values - low) / max(1e-9, high - low) * 255).astype(np.uint8)
