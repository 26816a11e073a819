"""Layouts of drawn lab reports kept from development: drawn for the measurement only.

Nothing in generator/labs was written with these in view; what the measurement shows on them is not used to change it.
"""

from lab_layout import Layout, columns_of

HELD_OUT = (
    Layout(
        "held_out_dates",
        ("us", "si"),
        ("en",),
        "roboto",
        kind="dates",
        columns=columns_of(
            ("name", 0, "left"),
            ("unit", 0.27, "left"),
            ("range", 0.41, "left"),
            ("value", 0.66, "right"),
            ("previous", 0.83, "right"),
            ("previous2", 1.0, "right"),
        ),
        marks="letters",
        mark_at="after",
        look="grid",
        previous=2,
        points=8.5,
        held_out=True,
    ),
    Layout(
        "held_out_cards",
        ("us",),
        ("en",),
        "opensans",
        kind="cards",
        marks="words",
        head="lines",
        range_form="{low} - {high}",
        differential=("percent", "absolute"),
        held_out=True,
    ),
    Layout(
        "held_out_low_high",
        ("europe",),
        ("pl", "de", "it"),
        "dejavu",
        columns=columns_of(
            ("name", 0, "left"),
            ("value", 0.5, "right"),
            ("flag", 0.53, "left"),
            ("unit", 0.6, "left"),
            ("low", 0.84, "right"),
            ("high", 0.98, "right"),
        ),
        marks="arrow",
        look="ruled",
        points=8,
        held_out=True,
    ),
    Layout(
        "held_out_unit_in_name",
        ("si", "india"),
        ("en",),
        "helvetica",
        columns=columns_of(("name_unit", 0, "left"), ("value", 0.62, "center"), ("range", 0.84, "center")),
        marks="arrow",
        mark_at="after",
        look="grid",
        range_form="{low} to {high}",
        points=10,
        held_out=True,
    ),
    Layout(
        "held_out_value_first",
        ("us", "mm3"),
        ("en", "es"),
        "narrow",
        columns=columns_of(
            ("value", 0.14, "right"),
            ("flag", 0.16, "left"),
            ("unit", 0.22, "left"),
            ("name", 0.4, "left"),
            ("range", 1.0, "right"),
        ),
        marks="star",
        head="columns",
        range_form="{low} / {high}",
        points=10,
        # Its ranges were looked at in development once, so it is held out no more; the name stays, with its pages.
    ),
)
