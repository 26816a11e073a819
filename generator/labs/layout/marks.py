"""The words of a row become marks: names of analytes, numbers, ranges, units, flags, dates, and other words."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from generator.labs.layout.parting import FLAG, parted, unglued
from generator.labs.layout.rows import Row, Token
from generator.labs.parsing.headings import headings, named_sex, plain
from generator.labs.parsing.matching import Match, find_analyte
from generator.labs.parsing.numbers import absent, parse_number, parse_range
from generator.labs.parsing.units import read_unit
from ingest.records import Box

MarkKind = Literal["name", "number", "range", "unit", "flag", "absent", "date", "word"]

_NUMBER = re.compile(r"^[\s<>≤≥=~*↑↓▲▼()\[\]HLhl!+\-−\d.,'’]*\d[\s<>≤≥=~*↑↓▲▼()\[\]HLhl!+\-−\d.,'’]*$")
_SECOND = re.compile(r"\d\s*[(\[]\d")
_BOUND = re.compile(r"^[(\[]?\s*[<>≤≥]=?\s*\d[\d.,]*\s*[)\]]?$")
_BETWEEN = re.compile(r"\d\s*[)\]]?\s*(?:[-–—−~÷…/]|\.\.|[^\W\d_]+)")
_DATE = re.compile(
    r"^\(?(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[\s.-]*[^\W\d_]{3,9}\.?[\s,.-]*\d{2,4}|[^\W\d_]{3,9}\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}:\d{2}(?::\d{2})?(?:T\S+)?|\d{4}-\d{2}-\d{2}T\S+)[),;]?$"
)
_COUNT = re.compile(r"(10(?:[369]|12)) (/\S+)")
_LETTER_ZERO = re.compile(r"[A-Za-z]0|0[A-Za-z]")
_MONTH = re.compile(r"[^\W\d_]{3}")
_LONGEST = {"unit": 4, "range": 12, "absent": 4, "number": 3, "date": 3}
# How much space, in heights, may lie inside a mark.
_WIDEST = {"unit": 0.9, "range": 2.2, "absent": 1.0, "number": 0.7, "date": 0.9}
NAME_GAP = 1.3
_SIGNS = ("<", ">", "≤", "≥", "<=", ">=")
_SIGN_GAP = 2.0
_NAME_WORDS = 9
# Words of one phrase stand closer than this.
_PHRASE_GAP = 0.9
_SURER = 0.3
# A word of so many letters with a dot is cut short, and goes on: "Mean corpusc. haemoglobin".
_ABBREVIATED = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """What one or more words of a row are.

    Attributes:
        kind: what it is; a "number" may carry a comparator and a flag, a "name" is an analyte of ours.
        text: as printed.
        confidence: the lowest of its pieces', 0..1.
        box: around it, in the page's units.
        gap: the space before it, in heights.
        piece: the number of its first piece in the row.
        match: the analyte, for a name.
    """

    kind: MarkKind
    text: str
    confidence: float
    box: Box
    gap: float
    piece: int
    match: Match | None = None


@lru_cache(maxsize=1024)
def read_marks(row: Row) -> tuple[Mark, ...]:
    """Tell what the words of a row are, from the left."""
    marks: list[Mark] = []
    tokens = tuple(parted(row.tokens))
    start = 0
    while start < len(tokens):
        kind, end = _kind(tokens, start)
        if kind == "word" and (glued := unglued(tokens[start])):
            tokens = (*tokens[:start], *glued, *tokens[start + 1 :])
            continue
        marks.append(_mark(kind, tokens[start:end]))
        start = end
    return tuple(_own_names(list(_named(list(_with_counts(marks))))))


def _with_counts(marks: Sequence[Mark]) -> Iterator[Mark]:
    """The marks; "103 /mm3" with no number beside it is a count of 103, and not 10³ per mm³ that lost its shape."""
    for position, mark in enumerate(marks):
        count = _COUNT.fullmatch(mark.text) if mark.kind == "unit" else None
        if count is None or any(other.kind == "number" for other in marks[max(0, position - 1) : position + 2]):
            yield mark
            continue
        x0, y0, x1, y1 = mark.box
        cut = x0 + (x1 - x0) * count.end(1) / len(mark.text)
        yield replace(mark, kind="number", text=count[1], box=(x0, y0, cut, y1))
        yield replace(mark, text=count[2], box=(cut, y0, x1, y1), gap=_WIDEST["unit"])


def _own_names(marks: list[Mark]) -> list[Mark]:
    """The marks; where none is a name, a unit that only one analyte has is its name: "0.9 INR 0.8-1.2"."""
    if any(mark.kind == "name" for mark in marks):
        return marks
    own = [mark for mark in marks if mark.kind == "unit" and (unit := read_unit(mark.text)) and unit.ucum == "{INR}"]
    return [replace(mark, kind="name", match=find_analyte(mark.text)) if mark in own[:1] else mark for mark in marks]


def _kind(tokens: Sequence[Token], start: int) -> tuple[MarkKind, int]:
    """What begins here, and where it ends: the first kind in order that takes anything, as long as it can be."""
    for kind, test in _TESTS:
        for end in range(_reach(tokens, start, kind), start, -1):
            text = " ".join(token.text for token in tokens[start:end])
            if test(text) and not (kind == "absent" and _dash_between(tokens, start, end)):
                return kind, end
    return "word", start + 1


def _reach(tokens: Sequence[Token], start: int, kind: MarkKind) -> int:
    end = start + 1
    signed = tokens[start].text in _SIGNS
    while end < len(tokens) and end - start < _LONGEST.get(kind, 1):
        if tokens[end].gap > (_SIGN_GAP if signed and end == start + 1 else _WIDEST.get(kind, 0.0)):
            break
        # A number never runs over two pieces, but for a sign that stands before it.
        if kind == "number" and tokens[end].piece != tokens[start].piece and len(tokens[start].text) > 1:
            break
        end += 1
    return end


def _dash_between(tokens: Sequence[Token], start: int, end: int) -> bool:
    """A dash right beside words parts them; alone in its column it says that there is no result."""
    if any(letter.isalnum() for token in tokens[start:end] for letter in token.text):
        return False
    before = start == 0 or tokens[start].gap > 0.8
    behind = end == len(tokens) or tokens[end].gap > 0.8
    return not (before and behind) or (start == 0 and end < len(tokens))


@lru_cache(maxsize=16384)
def _is_unit(text: str) -> bool:
    return not _NUMBER.match(text) and not FLAG.match(text) and read_unit(text) is not None


@lru_cache(maxsize=16384)
def _is_range(text: str) -> bool:
    first, *rest = plain(text).split() or [""]
    leads = not first.isalpha() or (bool(rest) and (first in headings().bounds or named_sex(first) is not None))
    if not leads or not any(letter.isdigit() for letter in text) or _DATE.match(text):
        return False
    # "<5" alone may be a result or a limit: what stands beside it tells.
    if _BOUND.match(text) or not all(map(_of_range, plain(text).split())):
        return False
    found = parse_range(text)
    between = _BETWEEN.search(text)
    # "0" alone may be a value as well as the range of what healthy blood does not hold.
    if found is None or found.rest or not (between or found.low is None or found.high is None):
        return False
    if not between and found.high == 0:
        return False
    # "13.2 12.0-15.5" is a value and a range.
    _, _, shorter = text.partition(" ")
    return not (shorter and text[0].isdigit() and parse_range(shorter) == found)


def _of_range(word: str) -> bool:
    """Whether a word may stand in a range: its numbers, "to", a sex or an age."""
    letters = word.strip("0123456789%#")
    return not letters or letters in headings().bounds or named_sex(letters) is not None


@lru_cache(maxsize=16384)
def _is_number(text: str) -> bool:
    # A bracket that closes what was never opened is the end of a range.
    whole = text.count("(") == text.count(")") and text.count("[") == text.count("]") and not _SECOND.search(text)
    return whole and bool(_NUMBER.match(text)) and parse_number(text) is not None


def _is_date(text: str) -> bool:
    return bool(_DATE.match(text)) and (not _MONTH.search(text) or is_month(text))


@lru_cache(maxsize=4096)
def is_month(text: str) -> bool:
    """Whether one of its words is the name of a month."""
    return any(
        word[:3] in headings().months or word[:4] in headings().months
        for word in re.findall(r"[^\W\d_]{3,}", plain(text))
    )


_TESTS: tuple[tuple[MarkKind, Callable[[str], bool]], ...] = (
    ("date", _is_date),
    ("unit", _is_unit),
    ("range", _is_range),
    ("number", _is_number),
    ("flag", lambda text: bool(FLAG.match(text))),
    ("absent", absent),
)


def _mark(kind: MarkKind, tokens: Sequence[Token]) -> Mark:
    return Mark(
        kind,
        " ".join(token.text for token in tokens),
        min(token.confidence for token in tokens),
        _around([token.box for token in tokens]),
        tokens[0].gap,
        tokens[0].piece,
    )


def _around(boxes: Sequence[Box]) -> Box:
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _named(marks: Sequence[Mark]) -> Iterator[Mark]:
    """The marks, with runs of words that name an analyte joined into names."""
    start = 0
    while start < len(marks):
        end = start
        while (
            end < len(marks)
            and marks[end].kind in ("word", "unit", "flag")
            and (end == start or marks[end].gap <= NAME_GAP)
        ):
            end += 1
        if end == start:
            yield marks[start]
            start += 1
            continue
        after_number = start > 0 and marks[start - 1].kind in ("number", "range", "absent")
        yield from _names_in(marks[start:end], after_number=after_number)
        start = end


def _names_in(run: Sequence[Mark], *, after_number: bool) -> Iterator[Mark]:
    start = 0
    while start < len(run):
        # Behind a number stands its unit or flag; a name only begins with a word there.
        if run[start].kind == "word" or (run[start].kind == "unit" and not after_number):
            found = _longest_name(run, start)
            if found and not (_runs_on(run, start) or _runs_on(run, found[1])):
                yield found[0]
                start, after_number = found[1], False
                continue
        yield run[start]
        # Behind the number's own unit another one can be a name: "444 mg/dL (H), INR 1.3".
        after_number = after_number and run[start].kind != "unit"
        start += 1


def _runs_on(run: Sequence[Mark], cut: int) -> bool:
    """Whether the words on both sides of a cut are of one phrase: "Reticulocyte haemoglobin" is not haemoglobin."""
    if not 0 < cut < len(run):
        return False
    left, right = run[cut - 1], run[cut]
    if any(mark.kind != "word" or sum(map(str.isalpha, mark.text)) < 2 for mark in (left, right)):
        return False
    ends = left.text[-1] in ":,;)]" or (left.text[-1] == "." and len(left.text) < _ABBREVIATED)
    return right.gap < _PHRASE_GAP and not ends and right.text[0] not in "(["


def _longest_name(run: Sequence[Mark], start: int) -> tuple[Mark, int] | None:
    best: tuple[Match, int] | None = None
    for end in range(min(len(run), start + _NAME_WORDS), start, -1):
        if all(mark.kind == "flag" for mark in run[start:end]) or (end - start > 1 and run[end - 1].kind == "flag"):
            continue
        if end - start == 1 and run[start].kind == "unit" and "/" in run[start].text:
            continue
        match = _match(" ".join(mark.text for mark in run[start:end]))
        # "(mg%)" is a unit, though magnesium is "Mg".
        if match and end - start == 1 and run[start].kind == "unit" and match.certainty < 1.0:
            continue
        # A longer name is taken first; a shorter one only where it is surer by more than damage of letters.
        if match and (best is None or match.certainty > best[0].certainty + _SURER):
            best = (match, end)
    if best is None:
        return None
    match, end = best
    parts = run[start:end]
    named = replace(_joined(parts), match=match)
    return named, end


def _joined(parts: Sequence[Mark]) -> Mark:
    return Mark(
        "name",
        " ".join(mark.text for mark in parts),
        min(mark.confidence for mark in parts),
        _around([mark.box for mark in parts]),
        parts[0].gap,
        parts[0].piece,
    )


@lru_cache(maxsize=16384)
def _match(text: str) -> Match | None:
    match = find_analyte(text)
    # "E0%" is "EO%": in short names the tables allow no damage.
    return match or (find_analyte(text.replace("0", "O")) if _LETTER_ZERO.search(text) else None)
