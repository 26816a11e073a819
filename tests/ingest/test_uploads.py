import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ingest.errors import MarrowError
from ingest.uploads import UnreadableUpload, UploadLimits, images_of, kind_of

LIMITS = UploadLimits()


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def read(picture: Image.Image, kind: str = "png", **options) -> np.ndarray:
    data = encoded(picture, kind, **options)
    assert kind_of(data) == kind
    (image,) = images_of(data, kind=kind, limits=LIMITS)
    assert image.dtype == np.uint8 and image.shape[2] == 3
    return image


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff"])
def test_a_picture_keeps_its_pixels(kind):
    image = read(Image.new("RGB", (40, 20), (10, 120, 250)), kind)
    assert image.shape == (20, 40, 3)
    assert np.abs(image.astype(int) - (10, 120, 250)).max() <= 6


@pytest.mark.parametrize(
    ("data", "what", "do"),
    [
        (b"", "empty", "again"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", "PDF or PNG"),
        (b"<!DOCTYPE html><html><body>Hb 10.6</body></html>", "web page", "Print it to a PDF"),
        (b"PK\x03\x04" + bytes(40), "ZIP", "Unpack"),
        (b"\xd0\xcf\x11\xe0" + bytes(40), "Office", "PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC", "JPEG"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "video", "photo"),
        (b"GIF89a" + bytes(40), "GIF", "PNG"),
        (bytes(128) + b"DICM", "DICOM", "photo"),
        (b"Hemoglobin 10.6 g/dL", "another kind", "photo"),
    ],
)
def test_what_is_no_report_is_named_whatever_its_name_says(data, what, do):
    with pytest.raises(UnreadableUpload) as caught:
        kind_of(data)
    assert what in str(caught.value)
    assert do in caught.value.hint


def test_bytes_before_the_mark_of_a_pdf_are_passed_over():
    assert kind_of(b"\r\n\r\n%PDF-1.7\n") == "pdf"


def claimed(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (20_000, 10), (9_000, 9_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_claims_too_many_pixels_is_not_unpacked(width, height):
    with pytest.raises(UnreadableUpload) as caught:
        images_of(claimed(width, height), kind="png", limits=LIMITS)
    assert "pixels" in str(caught.value) or "broken" in str(caught.value)
    assert caught.value.hint


def test_a_picture_of_20000_pixels_is_told_its_size():
    with pytest.raises(UnreadableUpload, match="20000 x 10 pixels"):
        images_of(claimed(20_000, 10), kind="png", limits=LIMITS)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff"])
def test_a_picture_cut_short_is_refused(kind):
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(UnreadableUpload) as caught:
        images_of(data[: len(data) // 2], kind=kind, limits=LIMITS)
    assert "again" in caught.value.hint


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["png", "jpeg", "webp", "tiff"]), st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_damage_gives_pixels_or_a_clear_error(kind, at, junk):
    data = bytearray(encoded(Image.new("RGB", (30, 30), "white"), kind))
    at = min(at, len(data) - 1)
    data[at : at + len(junk)] = junk
    try:
        for image in images_of(bytes(data), kind=kind, limits=LIMITS):
            assert image.dtype == np.uint8 and image.ndim == 3
    except MarrowError as error:
        assert error.hint


# A page 4 wide and 2 high with its top left pixel black, as a camera stores it for each EXIF orientation, and where
# that corner belongs (row, column) once shown: the EXIF table "0th row, 0th column" of tag 0x0112.
CORNER = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_the_camera_is_honoured(orientation):
    stored = np.full((16, 32), 255, dtype=np.uint8)
    stored[:4, :4] = 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = read(Image.fromarray(stored).convert("RGB"), "png", exif=exif)
    assert image.shape[:2] == ((16, 32) if orientation < 5 else (32, 16))
    row, column = CORNER[orientation]
    assert image[row, column].max() == 0
    assert (image < 128).sum() == 4 * 4 * 3


def test_see_through_parts_become_paper():
    drawn = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    drawn.putpixel((5, 5), (0, 0, 0, 255))
    image = read(drawn)
    assert image[0, 0].tolist() == [255, 255, 255] and image[5, 5].tolist() == [0, 0, 0]


def test_light_letters_on_nothing_get_a_dark_page():
    drawn = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    drawn.putpixel((5, 5), (250, 250, 250, 255))
    image = read(drawn)
    assert image[0, 0].tolist() == [0, 0, 0] and image[5, 5].tolist() == [250, 250, 250]


def test_sixteen_bits_keep_their_order_of_grey():
    deep = np.array([[0, 257, 65_535], [32_768, 40_000, 10]], dtype=np.uint16)
    image = read(Image.fromarray(deep))
    # Each is its value over 65,535, times 255, cut to a whole number: 32768 / 257 = 127.5, 40000 / 257 = 155.6.
    assert image[:, :, 0].tolist() == [[0, 1, 255], [127, 155, 0]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_every_way_to_store_white_is_white(mode):
    white = Image.new("RGB", (20, 20), "white").convert(mode) if mode != "CMYK" else Image.new("CMYK", (20, 20))
    assert read(white, "tiff" if mode == "CMYK" else "png").min() == 255


def test_large_photos_are_made_smaller():
    image = read(Image.new("RGB", (6000, 4000), "white"), "jpeg")
    assert max(image.shape) <= 3000 and image.shape[1] / image.shape[0] == pytest.approx(1.5, abs=0.01)


def test_a_fax_of_several_pages():
    first, second = Image.new("L", (30, 20), 0), Image.new("L", (30, 20), 255)
    data = encoded(first, "tiff", save_all=True, append_images=[second])
    images = images_of(data, kind="tiff", limits=LIMITS)
    assert [int(image.mean()) for image in images] == [0, 255]
    with pytest.raises(UnreadableUpload, match="2 pages; at most 1"):
        images_of(data, kind="tiff", limits=UploadLimits(max_pages=1))
