"""A page to draw a lab report on: text in a named font at a place, lines and boxes, as a PDF with a text layer."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import pymupdf

Align = Literal["left", "right", "center"]
Color = tuple[float, float, float]
BLACK: Color = (0.05, 0.05, 0.05)
GREY: Color = (0.42, 0.42, 0.42)
RED: Color = (0.75, 0.05, 0.05)
BLUE: Color = (0.08, 0.2, 0.5)

# Family: (Debian package, regular, bold); the folders that hold fonts are searched for the file.
FONTS = {
    "dejavu": ("fonts-dejavu-core", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "arial": ("fonts-liberation", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    "times": ("fonts-liberation", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    "courier": ("fonts-liberation", "LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    "narrow": ("fonts-liberation", "LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    "helvetica": ("fonts-freefont-ttf", "FreeSans.ttf", "FreeSansBold.ttf"),
    "calibri": ("fonts-crosextra-carlito", "Carlito-Regular.ttf", "Carlito-Bold.ttf"),
    "roboto": ("fonts-roboto-unhinted", "Roboto-Regular.ttf", "Roboto-Bold.ttf"),
    "opensans": ("fonts-open-sans", "OpenSans-Regular.ttf", "OpenSans-Bold.ttf"),
}
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/Library/Fonts")


class FontMissing(Exception):
    """A font that the drawn reports need is not installed; the message says what to install."""


@cache
def _font_files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in map(Path, map(os.path.expanduser, _FOLDERS)):
        for file in sorted(folder.rglob("*.ttf")) if folder.is_dir() else ():
            found.setdefault(file.name, file)
    return found


@cache
def open_font(family: str, *, bold: bool = False) -> pymupdf.Font:
    """The font of a family of `FONTS`.

    Raises:
        FontMissing: if its file is in none of the folders; the message names the Debian packages to install.
    """
    package, regular, heavy = FONTS[family]
    name = heavy if bold else regular
    if name not in _font_files():
        packages = sorted({package for package, _, _ in FONTS.values()})
        raise FontMissing(f"{name} ({package}) is not installed. Run: apt-get install {' '.join(packages)}")
    return pymupdf.Font(fontfile=str(_font_files()[name]))


class Canvas:
    """A page being drawn from the top; `y` is the next line's top, in points."""

    def __init__(self, *, size: tuple[float, float], family: str, points: float, margin: float) -> None:
        """Open an empty page of a size in points."""
        self.document = pymupdf.open()
        self.page = self.document.new_page(width=size[0], height=size[1])
        self.width, self.height = size
        self.family, self.points, self.margin = family, points, margin
        self.y = margin

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin

    def x(self, share: float) -> float:
        """The place at a share of the width between the margins."""
        return self.margin + share * self.inner

    def _font(self, text: str, bold: bool) -> pymupdf.Font:
        font = open_font(self.family, bold=bold)
        if all(font.has_glyph(ord(letter)) for letter in text):
            return font
        return open_font("dejavu", bold=bold)

    def text_width(self, text: str, *, points: float | None = None, bold: bool = False) -> float:
        """The width of a text in points."""
        return float(self._font(text, bold).text_length(text, fontsize=points or self.points))

    def put(  # noqa: PLR0913 - a text has a place, a look and a room
        self,
        x: float,
        text: str,
        *,
        y: float | None = None,
        points: float | None = None,
        bold: bool = False,
        color: Color = BLACK,
        align: Align = "left",
        room: float | None = None,
    ) -> float:
        """Write a text at the line `y`, made smaller where it passes `room` points; returns its right end."""
        if not text:
            return x
        size = points or self.points
        wide = self.text_width(text, points=size, bold=bold)
        if room and wide > room:
            size, wide = max(size * room / wide, size * 0.62), room
        left = x - (wide if align == "right" else wide / 2 if align == "center" else 0)
        writer = pymupdf.TextWriter(self.page.rect, color=color)
        writer.append((left, (self.y if y is None else y) + size * 0.8), text, self._font(text, bold), size)
        writer.write_text(self.page)
        return left + wide

    def rule(self, *, y: float | None = None, span: tuple[float, float] = (0, 1), width: float = 0.7) -> None:
        """Draw a line across, at shares of the width between the margins."""
        at = self.y if y is None else y
        self.page.draw_line((self.x(span[0]), at), (self.x(span[1]), at), color=GREY, width=width)

    def upright(self, share: float, top: float, bottom: float) -> None:
        """Draw an upright line."""
        self.page.draw_line((self.x(share), top), (self.x(share), bottom), color=GREY, width=0.5)

    def fill(self, height: float, shade: float | Color, *, span: tuple[float, float] = (0, 1)) -> None:
        """Shade a band below `y`, as background of what is written after it."""
        color = (shade, shade, shade) if isinstance(shade, float) else shade
        box = pymupdf.Rect(self.x(span[0]) - 2, self.y - 1.5, self.x(span[1]) + 2, self.y - 1.5 + height)
        self.page.draw_rect(box, color=None, fill=color, overlay=True)

    def box(self, top: float, bottom: float, span: tuple[float, float] = (0, 1)) -> None:
        """Draw a frame."""
        self.page.draw_rect(pymupdf.Rect(self.x(span[0]) - 4, top, self.x(span[1]) + 4, bottom), color=GREY, width=0.7)

    def lines(self, texts: Sequence[str], *, points: float, color: Color = BLACK, align: Align = "left") -> None:
        """Write lines one below the other."""
        at = self.x({"left": 0.0, "center": 0.5, "right": 1.0}[align])
        for text in texts:
            self.put(at, text, points=points, color=color, align=align, room=self.inner)
            self.y += points * 1.35
