"""Pages whose word order is known: text set in columns, with what a journal puts around it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pymupdf

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 48.0
SYLLABLES = ("leu", "ke", "mi", "cy", "to", "plas", "mye", "lo", "blas", "ima", "nib", "clax", "si", "nase", "ro", "ta")


@dataclass(frozen=True)
class Layout:
    """How pages are set: columns, white between them (points), type, and the order lines are written in."""

    name: str
    columns: int = 2
    gutter: float = 18
    font: str = "tiro"
    bold: str = "tibo"
    size: float = 10
    justified: bool = True
    mixed: bool = False
    figure: bool = False
    rules: bool = False


LAYOUTS = (
    Layout("two columns"),
    Layout("two columns, mixed", mixed=True),
    Layout("two columns, narrow gutter, mixed", gutter=11, size=9, mixed=True),
    Layout("two columns, ragged sans", font="helv", bold="hebo", gutter=24, justified=False, mixed=True),
    Layout("two columns, wide figure, mixed", figure=True, mixed=True),
    Layout("two columns, ruled tables, mixed", rules=True, mixed=True),
    Layout("three columns, mixed", columns=3, gutter=14, size=8.5, mixed=True),
    Layout("one column", columns=1, size=11),
)


@dataclass
class Setter:
    """Sets text on pages and remembers its true order; lines of a page are written when it is full."""

    layout: Layout
    document: Any = field(default_factory=pymupdf.open)
    truth: list[str] = field(default_factory=list)
    column: int = 0
    y: float = MARGIN
    top: float = MARGIN
    pending: list[tuple[float, float, str, str, float]] = field(default_factory=list)
    page: Any = None

    def new_page(self) -> None:
        """Finish the page and open another, with its running header and number."""
        self.flush()
        self.page = self.document.new_page(width=WIDTH, height=HEIGHT)
        self.column, self.y, self.top = 0, MARGIN + 20, MARGIN + 20
        self.write(MARGIN, 34, "Annals of Generated Haematology 2025;17:101", self.layout.font, 8)
        self.write(WIDTH / 2, HEIGHT - 24, str(len(self.document)), self.layout.font, 8)

    def write(self, x: float, y: float, text: str, font: str, size: float) -> None:
        """Note words for the page."""
        self.pending.append((x, y, text, font, size))

    def flush(self) -> None:
        """Write what is noted, row by row across the columns where the layout is mixed."""
        order = sorted(self.pending, key=lambda item: (round(item[1]), item[0])) if self.layout.mixed else self.pending
        for x, y, text, font, size in order:
            self.page.insert_text((x, y), text, fontname=font, fontsize=size)
        self.pending = []

    @property
    def span(self) -> tuple[float, float]:
        """Left edge and width of the current column."""
        each = (WIDTH - 2 * MARGIN - (self.layout.columns - 1) * self.layout.gutter) / self.layout.columns
        return MARGIN + self.column * (each + self.layout.gutter), each

    def room(self, height: float) -> None:
        """Go to the next column or page where `height` points do not fit."""
        if self.y + height <= HEIGHT - MARGIN:
            return
        if self.column + 1 < self.layout.columns:
            self.column, self.y = self.column + 1, self.top
        else:
            self.new_page()

    def paragraph(
        self, words: Sequence[str], *, indent: float = 12, wide: bool = False, bold: bool = False, size: float = 0
    ) -> None:
        """Set a paragraph, cutting words at line ends."""
        self.truth += words
        font, size = (self.layout.bold if bold else self.layout.font), size or self.layout.size
        rest = list(words)
        while rest:
            self.room(size * 1.25)
            left, width = (MARGIN, WIDTH - 2 * MARGIN) if wide else self.span
            line, rest = self.fill(rest, width - indent, font, size)
            self.set_line(line, left + indent, width - indent, font=font, size=size, last=not rest)
            self.y += size * 1.25
            indent = 0
        self.y += size * 0.3

    def fill(self, words: list[str], width: float, font: str, size: float) -> tuple[list[str], list[str]]:
        """The words of the next line, and the rest."""
        line: list[str] = []
        for n, word in enumerate(words):
            if pymupdf.get_text_length(" ".join([*line, word]), font, size) > width:
                for cut in range(len(word) - 3, 2, -1):
                    head = word[:cut] + "-"
                    if word.isalpha() and pymupdf.get_text_length(" ".join([*line, head]), font, size) <= width:
                        return [*line, head], [word[cut:], *words[n + 1 :]]
                return (line, words[n:]) if line else ([word], words[n + 1 :])
            line.append(word)
        return line, []

    def set_line(self, words: Sequence[str], x: float, width: float, *, font: str, size: float, last: bool) -> None:
        """Write one line, spread to the full width where the layout is justified."""
        lengths = [pymupdf.get_text_length(word, font, size) for word in words]
        space = pymupdf.get_text_length(" ", font, size)
        if self.layout.justified and not last and len(words) > 1:
            space = min(2.5 * size, (width - sum(lengths)) / (len(words) - 1))
        for word, length in zip(words, lengths, strict=True):
            self.write(x, self.y + size, word, font, size)
            x += length + space

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Set a table in the current column."""
        size, pitch = self.layout.size, self.layout.size * 1.5
        self.room(pitch * len(rows) + 10)
        left, width = self.span
        self.y += 5
        for row in rows:
            for n, cell in enumerate(row):
                self.write(left + 3 + n * width / len(row), self.y + size, cell, self.layout.font, size)
                self.truth += cell.split()
            if self.layout.rules:
                for n in range(len(row)):
                    cell_left = left + n * width / len(row)
                    self.page.draw_rect(
                        (cell_left, self.y - 2, cell_left + width / len(row), self.y + pitch - 2), width=0.5
                    )
            self.y += pitch
        self.y += 10

    def figure(self, words: Sequence[str]) -> None:
        """A figure over all columns, with its caption, and columns anew below it."""
        if self.y > HEIGHT - 330 or self.column:
            self.new_page()
        pixels = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 40, 12), False)
        pixels.clear_with(180)
        self.page.insert_image((MARGIN, self.y, WIDTH - MARGIN, self.y + 140), pixmap=pixels, keep_proportion=False)
        self.y += 150
        self.paragraph(["Figure", "1.", *words], indent=0, wide=True, size=self.layout.size - 1)
        self.y += 8
        self.top = self.y


