"""Names of analytes that run over two lines: "Mean corpuscular" above "haemoglobin conc. 33.1 g/dL"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.labs.layout.columns import read_heading
from generator.labs.layout.marks import Mark
from generator.labs.layout.rows import Row
from generator.labs.parsing.matching import Match, find_analyte, is_weightless
from generator.labs.parsing.names import fold

# Lines of one cell stand closer than this, in heights from top to top.
_PITCH = 2.0
# How many times nearer a line has to be to one of two rows to be its.
_CLEARLY = 1.1
_MOST_WORDS = 6
_CERTAIN = 0.8


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A name over several lines, the marks of its row that it takes the place of, and the numbers of its lines.

    `carried` are units of another cell that wrapped as well: they go behind the value above them.
    """

    name: Mark
    replaces: tuple[Mark, ...]
    lines: tuple[int, ...]
    carried: tuple[Mark, ...] = ()


def wrapped_names(rows: Sequence[Row], marked: Sequence[Sequence[Mark]]) -> dict[int, Wrapped | None]:
    """By the number of the row with the values, its name over two lines; None for the rows that only add words."""
    found: dict[int, Wrapped | None] = {}
    for position, marks in enumerate(marked):
        if not _has_values(marks) or sum(mark.kind == "name" for mark in marks) > 1:
            continue
        for lines in _neighbours(rows, marked, position, taken=found):
            wrapped = _joined(marked, position, lines)
            if wrapped:
                found[position] = wrapped
                found.update(dict.fromkeys((line for line in lines if line != position), None))
                break
    return found


def lines_of_names(wrapped: Mapping[int, Wrapped | None]) -> set[int]:
    """The rows that are part of a name for certain: not one that has a name alone right above it."""
    names = [(position, name) for position, name in wrapped.items() if name]
    sure = [name.lines for position, name in names if name.replaces or name.lines != (position - 1, position)]
    return {line for lines in sure for line in lines}


def _has_values(marks: Sequence[Mark]) -> bool:
    return any(mark.kind in ("number", "absent") for mark in marks) and any(
        mark.kind in ("unit", "range", "absent", "number") for mark in marks
    )


def _neighbours(
    rows: Sequence[Row], marked: Sequence[Sequence[Mark]], position: int, *, taken: dict[int, Wrapped | None]
) -> list[tuple[int, ...]]:
    """The runs of lines whose words may make one name with this row's: with the line before, behind, or both."""
    before = position - 1 if _adds_words(rows, marked, position, position - 1) and position - 1 not in taken else None
    behind = position + 1 if _adds_words(rows, marked, position, position + 1) else None
    named = any(mark.kind == "name" for mark in marked[position])
    if before is not None and not _nearer(rows, position, before, named=named):
        before = None
    if behind is not None and not _nearer(rows, position, behind, named=named):
        behind = None
    runs: list[tuple[int, ...]] = []
    if before is not None:
        runs.append((before, position))
    if behind is not None:
        runs.append((position, behind))
    if before is not None and behind is not None:
        runs.insert(0, (before, position, behind))
    return runs


def _nearer(rows: Sequence[Row], position: int, line: int, *, named: bool) -> bool:
    """Whether a line of words stands nearer to this row than to the one on its other side.

    Where both are as near, a row that has a name already leaves a line below it to the next row.
    """
    other = 2 * line - position
    if not 0 <= other < len(rows):
        return True
    here, there = (abs(rows[line].top - rows[row].top) for row in (position, other))
    return here * _CLEARLY < there if named and line > position else here <= there * _CLEARLY


def _adds_words(rows: Sequence[Row], marked: Sequence[Sequence[Mark]], position: int, other: int) -> bool:
    if not 0 <= other < len(rows):
        return False
    words = marked[other]
    plain_words = 0 < len(words) <= _MOST_WORDS and all(mark.kind in ("word", "name", "unit", "flag") for mark in words)
    near = abs(rows[other].top - rows[position].top) <= _PITCH * min(rows[position].height, rows[other].height) * 1.1
    return plain_words and near and not read_heading(words)


def _joined(marked: Sequence[Sequence[Mark]], position: int, lines: Sequence[int]) -> Wrapped | None:
    """The name that these lines make together, if they name another analyte than the row alone, and for certain."""
    own = _name_words(marked[position])
    values_at = min(mark.box[0] for mark in marked[position] if mark.kind in ("number", "absent"))
    parts = {line: [m for m in marked[line] if m.box[0] < values_at] if line != position else own for line in lines}
    beyond = [mark for line in lines if line != position for mark in marked[line] if mark.box[0] >= values_at]
    if any(mark.kind != "unit" for mark in beyond):
        return None
    x0 = min((mark.box[0] for mark in own), default=None)
    others = [mark for line in lines if line != position for mark in parts[line]]
    # A name does not begin below its values: there the next one stands.
    if not own and lines[0] == position:
        return None
    if not others or (x0 is not None and abs(others[0].box[0] - x0) > 3 * (others[0].box[3] - others[0].box[1])):
        return None
    text = " ".join(mark.text for line in lines for mark in parts[line])
    match = find_analyte(text)
    alone = next((mark.match for mark in own if mark.match), None)
    if (
        match is None
        or (match.certainty < _CERTAIN and not match.alternatives)
        or match.rest.strip()
        or (alone and alone.key == match.key)
    ):
        return None
    named = any(mark.match and mark.match.key == match.key for mark in others)
    if alone is None and named and own and not (_adds_to(own, match) or _goes_on(own, position, lines)):
        return None
    # "Blasts %" above "Blasts 2.9": two names, the first without a value.
    if alone and named and _folded(own) <= _folded(others):
        return None
    row = marked[position][0].box
    first = own[0] if own else replace(others[0], box=(others[0].box[0], row[1], others[0].box[2], row[3]))
    name = replace(
        first, kind="name", text=text, match=match, confidence=min(mark.confidence for mark in [*own, *others])
    )
    return Wrapped(name, tuple(own), tuple(lines), tuple(_behind(mark, marked[position]) for mark in beyond))


def _behind(unit: Mark, row: Sequence[Mark]) -> Mark:
    """A unit of the next line, put behind the number it goes on."""
    numbers = [mark.box[2] for mark in row if mark.kind == "number" and mark.box[2] > unit.box[0]]
    at = min(numbers, default=unit.box[0])
    return replace(unit, box=(at, row[0].box[1], at + unit.box[2] - unit.box[0], row[0].box[3]))


def _adds_to(own: Sequence[Mark], match: Match) -> bool:
    """Whether words say more than specimen or method: "Polynucléaires" before "neutrophiles", all of one known name."""
    return (match.certainty >= _CERTAIN or bool(match.alternatives)) and not all(map(is_weightless, _folded(own)))


def _folded(marks: Sequence[Mark]) -> set[str]:
    return {word for mark in marks for word in fold(mark.text)}


def _goes_on(own: Sequence[Mark], position: int, lines: Sequence[int]) -> bool:
    """Whether a line goes on what the line above it began: it starts with a bracket or a small letter."""
    return lines == (position - 1, position) and (own[0].text[0] in "([" or own[0].text[0].islower())


def _name_words(marks: Sequence[Mark]) -> list[Mark]:
    """The words of a row's name: its name and the words around it, up to the first number."""
    words: list[Mark] = []
    for mark in marks:
        if mark.kind in ("number", "range", "absent", "date"):
            break
        if mark.kind in ("name", "word"):
            words.append(mark)
    return words
