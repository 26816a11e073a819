"""Rows of a table, streamed from CSV, TSV, JSON, JSON Lines or Parquet, each also gzipped."""

import codecs
import csv
import gzip
import json
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyarrow  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet  # type: ignore[import-untyped]

from ingest.errors import UnreadableSource
from ingest.rawfile import check_readable, decode

Row = dict[str, object]
Numbered = Iterator[tuple[int, Row | str]]

MAX_ROW_CHARS = 10_000_000
MAX_UNPACKED_BYTES = 4_000_000_000
_BATCH_ROWS = 256
_CHUNK_BYTES = 1 << 20
_DELIMITERS = ",;\t|"
_GZIP_MAGIC = b"\x1f\x8b"
_BROKEN = (OSError, EOFError, zlib.error, pyarrow.ArrowException, UnicodeError, MemoryError)


def stream_rows(path: Path) -> Numbered:
    """Yield (number from 1, row) for every row of data; a row that cannot be read is the reason in words.

    A row maps column names as printed to values. The format is told by the suffix before `.gz`; memory stays
    bounded by the largest row, for Parquet by 256 rows.

    Raises:
        UnreadableSource: if the file cannot be opened, or breaks off; the message says after which row.
    """
    check_readable(path)
    reader = _READERS[table_suffix(path)]
    number = 0
    try:
        with _opened(path) as file:
            for number, row in reader(file, path):
                yield number, row
    except _BROKEN as error:
        raise UnreadableSource(f"{path}: cannot be read after row {number} ({error})") from error


def table_suffix(path: Path) -> str:
    """The suffix that says what a table is, without `.gz`: ".csv" for "a.csv.gz"."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        if file.read(2) == _GZIP_MAGIC:
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            file.seek(0)
            yield file


def _lines(file: IO[bytes], path: Path) -> Iterator[str]:
    """Lines as text, each decoded on its own: one stray Latin-1 line does not spoil a table of UTF-8."""
    first = file.readline(MAX_ROW_CHARS)
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        file.seek(0)
        yield from codecs.getreader("utf-16")(file, "replace")
        return
    line = first.removeprefix(b"\xef\xbb\xbf")
    while line:
        line = line.replace(b"\0", b"")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            yield decode(line, origin=str(path)) if line.strip() else "\n"
        line = file.readline(MAX_ROW_CHARS)


def _csv(file: IO[bytes], path: Path) -> Numbered:
    lines = _lines(file, path)
    header = next(lines, "")
    # The module's own limit of 128 KB is smaller than a full text in one field; it can only be set for all.
    csv.field_size_limit(MAX_ROW_CHARS)
    delimiter = "\t" if table_suffix(path) == ".tsv" else max(_DELIMITERS, key=header.count)
    reader = csv.reader(_again(header, lines), delimiter=delimiter)
    names: list[str] = []
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield number, f"no valid CSV: {error}"
            continue
        if not names:
            names = [name.strip() for name in cells]
        elif any(cell.strip() for cell in cells):
            number += 1
            yield number, _row(names, cells)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _row(names: list[str], cells: list[str]) -> Row | str:
    if any(cell.strip() for cell in cells[len(names) :]):
        return f"{len(cells)} cells, but the header names {len(names)}"
    return dict(zip(names, cells, strict=False))


def _json_lines(file: IO[bytes], path: Path) -> Numbered:
    number = 0
    for line in _lines(file, path):
        if line.strip():
            number += 1
            yield number, _record(line)


def _record(line: str) -> Row | str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"no valid JSON: {error}"
    return record if isinstance(record, dict) else f"a JSON {type(record).__name__}, not an object"


def _json(file: IO[bytes], path: Path) -> Numbered:
    """A JSON list of objects, or JSON Lines under another name."""
    listed = file.read(_CHUNK_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    file.seek(0)
    return _json_list(file) if listed else _json_lines(file, path)


def _json_list(file: IO[bytes]) -> Numbered:
    decoder, position, number = json.JSONDecoder(), 0, 0
    chunks = _characters(file)
    buffer = next(chunks, "").lstrip()[1:]
    while True:
        position = _next_item(buffer, position)
        if position < len(buffer) and buffer[position] == "]":
            return
        try:
            item, position = decoder.raw_decode(buffer, position)
        except (ValueError, RecursionError) as error:
            more = next(chunks, "") if len(buffer) - position <= MAX_ROW_CHARS else ""
            if not more:
                number += 1
                yield number, f"no valid JSON, and nothing after it is read: {error}"
                return
            buffer, position = buffer[position:] + more, 0
            continue
        number += 1
        yield number, item if isinstance(item, dict) else f"a JSON {type(item).__name__}, not an object"


def _next_item(buffer: str, position: int) -> int:
    while position < len(buffer) and buffer[position] in " \t\r\n,":
        position += 1
    return position


def _characters(file: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    while chunk := file.read(_CHUNK_BYTES):
        yield decoder.decode(chunk)


def _parquet(file: IO[bytes], path: Path) -> Numbered:
    with tempfile.TemporaryFile() as copy:
        if isinstance(file, gzip.GzipFile):  # Parquet is read from its end, so gzip has to be undone first
            _unpack(file, path, into=copy)
            file = copy
        number = 0
        for batch in pyarrow.parquet.ParquetFile(file).iter_batches(batch_size=_BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield number, row


def _unpack(file: IO[bytes], path: Path, *, into: IO[bytes]) -> None:
    while chunk := file.read(_CHUNK_BYTES):
        if into.tell() > MAX_UNPACKED_BYTES:
            raise UnreadableSource(f"{path}: unpacks to more than {MAX_UNPACKED_BYTES / 1e9:.0f} GB")
        into.write(chunk)
    into.seek(0)


_READERS: dict[str, Callable[[IO[bytes], Path], Numbered]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".parquet": _parquet,
}
TABLE_SUFFIXES = frozenset(_READERS)
