"""A plan as a table for a spreadsheet: one row for each warning, target, item, total, purchase and exclusion."""

import csv
import io
from collections.abc import Iterator, Mapping

from generator.diet.records import Day, DietPlan, Nutrients
from generator.diet.wording import LIMITS, target_text, told_first

_FIGURES = tuple(Nutrients.model_fields)
_COLUMNS = ("kind", "day", "meal", "name", "food_id", "amount", "grams", *_FIGURES, "note")
# A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_Row = Mapping[str, object]


def plan_csv(plan: DietPlan) -> bytes:
    """A plan as CSV (RFC 4180, UTF-8 with a byte order mark, which spreadsheets ask for), what is urgent first.

    The columns are the same for every `kind` of row: warning, referral, relax, target, item, ingredient, total,
    shopping, excluded, missed, timing, limit; what a kind has no use for is empty. Day 1 is the first. A figure that
    is not known is empty, which is not zero; `note` of a total names the figures that are a least.
    """
    written = io.StringIO()
    table = csv.DictWriter(written, _COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for row in _rows(plan):
        table.writerow({name: _cell(value) for name, value in row.items()})
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 2)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _rows(plan: DietPlan) -> Iterator[_Row]:
    urgent, warnings = told_first(plan)
    yield from ({"kind": "warning", "note": text} for text in (urgent,) if text)
    yield from ({"kind": "referral", "note": text} for text in plan.referral)
    yield from ({"kind": "warning", "note": text} for text in warnings)
    yield from ({"kind": "relax", "name": one.constraint, "note": one.text} for one in plan.relax)
    for need in plan.needs:
        figure = {need.key: need.value} if need.key in _FIGURES else {}
        yield {"kind": "target", "name": need.name, **figure, "note": f"{target_text(need)} a day. {need.formula}"}
    for number, day in enumerate(plan.days, 1):
        yield from _day(day, number)
    for bought in plan.shopping:
        yield {"kind": "shopping", "name": bought.food, "grams": bought.grams, "note": bought.group}
    for one in plan.excluded:
        note = f"{one.reason} [{one.source.title}]" if one.source else one.reason
        yield {"kind": "excluded", "name": one.food, "food_id": one.food_id, "note": note}
    for wish in plan.missed:
        note = f"{wish.text} [{wish.source.title}]" if wish.source else wish.text
        yield {"kind": "missed", "name": wish.liked, "note": note}
    for timing in plan.timings:
        yield {"kind": "timing", "name": timing.drug, "note": f"{timing.text} [{timing.source.title}]"}
    yield from ({"kind": "limit", "note": text} for text in LIMITS)


def _day(day: Day, number: int) -> Iterator[_Row]:
    for meal in day.meals:
        place: _Row = {"day": number, "meal": meal.name}
        for item in meal.items:
            figures = {"grams": item.grams, "energy_kcal": item.energy_kcal, "protein_g": item.protein_g}
            named = {"name": item.food, "food_id": item.food_id, "amount": item.household}
            yield {"kind": "item", **place, **named, **figures, "note": item.method}
            for part in item.ingredients:
                within = {"name": part.food, "food_id": part.food_id, "grams": part.grams}
                yield {"kind": "ingredient", **place, **within, "note": f"in {item.food}"}
    least = f"at least, some figures not known: {', '.join(day.unknown)}" if day.unknown else ""
    yield {"kind": "total", "day": number, **day.totals.model_dump(), "note": least}
