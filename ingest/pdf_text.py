"""The characters of a PDF page as words and fragments: spaces, raised text, symbols, turned text.

MuPDF gives characters with their boxes; what they mean together is decided here.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pymupdf

from ingest.clean import normalise, superscript
from ingest.layout import Fragment, Word, fragment, union
from ingest.records import Box

FLAGS: int = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
MAX_GARBAGE = 0.3
_UNREADABLE = {"Co", "Cc", "Cn"}
CELL_GAP_EM = 1.0
MIN_TURNED_SHARE = 0.25

# The Symbol font as word processors leave it in PDFs, at U+F000 plus its own code; comparisons and Greek matter.
_SYMBOLS = dict(
    zip(
        (
            0xF000 + code
            for code in b"\x2b\x2d\x3c\x3e\x61\x62\x63\x64\x65\x67\x6b\x6c\x6d\x71\x73\xa3\xb0\xb1\xb3\xb4\xb7\xbb"
        ),
        "+\u2212<>αβχδεγκλμθσ≤°±≥×•≈",
        strict=True,
    )
)
_RAISED_UNIT = re.compile(r"(?:^|[\s/\d(·*])(?:[kdcmnµμ]?m)$")
_UNIT = re.compile(r"(?:^|[\s/\d(·*])(?:[kdcmnµμ]?[mgslL]|min|h|d|mol|kg|dL|mL)$")
_VARIABLE = re.compile(r"(?:^|[^\w])[^\W\d_]$")
_ATTACHED = re.compile(r"\d?[+\u2212\u2013\-]{1,2}|hi(?:gh)?|lo(?:w)?|int|dim|bright|neg|pos|[®™©°º]|tm", re.I)
_NOTE = re.compile(r"(?:[\d\s,;.\-\u2013\u2014*\u2217†‡§¶#\[\]()]|\b[a-z]\b)+")
_ELEMENT = re.compile(r"[A-Z][a-z]?(?![a-z])")


@dataclass(frozen=True, slots=True)
class _Glyph:
    text: str
    box: Box
    size: float
    bold: bool
    raised: bool


def is_garbage(text: str) -> bool:
    """True where a font without a mapping left mostly replacement, private or control characters.

    So do mappings written with their bytes swapped: they give characters whose low byte is always zero.
    """
    seen = [char for char in text if not char.isspace()]
    bad = sum(
        ord(char) not in _SYMBOLS and (char == "\ufffd" or unicodedata.category(char) in _UNREADABLE) for char in seen
    )
    swapped = sum(ord(char) % 256 == 0 for char in seen)
    return max(bad, swapped) > MAX_GARBAGE * len(seen)


def page_fragments(page: Any) -> dict[int, list[Fragment]]:
    """Read the characters of a page.

    Args:
        page: a `pymupdf.Page`.

    Returns:
        Fragments for each direction of reading that carries at least a quarter of the page's characters, by
        the degrees (0, 90, 180, 270) the page must be turned clockwise to read them; boxes are those of the
        turned page. Text in other directions (margin notes, watermarks) is left out.
    """
    found: dict[int, list[Fragment]] = {}
    width, height = float(page.rect.width), float(page.rect.height)
    for block in page.get_text("rawdict", flags=FLAGS)["blocks"]:
        for line in block.get("lines", ()):
            turn = _turn(*line["dir"])
            if turn is not None:
                glyphs = _once([_turned(glyph, turn, width, height) for glyph in _glyphs(line)])
                found.setdefault(turn, []).extend(_fragments(glyphs))
    amounts = {turn: sum(len(piece.text) for piece in pieces) for turn, pieces in found.items()}
    least = MIN_TURNED_SHARE * sum(amounts.values())
    turns = sorted((turn for turn in found if amounts[turn] >= least), key=lambda turn: (-amounts[turn], turn))
    return {turn: _without_twins(found[turn]) for turn in turns}


def _turn(dx: float, dy: float) -> int | None:
    if abs(dx) > 0.94:
        return 0 if dx > 0 else 180
    if abs(dy) > 0.94:
        return 90 if dy < 0 else 270
    return None


def turn_box(box: Box, turn: int, width: float, height: float) -> Box:
    """Where `box` of a page of this size (points) lies once the page is turned clockwise by `turn` degrees."""
    x0, y0, x1, y1 = box
    if turn == 90:
        return (height - y1, x0, height - y0, x1)
    if turn == 180:
        return (width - x1, height - y1, width - x0, height - y0)
    if turn == 270:
        return (y0, width - x1, y1, width - x0)
    return box


def _turned(glyph: _Glyph, turn: int, width: float, height: float) -> _Glyph:
    box = turn_box(glyph.box, turn, width, height)
    return _Glyph(glyph.text, box, glyph.size, glyph.bold, glyph.raised)


def _glyphs(line: Mapping[str, Any]) -> Iterator[_Glyph]:
    main = max(line["spans"], key=lambda span: (span["size"], len(span["chars"])))
    for span in line["spans"]:
        raised = _is_raised(span, main, turned=abs(line["dir"][0]) < 0.94)
        bold = bool(span["flags"] & pymupdf.TEXT_FONT_BOLD) or "bold" in span["font"].lower()
        for char in span["chars"]:
            text = normalise(char["c"].translate(_SYMBOLS)) or ("\u00ad" if char["c"] == "\u00ad" else "")
            if text and unicodedata.category(text[0]) not in {"Co", "Cn"} and text != "\ufffd":
                yield _Glyph(text, tuple(char["bbox"]), span["size"], bold, raised)


def _is_raised(span: Mapping[str, Any], main: Mapping[str, Any], *, turned: bool) -> bool:
    """MuPDF marks raised text, but compares with the start of the line, which may itself be raised."""
    if span["size"] > 0.9 * main["size"] or not 0 < len(span["chars"]) <= 20 or not main["chars"]:
        return False
    lift = main["chars"][0]["origin"][1] - span["chars"][0]["origin"][1]
    if turned:
        return bool(span["flags"] & pymupdf.TEXT_FONT_SUPERSCRIPT)
    return bool(lift > 0.2 * main["size"])


def _once(glyphs: Sequence[_Glyph]) -> list[_Glyph]:
    """Drop characters printed again over themselves, as some programs do to make text look bold."""
    kept: list[_Glyph] = []
    at: dict[str, list[Box]] = {}
    for glyph in glyphs:
        # Half a letter, so that the second l of "all" stays.
        near = min(0.15 * glyph.size, 0.4 * (glyph.box[2] - glyph.box[0]))
        twins = at.setdefault(glyph.text, [])
        if not any(abs(box[0] - glyph.box[0]) < near and abs(box[1] - glyph.box[1]) < near for box in twins):
            kept.append(glyph)
        twins.append(glyph.box)
    return kept


def _fragments(glyphs: Sequence[_Glyph]) -> list[Fragment]:
    """Split the glyphs of one line into words, and the words into fragments at wide gaps."""
    found: list[Fragment] = []
    words: list[Word] = []
    sizes: list[_Glyph] = []
    for run in _words(_lowered(glyphs)):
        box = union([glyph.box for glyph in run])
        if words and box[0] - words[-1].box[2] > CELL_GAP_EM * run[0].size:
            found.append(_fragment(words, sizes))
            words, sizes = [], []
        words.append(Word("".join(glyph.text for glyph in run), box))
        sizes += run
    return [*found, _fragment(words, sizes)] if words else found


def _fragment(words: Sequence[Word], glyphs: Sequence[_Glyph]) -> Fragment:
    sizes: dict[float, int] = {}
    for glyph in glyphs:
        size = max(0.5, round(glyph.size * 2) / 2)  # damaged fonts have none
        sizes[size] = sizes.get(size, 0) + 1
    # The largest that a good part has: small capitals and raised marks do not make a line small.
    size = max(size for size, count in sizes.items() if count >= 0.25 * max(sizes.values()))
    return fragment(words, size=size, bold=sum(glyph.bold for glyph in glyphs) > 0.9 * len(glyphs))


def _words(glyphs: Sequence[_Glyph]) -> Iterator[list[_Glyph]]:
    word: list[_Glyph] = []
    for glyph in glyphs:
        gap = word and glyph.box[0] - word[-1].box[2] > 0.6 * glyph.size
        if (glyph.text.isspace() or gap) and word:
            yield word
            word = []
        if not glyph.text.isspace():
            word.append(glyph)
    if word:
        yield word


def _lowered(glyphs: Sequence[_Glyph]) -> list[_Glyph]:
    """Put raised text on the line, in a form that cannot be read as part of what it follows."""
    runs = [(raised, list(run)) for raised, run in groupby(glyphs, key=lambda glyph: glyph.raised)]
    flat: list[_Glyph] = []
    for n, (raised, run) in enumerate(runs):
        if not raised:
            flat += run
            continue
        before = "".join(glyph.text for glyph in flat[-12:])
        after = "".join(glyph.text for glyph in runs[n + 1][1][:12]) if n + 1 < len(runs) else ""
        text = lower("".join(glyph.text for glyph in run), before=before, after=after)
        if text:
            box = union([glyph.box for glyph in run])
            flat.append(_Glyph(text, box, run[0].size, run[0].bold, raised))
    return flat


def lower(raised: str, *, before: str, after: str) -> str:
    """What raised text becomes on the line, given the text before and after it.

    An exponent of ten or of a unit stays raised by its character (10⁹, m², s⁻¹); a charge or an expression
    mark is attached (CD34+, Ca2+); marks of references and footnotes go ("trial¹²" is trial, never trial12).
    """
    text = raised.strip()
    if not text:
        return " "
    exponent = superscript(text)
    if exponent != text and _takes_exponent(before, text):
        return exponent
    if text.isdecimal() and not before[-1:].isalnum() and _ELEMENT.match(after):
        return text
    if _ATTACHED.fullmatch(text) or (text in {"st", "nd", "rd", "th"} and before[-1:].isdigit()):
        return text
    if _NOTE.fullmatch(text):
        return " " if before[-1:].isalnum() and after[:1].isalnum() else ""
    return f"^{text}" if before[-1:].isalnum() else text


def _takes_exponent(before: str, text: str) -> bool:
    if re.search(r"(?<![\d.,])10$", before):
        return len(text.lstrip("+-\u2212")) <= 2
    if text[0] in "-\u2212":
        return _UNIT.search(before) is not None
    return text in {"2", "3"} and (_RAISED_UNIT.search(before) or _VARIABLE.search(before)) is not None


def _without_twins(pieces: Sequence[Fragment]) -> list[Fragment]:
    """Drop text whose second printing MuPDF gives as a line of its own."""
    kept: list[Fragment] = []
    at: dict[str, list[Box]] = {}
    for piece in pieces:
        twins = at.setdefault(piece.text, [])
        if not any(abs(box[0] - piece.box[0]) < 2 and abs(box[1] - piece.box[1]) < 2 for box in twins):
            kept.append(piece)
        twins.append(piece.box)
    return kept
