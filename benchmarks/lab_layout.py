"""What the layout of a drawn lab report can be; lab_layouts.py and lab_layouts_held_out.py hold those there are."""

from dataclasses import dataclass, field
from typing import Literal

from lab_canvas import Align
from lab_report import Differential

Kind = Literal["table", "two_columns", "slip", "running", "one_line", "leaders", "cards", "dates"]
Marks = Literal["letters", "star", "arrow", "words", "paren", "plus", "bold", "none"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds, where it stands (share of the width) and how it is aligned there."""

    holds: str
    at: float
    align: Align = "left"
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One vendor's form.

    Attributes:
        name: with which results are told apart.
        systems: unit systems it is printed in.
        languages: of its names.
        family: the font, a key of `lab_canvas.FONTS`.
        kind: how results are set.
        columns: for tables, from the left.
        marks: how what is out of range is marked.
        mark_at: in a "column" of its own, "before" or "after" the value.
        range_form: with places for low and high.
        differential: percentages, absolute counts or both.
        look: of the table's lines.
        head: of the patient's block.
        points: size of the type.
        leading: distance of lines as a multiple of it.
        red: what is out of range is printed in red too.
        methods: a line with the method below each result.
        short_names: analyzers' abbreviations.
        previous: earlier results beside each.
        held_out: kept from development.
    """

    name: str
    systems: tuple[str, ...]
    languages: tuple[str, ...]
    family: str
    kind: Kind = "table"
    columns: tuple[Column, ...] = ()
    marks: Marks = "letters"
    mark_at: Literal["column", "before", "after"] = "column"
    range_form: str = "{low} - {high}"
    differential: tuple[Differential, ...] = ("both",)
    look: Literal["plain", "ruled", "zebra", "grid"] = "plain"
    head: Literal["box", "columns", "lines", "slip"] = "box"
    points: float = 9.0
    leading: float = 1.6
    red: bool = False
    methods: bool = False
    short_names: bool = False
    previous: int = 0
    held_out: bool = False
    paper: tuple[float, float] = field(default=(595, 842))


def columns_of(*columns: tuple[str, float, Align]) -> tuple[Column, ...]:
    """Columns from what each holds, its place and its alignment."""
    return tuple(Column(*column) for column in columns)
