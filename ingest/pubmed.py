"""PubMed XML (baseline and update files, saved searches, EFetch answers) as documents, streamed.

Source: elements and attributes as in https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from lxml import etree

from ingest.errors import UnreadableSource
from ingest.pubmed_record import article, book
from ingest.pubmed_text import plain_text
from ingest.records import Document, Skipped, make_document

_CHUNK_BYTES = 1 << 16
_MAX_RECORD_BYTES = 64 << 20
_RECORDS_OF_ROOT = {
    "PubmedArticleSet": ("PubmedArticle", "PubmedBookArticle", "DeleteCitation"),
    "PubmedBookArticleSet": ("PubmedBookArticle",),
    "MedlineCitationSet": ("MedlineCitation", "DeleteCitation"),
    "PubmedArticle": ("PubmedArticle",),
    "PubmedBookArticle": ("PubmedBookArticle",),
    "MedlineCitation": ("MedlineCitation",),
}
_ROOT_TAG = re.compile(rb"<(?:" + "|".join(_RECORDS_OF_ROOT).encode() + rb")[\s>/]")


class _Broken(Exception):
    """The XML ends or breaks here; the message says where and why."""


def looks_like_pubmed(head: bytes) -> bool:
    """Whether the first bytes of an unpacked file (1 KB or more) open PubMed XML."""
    return _ROOT_TAG.search(head) is not None


def read_pubmed_xml(path: Path, *, fetched: str) -> Iterator[Document | Skipped]:
    """Read a PubMed XML file as `parse_pubmed_xml` does; gzip is told by its first bytes.

    Raises:
        UnreadableSource: at the first step, if the file cannot be opened, is empty or is not PubMed XML.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableSource(f"{path}: {error.strerror}") from error
    with file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file
        yield from parse_pubmed_xml(stream, origin=str(path), fetched=fetched)


def parse_pubmed_xml(stream: BinaryIO, *, origin: str, fetched: str) -> Iterator[Document | Skipped]:
    """Turn PubMed XML into one document per abstract, in file order and constant memory.

    A block is one part of the abstract, its section the printed label. An abstract in another language
    stands in only where there is no main one. The XML is not trusted: no entity is expanded, no DTD loaded.

    Args:
        stream: the unpacked XML, open for reading bytes.
        origin: path or query, kept in every document and verdict.
        fetched: ISO day (YYYY-MM-DD).

    Yields:
        A Document; or Skipped for a record without abstract or PMID, and for each PMID that PubMed deleted.

    Raises:
        UnreadableSource: at the first step, if the stream is empty or is not PubMed XML; at the last, if it
            held no record at all, or the XML is cut or broken: the complete records before the fault come first.
    """
    number = 0
    try:
        first = _first_bytes(stream, origin)
        for number, element in enumerate(_elements(stream, first, _RECORDS_OF_ROOT[_root(first, origin)]), start=1):
            yield from convert_record(element, number, origin=origin, fetched=fetched)
    except _Broken as fault:
        raise UnreadableSource(f"{fault}, after {number} complete records", hint=_advice(number)) from fault
    else:
        if not number:
            raise UnreadableSource(f"{origin}: a PubMed file without any record")


def _advice(number: int) -> str:
    kept = " What came before is kept." if number else ""
    return f"Download or export the file again, then ingest it again.{kept}"


def convert_record(element: etree._Element, number: int, *, origin: str, fetched: str) -> Iterator[Document | Skipped]:
    """Turn one PubmedArticle, PubmedBookArticle, MedlineCitation or DeleteCitation into what it comes to.

    Args:
        element: the parsed record.
        number: its place in the file, from 1, to name it by where it has no PMID.
        origin: as in `parse_pubmed_xml`, like `fetched`.
    """
    if element.tag == "DeleteCitation":
        yield from (Skipped(origin, f"PMID {plain_text(pmid)}: deleted by PubMed") for pmid in element.iterfind("PMID"))
        return
    meta, blocks = (book if element.tag == "PubmedBookArticle" else article)(element, fetched=fetched)
    if meta.pmid is None:
        yield Skipped(origin, f"record {number} has no PMID")
    elif not blocks:
        yield Skipped(origin, f"PMID {meta.pmid}: no abstract")
    else:
        yield make_document(meta, blocks, kind="pubmed", origin=origin)


def _first_bytes(stream: BinaryIO, origin: str) -> bytes:
    """Enough to see the root element; a fault of packing after it is met again by the next read."""
    head = b""
    try:
        while len(head) < _CHUNK_BYTES and (chunk := _read(stream, len(head))):
            head += chunk
    except _Broken as fault:
        if not head:
            raise UnreadableSource(f"{origin}: {fault}") from fault
    if not head.strip():
        raise UnreadableSource(f"{origin}: the file is empty")
    return head


def _root(head: bytes, origin: str) -> str:
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True)
    fault = _feed(parser, head)
    for element in _finished(parser):
        if element.tag in _RECORDS_OF_ROOT:
            return str(element.tag)
        raise UnreadableSource(f"{origin}: not PubMed XML: its root element is <{element.tag}>")
    raise UnreadableSource(f"{origin}: not PubMed XML: {fault or 'no element in its first 64 KB'}")


def _read(stream: BinaryIO, offset: int) -> bytes:
    """The next bytes; one read of the file below, so that a cut gzip still gives all it holds."""
    try:
        return cast(bytes, getattr(stream, "read1", stream.read)(_CHUNK_BYTES))
    except (OSError, EOFError, zlib.error) as error:
        raise _Broken(f"cannot be unpacked or read past byte {offset:,} ({error})") from error


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> str | None:
    """Parse on; the fault with its line, if there is one (an empty chunk ends the file)."""
    try:
        if chunk:
            parser.feed(chunk)
        else:
            parser.close()
    except etree.XMLSyntaxError as error:
        return _fault(error.lineno or 0, str(error.msg))
    # With resolve_entities off, lxml raises nothing at an undeclared entity and drops what follows it.
    fatal = next((entry for entry in parser.feed_error_log if entry.level_name == "FATAL"), None)
    return fatal and _fault(fatal.line, fatal.message)


def _fault(line: int, message: str) -> str:
    return f"the XML breaks at line {line}: {message.rsplit(', line', 1)[0].rstrip('.')}"


def _finished(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    return (cast(etree._Element, element) for _, element in parser.read_events())


def _elements(stream: BinaryIO, first: bytes, tags: tuple[str, ...]) -> Iterator[etree._Element]:
    """Complete records, each freed when the next is asked for; then _Broken, if the file does not end well."""
    parser = etree.XMLPullParser(
        events=("end",), tag=tags, resolve_entities=False, no_network=True, huge_tree=False, collect_ids=False
    )
    offset = last_record = 0
    chunk: bytes | None = first
    while chunk is not None:
        fault = _feed(parser, chunk)
        offset += len(chunk)
        for element in _finished(parser):
            yield element
            _free(element)
            last_record = offset
        if fault:
            raise _Broken(fault)
        if offset - last_record > _MAX_RECORD_BYTES:
            raise _Broken(f"no record ends between bytes {last_record:,} and {offset:,}")
        chunk = _read(stream, offset) if chunk else None


def _free(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
