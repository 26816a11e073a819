"""Plain text files as documents: paragraphs put together again, headings guessed with care."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ingest.clean import one_line
from ingest.errors import UnreadableSource
from ingest.hyphens import Vocabulary, join
from ingest.outline import Outline
from ingest.rawfile import read_characters
from ingest.records import Block, Document, Metadata, make_document

MAX_BLOCKS = 500_000

_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})[.)]?\s+(?P<words>[^\W\d_].*)")
_BULLET = re.compile(r"\s*(?:[-*•‣▪–◦●]|\(?\d{1,2}[.)]|\(?[a-z][)])\s+(?=\S)")
_PLAIN_BULLET = re.compile(r"\s*[-*•‣▪–◦●]\s+")
_MAX_HEADING_CHARS = 100
# Longer lines were never wrapped by hand or by a mail program: each is a paragraph of its own.
_MAX_WRAP_CHARS = 200
_SHORT_LINE = 0.7
# A log or list without blank lines is cut here, which bounds memory.
_MAX_PARAGRAPH_LINES = 2_000


def read_text(path: Path, *, fetched: str) -> Document:
    """Read a plain text file of up to `ingest.rawfile.MAX_TEXT_BYTES` (25 MB) and 500,000 paragraphs.

    Blank lines end paragraphs; hard-wrapped lines are joined again, and words cut by a hyphen at a line end
    are mended as the rest of the text writes them. Headings are short lines after a blank line that are
    numbered ("1. What it is", unless the next one is numbered too: that is a list) or all in capitals. The
    title is a first line that stands alone, else the file's name.

    Raises:
        UnreadableSource: if the file cannot be read, is binary, too large, or holds no text.
    """
    text = read_characters(path)
    reader = _Reader(_words_of(text))
    for paragraph in _paragraphs(text):
        reader.take(paragraph)
        if len(reader.blocks) > MAX_BLOCKS:
            raise UnreadableSource(
                f"{path}: more than {MAX_BLOCKS:,} paragraphs",
                hint="Split it into one file per document, or make a title+abstract table (JSONL) of it.",
            )
    reader.finish()
    title = reader.title or one_line(path.stem.replace("_", " ").replace("-", " "))
    try:
        return make_document(Metadata(title=title, fetched=fetched), reader.blocks, kind="text", origin=str(path))
    except ValueError as error:
        raise UnreadableSource(f"{path}: holds no text") from error


def _paragraphs(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end].rstrip()
        if line:
            lines.append(line)
        if lines and (not line or len(lines) >= _MAX_PARAGRAPH_LINES):
            yield lines
            lines = []
        start = end + 1
    if lines:
        yield lines


def _words_of(text: str) -> Vocabulary | None:
    """The words that decide how cut words are mended; None where no line ends in a hyphen."""
    return Vocabulary(chain.from_iterable(_paragraphs(text))) if "-\n" in text else None


@dataclass(slots=True)
class _Reader:
    """Paragraphs taken in one by one; a numbered line waits for the next, to see whether it is a list."""

    vocabulary: Vocabulary | None
    outline: Outline = field(default_factory=Outline)
    blocks: list[Block] = field(default_factory=list)
    title: str | None = None
    waiting: str | None = None
    started: bool = False
    listing: bool = False

    def take(self, lines: Sequence[str]) -> None:
        if not any(c.isalnum() for line in lines for c in line):
            return  # a rule of dashes or stars
        first = not self.started
        self.started = True
        numbered = _numbered_heading(lines[0])
        self.listing = bool(numbered) and (self.waiting is not None or self.listing)
        self.finish(as_list=self.listing)
        if numbered and not self.listing and not (len(lines) > 1 and _NUMBERED.match(lines[1].strip())):
            self.waiting = one_line(lines[0])
            lines = lines[1:]
            if lines:
                self.finish()
        elif first and len(lines) == 1 and _is_title(lines[0]):
            self.title = one_line(lines[0])
            self.blocks.append(Block(self.title, "heading"))
            return
        elif _is_shouted(lines):
            self.blocks.append(self.outline.heading(one_line(lines[0]), 1))
            lines = lines[1:]
        self._body(lines)

    def finish(self, *, as_list: bool = False) -> None:
        """Settle the numbered line that waits: an item of a list, or a heading."""
        line, self.waiting = self.waiting, None
        match = _NUMBERED.fullmatch(line or "")
        if line is None or match is None:
            return
        if as_list:
            self.blocks.append(Block(line, "list", self.outline.path))
        else:
            self.blocks.append(self.outline.heading(line, 1 + match["number"].count(".")))

    def _body(self, lines: Sequence[str]) -> None:
        for item in _items(lines):
            listed = _BULLET.match(item[0]) is not None
            text = _PLAIN_BULLET.sub("", item[0], count=1) if listed else item[0]
            words = one_line(self._joined([text, *item[1:]]))
            self.blocks.append(Block(words, "list" if listed else "paragraph", self.outline.path))

    def _joined(self, lines: Sequence[str]) -> str:
        parts: list[str] = []
        for line in lines:
            if self.vocabulary is not None and parts and parts[-1].endswith("-"):
                parts[-1] = join(parts[-1], line.strip(), self.vocabulary)
            else:
                parts.append(line.strip())
        return " ".join(parts)


def _items(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines that belong together: a bullet with its continuation, a wrapped paragraph, one long line."""
    width = max(map(len, lines), default=0)
    item: list[str] = []
    for line in lines:
        if item and (_BULLET.match(line) or _ends_here(item[-1], line, width)):
            yield item
            item = []
        item.append(line)
    if item:
        yield item


def _ends_here(previous: str, line: str, width: int) -> bool:
    if len(previous) > _MAX_WRAP_CHARS or len(line) > _MAX_WRAP_CHARS:
        return True
    return previous.endswith((".", "!", "?", ":")) and len(previous) < _SHORT_LINE * width


def _numbered_heading(line: str) -> bool:
    line = line.strip()
    match = _NUMBERED.fullmatch(line)
    if not match or len(line) > _MAX_HEADING_CHARS or line[-1] in ".,;:!?":
        return False
    return match["words"][0].isupper() and match["words"].split()[0].casefold() not in _UNITS


_UNITS = frozenset({"mg", "g", "ml", "l", "mmol", "days", "weeks", "months", "years", "hours", "patients"})


def _is_shouted(lines: Sequence[str]) -> bool:
    line = lines[0].strip()
    words = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 3]
    alone = len(lines) == 1 or not lines[1].isupper()
    return alone and line.isupper() and bool(words) and len(line) <= _MAX_HEADING_CHARS and line[-1] not in ".,;!?"


def _is_title(line: str) -> bool:
    line = line.strip()
    return len(line) <= _MAX_HEADING_CHARS + 50 and line[-1] not in ".,;:!" and _BULLET.match(line) is None
