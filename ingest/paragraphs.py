"""Lines in reading order become headings, paragraphs, list items, captions and table rows. Pure.

A paragraph keeps one `Part` for each column or page it runs over, so that every block has a place.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from ingest.breaks import END, Frame, is_marked
from ingest.hyphens import Vocabulary, join_lines
from ingest.layout import Line, union
from ingest.pdf_tables import Table, aligned_tables, row_texts
from ingest.records import Block, BlockKind, Box

MAX_HEADING_CHARS = 200
_CAPTION = re.compile(
    r"(?:supplementary |online |extended data )?(?:fig(?:ure|\.)?|table|scheme|box|chart|plate)\s*"
    r"(?:\d+|[ivx]+|s\d+)[a-z]?\s*(?P<mark>[.:|\u2013\u2014-]|$)?",
    re.I,
)
_NUMBERED = re.compile(r"(?P<number>(?:\d{1,2}|[A-Z](?=\.\d)|[IVX]+(?=\.\s))(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_]")
_DEEP_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+[A-Z]")
_KNOWN = re.compile(
    r"(?:\d+\.?\s+)?(?:abstract|summary|introduction|background|(?:patients|materials?) and methods|methods?|results|"
    r"discussion|conclusions?|references|acknowledge?ments|keywords|funding|contents)[.:]?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Region:
    """One column or full-width stretch of one page: its lines and ruled tables, from top to bottom."""

    page: int
    parts: tuple[Line | Table, ...]
    scanned: bool = False


@dataclass(slots=True)
class Part:
    """The lines of a paragraph that stand together in one column."""

    page: int
    lines: list[Line]


@dataclass(slots=True)
class Paragraph:
    """A unit of text on its way to blocks; `open_end` says that its last line runs to the edge of the column."""

    kind: BlockKind
    parts: list[Part]
    table: Table | None = None
    open_end: bool = False
    indented: bool = False
    style: tuple[float, bool] = (0.0, False)
    level: tuple[int, int] = field(default=(0, 0))

    @property
    def lines(self) -> list[Line]:
        """All lines over all parts."""
        return [line for part in self.parts for line in part.lines]

    @property
    def texts(self) -> list[str]:
        """The text of all lines, or of all lines of all cells."""
        cells = [cell for row in self.table.rows for cell in row.cells] if self.table else []
        return [line.text for line in self.lines] + [line for cell in cells for line in cell.split("\n")]


def blocks_of(regions: Sequence[Region], *, title: str | None = None) -> list[Block]:
    """Make the blocks of a document.

    Args:
        regions: in reading order over all pages.
        title: the document's title; a heading that reads so opens no section.
    """
    body = _body_size(regions)
    paragraphs = [paragraph for region in regions for paragraph in _paragraphs(region, body)]
    _set_levels(paragraphs)
    paragraphs = list(_continued(paragraphs, body))
    vocabulary = Vocabulary(line for paragraph in paragraphs for line in paragraph.texts)
    blocks: list[Block] = []
    path: list[tuple[tuple[int, int], str]] = []
    for paragraph in paragraphs:
        if paragraph.kind == "heading":
            path = [(level, name) for level, name in path if level < paragraph.level]
        made = _blocks(paragraph, tuple(name for _, name in path), vocabulary)
        blocks += made
        if paragraph.kind == "heading" and made:
            # What stands above the title (a masthead, "Case report") is no section of the text below it.
            is_title = title is not None and made[0].text.casefold() == title.casefold()
            path = [] if is_title else [*path, (paragraph.level, made[0].text)]
    return blocks


def _body_size(regions: Sequence[Region]) -> float:
    """The size of type that most characters of the document have."""
    amounts: dict[float, int] = {}
    for region in regions:
        for part in region.parts:
            if isinstance(part, Line):
                amounts[part.size] = amounts.get(part.size, 0) + len(part.text)
    return max(amounts, key=lambda size: (amounts[size], -size)) if amounts else 10.0


def _paragraphs(region: Region, body: float) -> list[Paragraph]:
    """Split one region into paragraphs and tables."""
    found: list[Paragraph] = []
    run: list[Line] = []
    for part in [*region.parts, None]:
        if isinstance(part, Line):
            run.append(part)
            continue
        found += _plain(run, region, body)
        run = []
        if part is not None:
            found.append(Paragraph("table", [Part(region.page, [])], table=part))
    return found


def _plain(lines: Sequence[Line], region: Region, body: float) -> list[Paragraph]:
    found: list[Paragraph] = []
    start = 0
    for first, end, table in [*aligned_tables(lines), (len(lines), len(lines), None)]:
        found += _text(lines[start:first], region, body)
        if table is not None:
            found.append(Paragraph("table", [Part(region.page, [])], table=table))
        start = end
    return found


def _text(lines: Sequence[Line], region: Region, body: float) -> list[Paragraph]:
    if not lines:
        return []
    frame = Frame.of(lines)
    groups: list[list[Line]] = [[lines[0]]]
    for before, line in zip(lines, lines[1:], strict=False):
        if frame.breaks(before, line, first=groups[-1][0]):
            groups.append([line])
        else:
            groups[-1].append(line)
    return [_paragraph(group, region, body, frame) for group in groups]


def _paragraph(lines: list[Line], region: Region, body: float, frame: Frame) -> Paragraph:
    text = " ".join(line.text for line in lines)
    size = median(line.size for line in lines)
    bold = all(line.bold for line in lines)
    kind = _kind(text, lines, size - body * (1.25 if region.scanned else 1.0), bold, body)
    last = lines[-1]
    return Paragraph(
        kind,
        [Part(region.page, lines)],
        open_end=frame.right - last.box[2] < 0.12 * (frame.right - frame.left) + last.size,
        indented=lines[0].box[0] - frame.left > 0.7 * lines[0].size,
        style=(size, bold),
    )


def _kind(text: str, lines: Sequence[Line], larger: float, bold: bool, body: float) -> BlockKind:
    caption = _CAPTION.match(text)
    smaller = larger < -0.4
    if caption and (caption["mark"] or smaller or lines[0].cells[0].bold):
        return "caption"
    if is_heading(text, larger=larger / body, bold=bold, lines=len(lines)):
        return "heading"
    return "list" if is_marked(text) else "paragraph"


def is_heading(text: str, *, larger: float, bold: bool, lines: int) -> bool:
    """Short text that is set larger or bolder than the body or in capitals, is numbered like 2.1, or a known name.

    `larger` is the difference to the body size, as a share of it.
    """
    letters = sum(char.isalpha() for char in text)
    if len(text) > MAX_HEADING_CHARS or lines > 4 or letters < 3 or letters < 0.5 * len(text.replace(" ", "")):
        return False
    if _KNOWN.fullmatch(text.strip()):
        return True
    ended = text.rstrip().endswith((",", ";", "-")) or (text.rstrip().endswith(".") and len(text.split()) > 8)
    if ended:
        return False
    if lines <= 2 and (text.isupper() or (_DEEP_NUMBER.match(text) and not END.search(text) and len(text) < 80)):
        return True
    if larger < -0.08:
        return False
    return larger > 0.09 or (bold and lines <= 3)


def _set_levels(paragraphs: Iterable[Paragraph]) -> None:
    """Rank headings: larger above smaller, bold above plain; numbered ones by their depth ("2" above "2.1")."""
    headings = [paragraph for paragraph in paragraphs if paragraph.kind == "heading"]
    styles = sorted({heading.style for heading in headings}, reverse=True)
    numbers = [_NUMBERED.match(heading.lines[0].text) for heading in headings]
    chapters = [
        styles.index(h.style) for h, number in zip(headings, numbers, strict=True) if number and not _depth(number)
    ]
    for heading, number in zip(headings, numbers, strict=True):
        rank = styles.index(heading.style)
        if chapters and (number or _KNOWN.fullmatch(heading.lines[0].text)):
            rank = min(chapters)
        heading.level = (rank, _depth(number) if number else 0)


def _depth(number: re.Match[str]) -> int:
    return number["number"].count(".")


def _continued(paragraphs: Sequence[Paragraph], body: float) -> Iterable[Paragraph]:
    """Join what a column or page end has parted; captions and tables in between come after the whole."""
    waiting: Paragraph | None = None
    floats: list[Paragraph] = []
    for paragraph in paragraphs:
        cut = bool(floats) or (waiting is not None and not END.search(waiting.lines[-1].text))
        note = cut and paragraph.style[0] < 0.93 * body
        if waiting is not None and (paragraph.kind in {"table", "caption"} or note):
            floats.append(paragraph)
            continue
        if waiting is not None and _goes_on(waiting, paragraph):
            waiting.parts += paragraph.parts
            waiting.open_end = paragraph.open_end
            continue
        if waiting is not None:
            yield waiting
            yield from floats
            waiting, floats = None, []
        if paragraph.kind in {"paragraph", "list"} and abs(paragraph.style[0] - body) < 0.1 * body:
            waiting = paragraph
        else:
            yield paragraph
    if waiting is not None:
        yield waiting
        yield from floats


def _goes_on(paragraph: Paragraph, after: Paragraph) -> bool:
    """True when `after`, in another column, page or stretch, is the rest of `paragraph`."""
    last, first = paragraph.parts[-1], after.parts[0]
    if after.kind != "paragraph" or abs(paragraph.style[0] - after.style[0]) > 0.5 or not last.lines or not first.lines:
        return False
    text, rest = last.lines[-1].text, first.lines[0].text
    moved = first.page != last.page or first.lines[0].box[1] < last.lines[-1].box[1]
    if text.endswith(("-", "\u00ad")) and (moved or rest[0].islower()):
        return True
    if not moved or END.search(text) or after.indented or paragraph.style[1] != after.style[1]:
        return False
    return rest[0].islower() or (paragraph.open_end and paragraph.kind == "paragraph")


def _blocks(paragraph: Paragraph, section: tuple[str, ...], vocabulary: Vocabulary) -> list[Block]:
    if paragraph.table is not None:
        mended = row_texts(paragraph.table, lambda cell: join_lines([cell.split("\n")], vocabulary)[0])
        rows = zip(mended, paragraph.table.rows, strict=True)
        return [Block(text, "table", section, paragraph.parts[0].page, row.box) for text, row in rows]
    texts = join_lines([[line.text for line in part.lines] for part in paragraph.parts], vocabulary)
    boxes: list[Box] = [union([line.box for line in part.lines]) for part in paragraph.parts]
    kind = paragraph.kind
    return [
        Block(text, kind, section, part.page, box, continues=n > 0)
        for n, (text, part, box) in enumerate(zip(texts, paragraph.parts, boxes, strict=True))
        if text
    ]
