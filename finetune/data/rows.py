"""Records of a data file, JSON, JSON lines or CSV, gzipped or not; what is wrong is named by file, place and key."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ingest.errors import UnreadableSource, reason_of

HINT = "Correct the file and run the same command again; nothing was written."


@dataclass(frozen=True, slots=True)
class Row:
    """A record of a file and where it stands: "line 3", or 'entry "21645374"' of a JSON object."""

    file: Path
    place: str
    fields: Mapping[str, Any]

    def refuse(self, key: str, why: str) -> NoReturn:
        """Say what is wrong with a field."""
        raise UnreadableSource(f"{self.file}, {self.place}: {key}: {why}", hint=HINT)

    def text(self, key: str) -> str:
        """The text of a field.

        Raises:
            UnreadableSource: if it is missing, empty or no text.
        """
        value = self._given(key)
        if not isinstance(value, str):
            self.refuse(key, f"it has to be text, not {type(value).__name__}")
        if not value.strip():
            self.refuse(key, "it is empty")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a field that holds a list of at least one, none empty.

        Raises:
            UnreadableSource: if it is anything else.
        """
        value = self._given(key)
        if not isinstance(value, list) or not value:
            self.refuse(key, "it has to be a list of texts, with at least one")
        if not all(isinstance(text, str) and text.strip() for text in value):
            self.refuse(key, "a text of the list is empty or no text")
        return tuple(text.strip() for text in value)

    def optional(self, key: str) -> str:
        """The text of a field that may be missing or empty."""
        return "" if self.fields.get(key) in (None, "") else self.text(key)

    def _given(self, key: str) -> Any:
        if key not in self.fields:
            self.refuse(key, "it is missing")
        return self.fields[key]


def read_rows(file: Path) -> list[Row]:
    """The records of a .json, .jsonl or .csv file, also .gz, in file order.

    A JSON file holds a list of objects or one object of objects, as PubMedQA's do; the key of each is its place.

    Raises:
        UnreadableSource: if the file cannot be read, is not UTF-8, is empty, or a record is no object.
    """
    text = _decoded(file)
    form = file.name.removesuffix(".gz").rsplit(".", 1)[-1].lower()
    readers = {"json": _entries, "csv": _table}
    rows = list(readers.get(form, _lines)(file, text))
    if not rows:
        raise UnreadableSource(f"{file} holds no records", hint=HINT)
    return rows


def _decoded(file: Path) -> str:
    try:
        raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSource(f"{file} cannot be read: {reason_of(error)}", hint=HINT) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnreadableSource(f"{file}, line {line}: the text is not UTF-8", hint="Save the file as UTF-8.") from error


def _lines(file: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _row(file, f"line {number}", _parsed(file, line, first=number))


def _entries(file: Path, text: str) -> Iterator[Row]:
    whole = _parsed(file, text, first=1) if text.strip() else []
    named = whole.items() if isinstance(whole, dict) else enumerate(whole if isinstance(whole, list) else [whole], 1)
    for name, value in named:
        yield _row(file, f'entry "{name}"' if isinstance(name, str) else f"entry {name}", value)


def _table(file: Path, text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for fields in reader:
            row = Row(file, f"line {reader.line_num}", fields)
            if None in fields or None in fields.values():
                row.refuse("the line", f"it has not the {len(reader.fieldnames or ())} columns of the header")
            yield row
    except csv.Error as error:
        raise UnreadableSource(f"{file}, line {reader.line_num}: {error}", hint=HINT) from error


def _parsed(file: Path, text: str, *, first: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableSource(f"{file}, line {first + error.lineno - 1}: no JSON: {error.msg}", hint=HINT) from error
    except RecursionError as error:
        raise UnreadableSource(f"{file}, line {first}: no JSON: it is nested too deep", hint=HINT) from error


def _row(file: Path, place: str, value: Any) -> Row:
    if not isinstance(value, dict):
        raise UnreadableSource(f"{file}, {place}: it has to be a JSON object", hint=HINT)
    return Row(file, place, value)


def has_keys(row: Row, keys: Sequence[str]) -> bool:
    """Whether a record has all these fields, empty or not."""
    return all(key in row.fields for key in keys)
