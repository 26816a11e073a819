"""Names with their values below instead of beside them: cards of a patient portal, and tables set on their side."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from generator.labs.layout.columns import newest
from generator.labs.layout.marks import Mark
from generator.labs.parsing.headings import ColumnRole, column_role
from generator.labs.parsing.numbers import parse_number, parse_range

DatedMarks = tuple[str, tuple[Mark, ...]]

# Lines under a name that can be its card, or the rows of its table.
_MOST_LINES = 8
# Space, in heights, that parts what stands under different names.
_APART = 1.6
_LABEL_WORDS = 4
_BESIDES: frozenset[ColumnRole] = frozenset(("range", "low", "high", "unit", "flag"))


@dataclass(frozen=True, slots=True)
class _Run:
    """Marks that stand together, without the label before them, which says their role; edges with the label."""

    role: ColumnRole | None
    marks: tuple[Mark, ...]
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A line below names: its runs, and what a label alone at its beginning says of all of them."""

    role: ColumnRole | None
    runs: tuple[_Run, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """A name and the lines below that are its.

    Attributes:
        name: the mark of the name.
        lines: for each line with a number, its date ("" for none) and the marks under the name, labels left out.
        shared: what stands on lines without a number: unit, range and flag.
        end: the number of the first row behind it.
    """

    name: Mark
    lines: tuple[DatedMarks, ...]
    shared: tuple[Mark, ...]
    end: int

    def current(self, *, days_first: bool | None) -> tuple[list[Mark], bool]:
        """The marks of the newest line with what all lines share, and whether it is known to be the newest."""
        place = newest([date for date, _ in self.lines], days_first=days_first) if len(self.lines) > 1 else 0
        return [self.name, *self.lines[place or 0][1], *self.shared], place is not None


def read_stacks(marked: Sequence[Sequence[Mark]], *, wrapped: Collection[int] = ()) -> dict[int, tuple[Stack, ...]]:
    """The stacks of a block of rows, by the number of the row with their names.

    A row of names without numbers begins them if nothing but numbers, ranges, units, flags, dates and their labels
    stands on the lines below, up to the next names, and most names have a number below.

    Args:
        marked: the marks of each row.
        wrapped: rows whose words are part of a name over several lines.
    """
    found: dict[int, tuple[Stack, ...]] = {}
    end = 0
    for position, marks in enumerate(marked):
        names = _names_alone(marks)
        if not names or position < end or position in wrapped:
            continue
        below = list(_lines_below(marked, position, names=names))
        end = position + 1 + len(below)
        stacks = [_stack(name, marks, below, end) for name in names]
        filled = tuple(stack for stack in stacks if stack.lines)
        if len(filled) > len(names) / 2:
            found[position] = filled
        else:
            end = position + 1
    # One name above a number can be a title; cards and tables on their side have several.
    return found if sum(map(len, found.values())) > 1 else {}


def names_alone(marks: Sequence[Mark]) -> bool:
    """Whether a row holds names and no number, with at most labels and units besides."""
    return bool(_names_alone(marks))


def _names_alone(marks: Sequence[Mark]) -> list[Mark]:
    names = [mark for mark in marks if mark.kind == "name"]
    words = [mark for mark in marks if mark.kind == "word" and any(map(str.isalpha, mark.text))]
    measured = any(mark.kind in ("number", "range", "absent", "date") for mark in marks)
    return names if not measured and len(words) <= len(names) else []


def _lines_below(marked: Sequence[Sequence[Mark]], position: int, *, names: Sequence[Mark]) -> Iterator[_Line]:
    """The lines under a row of names that can be theirs."""
    carried: ColumnRole | None = None
    for marks in marked[position + 1 : position + 1 + _MOST_LINES]:
        runs = [_run(run) for run in _apart(marks)]
        words = any(mark.kind in ("name", "word") for run in runs for mark in run.marks)
        # What stands far to the right of a single name is beside it, on a line that is a little lower.
        beside = len(names) == 1 and marks[0].box[0] > names[0].box[2] + names[0].box[3] - names[0].box[1]
        if words or beside or not runs:
            return
        # A label alone on its line is of the next line, at the beginning of a line of all that stands behind it.
        alone = runs[0].role if not any(run.marks for run in runs) else None
        whole = runs[0].role if not runs[0].marks else None
        yield _Line(whole or (carried if all(run.role is None for run in runs) else None), tuple(runs))
        carried = alone


def _apart(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    run: list[Mark] = []
    for mark in marks:
        if run and mark.gap > _APART:
            yield run
            run = []
        run.append(mark)
    if run:
        yield run


def _run(marks: list[Mark]) -> _Run:
    """A run without the words of its label: "Your value 0.6"."""
    x0, x1 = marks[0].box[0], marks[-1].box[2]
    for end in range(min(len(marks), _LABEL_WORDS), 0, -1):
        label = " ".join(mark.text for mark in marks[:end])
        # Of "Standard range: 12-16" the second word was read with the limits.
        following = marks[end].text.split()[0] if end < len(marks) and marks[end].kind == "range" else ""
        role = column_role(label) or column_role(f"{label} {following}")
        if role and all(mark.kind in ("word", "unit", "flag") for mark in marks[:end]):
            return _Run(role, tuple(marks[end:]), x0, x1)
    return _Run(None, tuple(marks), x0, x1)


def _stack(name: Mark, beside: Sequence[Mark], below: Sequence[_Line], end: int) -> Stack:
    # What stands under a word that names no analyte of ours is not of the name next to it.
    heads = [mark for mark in beside if mark.kind in ("name", "word")]
    behind = beside[list(beside).index(name) + 1 :]
    lines: list[DatedMarks] = []
    shared = list(takewhile(lambda mark: mark.kind == "unit", behind))
    for line in below:
        runs = [run for run in line.runs if "previous" not in (line.role, run.role)]
        mine = [run for run in runs if run.marks and _above(run, heads) is name]
        date = " ".join(mark.text for run in line.runs for mark in run.marks if mark.kind == "date")
        marks = tuple(mark for run in mine for mark in run.marks if mark.kind != "date")
        roles = {line.role, *(run.role for run in mine)}
        if any(mark.kind in ("number", "absent") for mark in marks) and roles.isdisjoint(_BESIDES):
            lines.append((date, marks))
        else:
            shared += marks
    return Stack(name, tuple(_without_ends(lines, shared)), tuple(shared), end)


def _without_ends(
    lines: list[tuple[str, tuple[Mark, ...]]], shared: Sequence[Mark]
) -> list[tuple[str, tuple[Mark, ...]]]:
    """The lines but those that only repeat an end of the range, as the scale under a bar does."""
    ranges = [found for mark in shared if mark.kind == "range" and (found := parse_range(mark.text))]
    ends = {end for found in ranges for end in (found.low, found.high)}
    kept = [
        (date, marks)
        for date, marks in lines
        if not ends.issuperset(number.value for mark in marks if (number := parse_number(mark.text)))
    ]
    return kept or lines


def _above(run: _Run, names: Sequence[Mark]) -> Mark:
    """The name a run stands under: flush with it on the left, on the right, or in the middle."""

    def off(name: Mark) -> float:
        x0, x1 = name.box[0], name.box[2]
        return min(abs(run.x0 - x0), abs(run.x1 - x1), abs(run.x0 + run.x1 - x0 - x1) / 2)

    return min(names, key=off)
