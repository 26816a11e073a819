"""Pictures of report pages as files: PNG to keep, small JPEG to show."""

import io

from PIL import Image as Pillow

from ingest.ocr import Image

SHOWN_WIDTH_PX = 1400
SHOWN_BYTES = 300_000
_QUALITIES = (80, 65, 50, 35)
_SHRINK = 0.8


def picture_png(image: Image) -> bytes:
    """An RGB image of shape (height, width, 3) as PNG, without any metadata."""
    written = io.BytesIO()
    Pillow.fromarray(image).save(written, "PNG", optimize=True)
    return written.getvalue()


def picture_jpeg(image: Image, *, max_bytes: int = SHOWN_BYTES) -> bytes:
    """An RGB image of shape (height, width, 3) as JPEG, at most 1,400 pixels wide and smaller than `max_bytes`."""
    picture = Pillow.fromarray(image)
    picture.thumbnail((SHOWN_WIDTH_PX, 4 * SHOWN_WIDTH_PX), Pillow.Resampling.LANCZOS)
    while True:
        for quality in _QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= max_bytes or max(picture.size) < 32:
                return written.getvalue()
        picture = picture.resize(
            (max(1, round(picture.width * _SHRINK)), max(1, round(picture.height * _SHRINK))), Pillow.Resampling.LANCZOS
        )


def picture_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG in pixels."""
    with Pillow.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        return picture.size
