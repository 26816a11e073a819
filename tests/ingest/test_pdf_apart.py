"""PDFs that are small and ask for hours of work are given up in time; the others come as if drawn in this process."""

import zlib

import numpy as np
import pymupdf
import pytest

from ingest.pdf_apart import drawn_pages
from ingest.pdf_upload import pdf_pages
from ingest.uploads import UnreadableUpload, UploadLimits

LIMITS = UploadLimits(max_seconds=2)
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"


def pdf(*objects: bytes) -> bytes:
    """A PDF of objects numbered from 1, the first its catalog; MuPDF finds them without a table."""
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, one) for number, one in enumerate(objects, start=1))
    return b"%PDF-1.5\n" + body + b"trailer<</Root 1 0 R>>\n"


def stream(content: bytes, *, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    head = b"<<%b/Filter/FlateDecode/Length %d>>" % (entries, len(packed))
    return head + b"stream\n" + packed + b"\nendstream"


def a_page_of(*objects: bytes, resources: bytes = b"") -> bytes:
    catalog, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdf(catalog, pages, _PAGE + resources + b">>", *objects)


def millions_of_lines() -> bytes:
    return a_page_of(stream(b"0 0 m 1 1 l S " * 20_000_000))


def forms_within_forms() -> bytes:
    """Twelve drawings, each of which shows the next one ten times: a billion and more of the last."""
    inner = [
        stream(
            b"/A Do " * 10,
            entries=b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</A %d 0 R>>>>" % (number + 1),
        )
        for number in range(5, 17)
    ]
    last = stream(b"0 0 m 9 9 l S", entries=b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]")
    return a_page_of(stream(b"/A Do " * 10), *inner, last, resources=b"/Resources<</XObject<</A 5 0 R>>>>")


@pytest.mark.parametrize("bomb", [millions_of_lines, forms_within_forms])
def test_a_pdf_that_unpacks_to_hours_of_work_is_given_up(bomb):
    data = bomb()
    assert len(data) < 1_000_000
    with pytest.raises(UnreadableUpload, match="too much time or memory") as refused:
        drawn_pages(data, limits=LIMITS)
    assert refused.value.hint


def test_pages_are_those_that_this_process_draws():
    with pymupdf.open() as document:
        for text in ("Hemoglobin 10.3 g/dL", "Platelets 41"):
            document.new_page(width=300, height=200).insert_text((20, 40), text)
        data = document.tobytes()
    apart, here = drawn_pages(data, limits=LIMITS), list(pdf_pages(data, limits=LIMITS))
    assert [page.pieces for page in apart] == [page.pieces for page in here] and len(apart) == 2
    assert all(np.array_equal(one.image, other.image) for one, other in zip(apart, here, strict=True))


def test_a_refusal_keeps_its_words_and_hint():
    with pytest.raises(UnreadableUpload, match="broken and cannot be opened") as refused:
        drawn_pages(b"%PDF-1.7\nnot one at all", limits=LIMITS)
    assert "Print it to a new PDF" in refused.value.hint