def vocabulary(rng: random.Random, count: int = 600) -> list[str]:
    """Made-up words of one to five syllables."""
    return ["".join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3, 3, 4, 5)))) for _ in range(count)]


def sentences(rng: random.Random, words: Sequence[str], count: int) -> list[str]:
    """`count` sentences, as words with their capitals and stops."""
    found: list[str] = []
    for _ in range(count):
        text = rng.choices(words, k=rng.randint(6, 18))
        found += [text[0].capitalize(), *text[1:-1], text[-1] + "."]
    return found


def generated(layout: Layout, pages: int, seed: int) -> Setter:
    """A document of about `pages` pages in this layout."""
    rng = random.Random(seed)
    words = vocabulary(rng)
    short = [word for word in words if len(word) <= 8]  # what fits the cells of a table
    setter = Setter(layout)
    setter.new_page()
    setter.paragraph([word.capitalize() for word in rng.choices(words, k=11)], indent=0, wide=True, bold=True, size=16)
    setter.paragraph(sentences(rng, words, 7), indent=0, wide=True)
    setter.y += 12
    setter.top = setter.y
    while len(setter.document) <= pages:
        setter.room(60)
        setter.paragraph(
            [word.capitalize() for word in rng.choices(words, k=3)], indent=0, bold=True, size=layout.size + 1
        )
        for _ in range(4):
            setter.paragraph(sentences(rng, words, rng.randint(3, 7)))
        names = [word.capitalize() for word in rng.choices(short, k=3)]
        setter.table(
            [names, *([rng.choice(short), *(f"{rng.uniform(1, 99):.1f}" for _ in names[1:])] for _ in range(5))]
        )
        if layout.figure:
            setter.figure(rng.choices(words, k=14))
    setter.flush()
    return setter
