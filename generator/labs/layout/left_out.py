"""What a page shows and no result tells of: it is listed, so that no value is lost without a word."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator.labs.layout.marks import Mark
from generator.labs.parsing.matching import Match
from generator.labs.records import Unread

NO_NAME = "A value with unit or range, but no analyte that Marrow knows by this name."
NO_VALUE = "The name of an analyte, but no value that could be read beside it."
# Lines under a name that can hold its value, as on a card.
_LINES = 3
_SURE_NAME = 0.8


@dataclass(frozen=True, slots=True)
class Named:
    """A name that no result of its row tells of, with the line as it is to be listed."""

    match: Match
    line: Unread


def names_without_result(
    marked: Sequence[Sequence[Mark]], position: int, *, told: Collection[str], page: int
) -> Iterator[Named]:
    """The names of a row of names alone that no result was read for, and whose result is not said to be absent.

    Args:
        marked: the marks of each row of a block.
        position: of the row.
        told: the keys of the names that a result was read for.
        page: from 1.
    """
    below = list(_below(marked, position))
    if any(mark.kind == "absent" for line in below for mark in marked[line]):
        return
    shown = [mark for line in (position, *below) for mark in marked[line]]
    names = [mark for mark in marked[position] if mark.kind == "name"]
    for name in names:
        match = name.match
        if match and (match.certainty >= _SURE_NAME or match.alternatives) and match.key not in told:
            mine = [mark.text for mark in shown if _nearest(mark, names) is name]
            yield Named(match, Unread(text=" ".join(mine), reason=NO_VALUE, page=page))


def _nearest(mark: Mark, names: Sequence[Mark]) -> Mark:
    """The name that a mark stands under, or beside, by their left edges."""
    return min(names, key=lambda name: abs(name.box[0] - mark.box[0]))


def _below(marked: Sequence[Sequence[Mark]], position: int) -> Iterator[int]:
    """The rows under a name that can be its card: up to the next row with a name, or of nothing but words."""
    for line in range(position + 1, min(len(marked), position + 1 + _LINES)):
        marks = marked[line]
        digits = any(letter.isdigit() for mark in marks for letter in mark.text)
        if any(mark.kind == "name" for mark in marks) or not (digits or any(m.kind == "absent" for m in marks)):
            return
        yield line


def still_missing(named: Iterable[Named], *, read: Collection[str], listed: Iterable[Unread]) -> list[Unread]:
    """Of such names the lines of analytes that no result of the page is of, each line once.

    Args:
        named: of all blocks of the page.
        read: the analytes, with what their names can mean besides, that the page has a result of.
        listed: lines that are listed already.
    """
    texts = [line.text for line in listed]
    missing: list[Unread] = []
    for one in named:
        if {one.match.key, *one.match.alternatives}.isdisjoint(read) and one.line.text not in texts:
            missing.append(one.line)
            texts.append(one.line.text)
    return missing
