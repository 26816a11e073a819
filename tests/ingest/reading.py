"""What the tests of readers share: read one file, and see a document as its parts."""

from pathlib import Path

from ingest.files import read_path
from ingest.records import Document

DAY = "2026-11-21"


def one(path: Path) -> Document:
    (made,) = read_path(path, fetched=DAY)
    assert isinstance(made, Document)
    return made


def parts(made: Document) -> list[tuple[str, tuple[str, ...], str]]:
    return [(span.kind, span.section, made.text[span.start : span.end]) for span in made.spans]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
