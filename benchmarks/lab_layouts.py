"""How the drawn lab reports for development are laid out; lab_layouts_held_out.py has the others.

A layout is data: columns with their places, how flags and ranges look, what surrounds the results. lab_paint.py draws
it. Longer than other modules because it is a table.
"""

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


DEVELOPMENT = (
    Layout(
        "us_reference",
        ("us",),
        ("en",),
        "arial",
        columns=columns_of(
            ("name", 0, "left"),
            ("value", 0.42, "right"),
            ("flag", 0.46, "left"),
            ("unit", 0.6, "left"),
            ("range", 0.78, "left"),
        ),
        marks="words",
        look="ruled",
        head="columns",
        range_form="{low}-{high}",
    ),
    Layout(
        "us_in_out",
        ("us",),
        ("en",),
        "courier",
        columns=columns_of(
            ("name", 0, "left"), ("in_range", 0.42, "left"), ("out_range", 0.54, "left"), ("range_unit", 0.7, "left")
        ),
        mark_at="after",
        head="columns",
        range_form="{low}-{high}",
        points=8.5,
    ),
    Layout(
        "us_previous",
        ("us",),
        ("en",),
        "opensans",
        columns=columns_of(
            ("name", 0, "left"),
            ("value", 0.36, "left"),
            ("range", 0.53, "left"),
            ("unit", 0.7, "left"),
            ("previous", 0.98, "right"),
        ),
        marks="letters",
        mark_at="after",
        look="zebra",
        previous=1,
        points=8.5,
        range_form="{low} - {high}",
    ),
    Layout(
        "uk_brackets",
        ("si",),
        ("en",),
        "dejavu",
        columns=columns_of(
            ("name", 0, "left"),
            ("flag", 0.43, "left"),
            ("value", 0.54, "right"),
            ("unit", 0.56, "left"),
            ("range", 0.76, "left"),
        ),
        marks="star",
        range_form="[{low} - {high}]",
        head="lines",
        points=8.5,
    ),
    Layout(
        "si_unit_first",
        ("si",),
        ("en",),
        "calibri",
        columns=columns_of(
            ("name", 0, "left"),
            ("unit", 0.38, "left"),
            ("range", 0.56, "left"),
            ("value", 0.86, "right"),
            ("flag", 0.9, "left"),
        ),
        marks="letters",
        range_form="({low} - {high})",
        differential=("absolute", "both"),
        look="grid",
        points=10,
    ),
    Layout(
        "india_methods",
        ("india",),
        ("en",),
        "times",
        columns=columns_of(
            ("name", 0, "left"), ("value", 0.44, "left"), ("unit", 0.6, "left"), ("range", 0.78, "left")
        ),
        marks="bold",
        methods=True,
        look="ruled",
        points=9.5,
        leading=1.45,
        differential=("percent", "both"),
    ),
    Layout(
        "india_hospital",
        ("india",),
        ("en",),
        "roboto",
        columns=columns_of(
            ("name", 0, "left"),
            ("flag", 0.41, "left"),
            ("value", 0.56, "right"),
            ("unit", 0.6, "left"),
            ("range", 0.78, "left"),
        ),
        marks="letters",
        look="grid",
        head="box",
        red=True,
        differential=("percent",),
        range_form="{low} – {high}",
    ),
    Layout(
        "french_leaders",
        ("europe",),
        ("fr",),
        "helvetica",
        kind="leaders",
        columns=columns_of(
            ("name", 0, "left"), ("value_unit", 0.6, "right"), ("range", 0.64, "left"), ("previous", 1.0, "right")
        ),
        marks="star",
        mark_at="after",
        range_form="({low} à {high})",
        previous=1,
        head="columns",
    ),
    Layout(
        "percent_and_absolute",
        ("europe", "mm3"),
        ("fr", "pt", "es"),
        "arial",
        kind="one_line",
        columns=columns_of(
            ("name", 0, "left"), ("value", 0.45, "right"), ("unit", 0.47, "left"), ("range", 0.72, "left")
        ),
        marks="none",
        range_form="{low} a {high}",
        look="ruled",
    ),
    Layout(
        "german_range_first",
        ("europe",),
        ("de", "nl"),
        "narrow",
        columns=columns_of(
            ("name", 0, "left"),
            ("unit", 0.34, "left"),
            ("range", 0.48, "left"),
            ("value", 0.78, "right"),
            ("flag", 0.81, "left"),
        ),
        marks="plus",
        look="zebra",
        head="lines",
        points=10,
        range_form="{low} - {high}",
    ),
    Layout(
        "spanish_stars",
        ("mm3", "europe"),
        ("es", "pt", "it"),
        "opensans",
        columns=columns_of(
            ("name", 0, "left"), ("value", 0.5, "right"), ("unit", 0.54, "left"), ("range", 0.74, "left")
        ),
        marks="star",
        mark_at="before",
        range_form="[{low} - {high}]",
        differential=("both", "percent"),
        points=8.5,
    ),
    Layout(
        "two_column_page",
        ("us", "si"),
        ("en",),
        "calibri",
        kind="two_columns",
        columns=columns_of(
            ("name", 0, "left"),
            ("value", 0.52, "right"),
            ("flag", 0.54, "left"),
            ("unit", 0.6, "left"),
            ("range", 0.8, "left"),
        ),
        marks="letters",
        range_form="{low}-{high}",
        look="ruled",
        points=8.5,
    ),
    Layout(
        "thermal_slip",
        ("us", "si"),
        ("en",),
        "courier",
        kind="slip",
        columns=columns_of(
            ("name", 0, "left"),
            ("value", 0.42, "right"),
            ("flag", 0.44, "left"),
            ("unit", 0.5, "left"),
            ("range", 1.0, "right"),
        ),
        marks="letters",
        short_names=True,
        head="slip",
        points=8,
        leading=1.35,
        range_form="{low}-{high}",
        paper=(228, 520),
    ),
    Layout(
        "running_text",
        ("us", "si"),
        ("en",),
        "times",
        kind="running",
        marks="paren",
        mark_at="after",
        range_form="{low}-{high}",
        head="lines",
        points=10.5,
        differential=("percent", "absolute"),
    ),
)
