"""Pages drawn for the tests of the PDF reader."""

from pathlib import Path

from ingest.records import Document

DAY = "2026-01-01"
A4 = {"width": 595, "height": 842}


def write(page, x, y, text, size=10, font="tiro", **more):
    page.insert_text((x, y), text, fontsize=size, fontname=font, **more)


def column(page, x, y, lines, pitch=12.5):
    for n, line in enumerate(lines):
        write(page, x, y + n * pitch, line)


def saved(document, tmp_path, **options) -> Path:
    path = tmp_path / "made.pdf"
    document.save(path, **options)
    document.close()
    return path


def blocks(made: Document):
    return [(span.kind, made.text[span.start : span.end]) for span in made.spans]


def of_kind(made: Document, kind: str) -> list[str]:
    return [text for found, text in blocks(made) if found == kind]


LEFT = [
    "Myeloproliferative neoplasms are clonal disorders",
    "of the marrow. They come from changes in genes of",
    "the kinase pathways, and most of the affected pa-",
    "tients carry one of three driver mutations, as the",
    "largest series of the last ten years have shown, so",
]
RIGHT = [
    "that testing for them is part of every first visit.",
    "The BCR-ABL1 fusion defines another disease, with",
    "treatment of its own, and the two are seldom found",
    "together in one person at the same time. Where they",
    "are, both need treatment by one experienced team.",
]
