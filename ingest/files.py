"""The one way in for files: any path to documents, each file with a verdict."""

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import UnreadableSource
from ingest.markup import read_markdown
from ingest.ocr import OcrEngine
from ingest.office import read_docx
from ingest.pdf import read_pdf
from ingest.plaintext import read_text
from ingest.pubmed import looks_like_pubmed, read_pubmed_xml
from ingest.rawfile import looks_binary, read_head
from ingest.records import Document, DocumentKind, Skipped
from ingest.rows import TABLE_SUFFIXES, table_suffix
from ingest.tables import is_beir, read_beir, read_table
from ingest.webpage import read_html

_MARKDOWN = frozenset({".md", ".markdown"})
_HTML = frozenset({".html", ".htm", ".xhtml"})
_TEXT = frozenset({".txt", ".text"})
READABLE_SUFFIXES = frozenset({".pdf", ".docx", ".xml", *_MARKDOWN, *_HTML, *_TEXT, *TABLE_SUFFIXES})
"""Suffixes that `read_path` knows; tables and XML may be gzipped (".csv.gz")."""

HANDBOOK = Path(__file__).parent / "handbook"

_HEAD_BYTES = 8192
_SKIPPED_NAMES = frozenset({"__pycache__", "node_modules", "__MACOSX", "Thumbs.db"})


def read_path(path: Path, *, fetched: str, ocr: OcrEngine | None = None) -> Iterator[Document | Skipped]:
    """Read one file, or one BEIR folder, whatever it is.

    What a file is is told by its first bytes where they are plain (PDF, gzip, DOCX, PubMed XML), else by its
    suffix.

    Args:
        path: a unit that `walk` yields.
        fetched: the day of reading, YYYY-MM-DD.
        ocr: reads pages that are only images; without it such a PDF is refused.

    Yields:
        documents, and a `Skipped` with its reason for each row or record that makes none.

    Raises:
        UnreadableSource: when the first item is asked for, or where a file breaks off: missing, empty, not
            permitted, no regular file, broken, of no known kind.
    """
    if path.is_dir():
        yield from _read_folder(path, fetched=fetched)
        return
    head = _unpacked(read_head(path, _HEAD_BYTES), path)
    suffix = table_suffix(path)
    if head.lstrip()[:5] == b"%PDF-" or suffix == ".pdf":
        yield read_pdf(path, fetched=fetched, ocr=ocr)
    elif looks_like_pubmed(head):
        yield from read_pubmed_xml(path, fetched=fetched)
    elif suffix in TABLE_SUFFIXES:
        yield from read_table(path, fetched=fetched)
    else:
        yield _read_document(path, suffix, head, fetched=fetched)


def _read_document(path: Path, suffix: str, head: bytes, *, fetched: str) -> Document:
    if path.suffix.lower() == ".gz":
        raise UnreadableSource(f"{path}: gzipped, but neither a table nor PubMed XML", hint="Unpack it first.")
    if suffix == ".docx" or (head[:4] == b"PK\x03\x04" and _holds_word(path)):
        return read_docx(path, fetched=fetched)
    if suffix in _MARKDOWN:
        ours = path.resolve().parent == HANDBOOK
        kind: DocumentKind = "handbook" if ours else "web"
        return read_markdown(path, fetched=fetched, kind=kind)
    if suffix in _HTML or (suffix not in _TEXT and _opens_html(head)):
        return read_html(path, fetched=fetched)
    if suffix in _TEXT:
        return read_text(path, fetched=fetched)
    raise UnreadableSource(f"{path}: {_misfit(suffix, head)}", hint=f"Files that can be read: {_listed()}.")


def _misfit(suffix: str, head: bytes) -> str:
    if suffix == ".xml":
        return "XML, but not of PubMed"
    what = "binary data" if looks_binary(head) else "text"
    return f"no known kind of file (suffix {suffix or 'missing'}, {what} inside); known are {_listed()}"


def _listed() -> str:
    return ", ".join(sorted(READABLE_SUFFIXES))


def _unpacked(head: bytes, path: Path) -> bytes:
    if head[:2] != b"\x1f\x8b":
        return head
    try:
        with gzip.open(path) as file:
            return file.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSource(f"{path}: gzip data that cannot be unpacked ({error})") from error


def _holds_word(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "word/document.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _opens_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _read_folder(folder: Path, *, fetched: str) -> Iterator[Document | Skipped]:
    if is_beir(folder):
        yield from read_beir(folder, fetched=fetched)
        return
    try:
        os.listdir(folder)
    except OSError as error:
        raise UnreadableSource(f"{folder}: {error.strerror}") from error
    raise UnreadableSource(f"{folder}: a folder, not a file")


def walk(path: Path) -> Iterator[Path]:
    """Yield the units below a path for `read_path`: files and BEIR folders, by name, depth first.

    A path that is no folder is yielded as it is. Hidden files, `__pycache__` and the like are left out, and a
    linked folder that was seen before is not entered again. A folder that cannot be listed is yielded, so that
    `read_path` names the reason.
    """
    yield from _walk(path, set())


def _walk(path: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        if not path.is_dir():
            yield path
            return
        status = path.stat()
        if is_beir(path):
            yield path
            return
        names = sorted(os.listdir(path))
    except OSError:
        yield path
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    for name in names:
        if not name.startswith(".") and name not in _SKIPPED_NAMES:
            yield from _walk(path / name, seen)
